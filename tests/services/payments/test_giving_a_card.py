"""A card is given on the hosted page: held, saved, outgrown, replaced, or not given at all."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace import db
from marketplace.payments import acts
from models.actors import Actor
from models.buying import GroupBuy, WithdrawalPolicy
from models.collaborations import CommitmentState, State
from models.ledger import Account
from models.payments import AttemptState, Instrument, PaymentState
from services import buying, payments
from services.buying.changing import CardCoversNoMore
from services.gateways.answers import IntentState
from services.payments import wallets
from tests import make_buying
from tests.make_payments import Bank, attempts, balances, own_balance, payment
from tests.services.payments.paying import WHERE, come_back, joined, open_page

pytestmark = pytest.mark.usefixtures("at_the_door")


def test_the_worst_case_is_held_on_the_card_if_the_deal_closes_soon(
    session: Session, bank: Bank, soon: GroupBuy, bob: Actor, now: datetime
):
    commitment_id = joined(session, soon, bob, 5, now)

    bank.use(open_page(commitment_id, bob, now))
    come_back(session, commitment_id, now)

    held = payment(session, commitment_id)
    assert (held.state, held.instrument) == (PaymentState.READY, Instrument.HELD_ON_CARD)
    assert (held.amount_minor, held.consent) == (20_000, "At most so much.")
    assert held.capture_before_at == now + timedelta(days=7)
    assert bank.read(held).state is IntentState.HELD


def test_of_a_hold_only_what_is_due_is_taken(
    session: Session, bank: Bank, soon: GroupBuy, bob: Actor, charlie: Actor, now: datetime
):
    commitment_id = joined(session, soon, bob, 5, now)
    bank.use(open_page(commitment_id, bob, now))
    come_back(session, commitment_id, now)
    bank.join(session, soon, charlie, 15, now=now)

    bank.run(session, soon.closes_at)

    paid = payment(session, commitment_id)
    assert (paid.state, paid.amount_minor) == (PaymentState.PAID, 18_000)
    assert bank.read(paid).taken_minor == 18_000
    assert own_balance(session, bob) == 0
    assert balances(session, soon) == {"pot": 72_000, "gateway": -72_000}
    assert soon.state == State.RUNNING


def test_a_saved_card_is_charged_when_it_is_decided(
    session: Session, bank: Bank, deal: GroupBuy, bob: Actor, now: datetime
):
    commitment_id = joined(session, deal, bob, 5, now)
    bank.use(open_page(commitment_id, bob, now))
    come_back(session, commitment_id, now)
    saved = payment(session, commitment_id)
    assert (saved.state, saved.instrument) == (PaymentState.READY, Instrument.SAVED_CARD)

    bank.run(session, deal.closes_at)

    paid = payment(session, commitment_id)
    assert (paid.state, paid.amount_minor) == (PaymentState.PAID, 20_000)
    assert [one.state for one in attempts(session, commitment_id)] == [AttemptState.SUCCEEDED]
    assert balances(session, deal) == {"pot": 20_000, "gateway": -20_000}
    assert deal.state == State.RUNNING


def test_where_nothing_is_owed_both_holds_end(
    session: Session, bank: Bank, alice: Actor, bob: Actor, now: datetime
):
    free = make_buying.olive_oil(tiers=[(1, 4000), (5, 0)])
    deal = make_buying.group_buy(
        session, alice, now=now, closes_at=now + timedelta(days=2), articles=[free]
    )
    commitment_id = joined(session, deal, bob, 5, now)
    bank.use(open_page(commitment_id, bob, now))
    come_back(session, commitment_id, now)
    intent_key = payment(session, commitment_id).intent_key

    bank.run(session, deal.closes_at)

    assert payment(session, commitment_id).state == PaymentState.RELEASED
    assert bank.gateway.read_intent(intent_key).state is IntentState.CANCELLED
    held = session.scalar(select(Account.held_minor).filter_by(owner_id=bob.participant.id))
    assert held == 0
    assert deal.state == State.RUNNING


def test_coming_back_twice_is_the_same_as_once(
    session: Session, bank: Bank, soon: GroupBuy, bob: Actor, now: datetime
):
    commitment_id = joined(session, soon, bob, 5, now)
    bank.use(open_page(commitment_id, bob, now))
    key = payment(session, commitment_id).checkout_key

    with db.at(now):
        acts.read_page(key)
        first = payment(session, commitment_id).intent_key
        acts.read_page(key)

    again = payment(session, commitment_id)
    assert (again.state, again.intent_key) == (PaymentState.READY, first)
    assert bank.read(again).state is IntentState.HELD


def test_a_double_click_opens_one_page(
    session: Session, bank: Bank, soon: GroupBuy, bob: Actor, now: datetime
):
    commitment_id = joined(session, soon, bob, 5, now)

    assert open_page(commitment_id, bob, now) == open_page(commitment_id, bob, now)


def test_two_who_open_at_once_get_one_page(
    session: Session, bank: Bank, soon: GroupBuy, bob: Actor, now: datetime
):
    commitment_id = joined(session, soon, bob, 5, now)
    plan = payments.plan_checkout(session, commitment_id, consent="", actor=bob, now=now)
    customer = wallets.introduce(bank.gateway, bob.participant.id, bob.member.email)

    first = payments.number_checkout(session, plan)
    second = payments.number_checkout(session, plan)
    opened = [
        payments.open_checkout(bank.gateway, one, customer, **vars(WHERE))
        for one in (first, second)
    ]

    assert opened[0].id == opened[1].id


def test_a_page_that_was_left_unused_gives_way_to_another_when_the_order_changed(
    session: Session, bank: Bank, soon: GroupBuy, bob: Actor, now: datetime
):
    commitment_id = joined(session, soon, bob, 5, now)
    before = open_page(commitment_id, bob, now)
    commitment = buying.commitment(session, soon, commitment_id, actor=bob)
    buying.change(
        session, soon, commitment, make_buying.order(session, soon, 6), actor=bob, now=now
    )

    after = open_page(commitment_id, bob, now)

    assert after != before
    bank.use(after)
    come_back(session, commitment_id, now)
    assert payment(session, commitment_id).amount_minor == 24_000


@pytest.mark.parametrize(
    ("policy", "before_the_close"),
    [
        (WithdrawalPolicy.FREE_UNTIL_LAST_DAY, timedelta(hours=20)),
        (WithdrawalPolicy.FREE_UNTIL_LAST_DAY, timedelta(hours=24, minutes=14)),
        (WithdrawalPolicy.NOT_IF_IT_UNTIPS, timedelta(days=4)),
        (WithdrawalPolicy.ONLY_WITH_REPLACEMENT, timedelta(days=4)),
    ],
)
def test_nobody_leaves_by_outgrowing_the_hold_and_giving_no_other_card(
    session: Session,
    bank: Bank,
    alice: Actor,
    bob: Actor,
    now: datetime,
    policy: WithdrawalPolicy,
    before_the_close: timedelta,
):
    deal = make_buying.group_buy(
        session, alice, now=now, closes_at=now + before_the_close, withdrawal_policy=policy
    )
    commitment_id = joined(session, deal, bob, 5, now)
    bank.use(open_page(commitment_id, bob, now))
    come_back(session, commitment_id, now)
    commitment = buying.commitment(session, deal, commitment_id, actor=bob)
    more = make_buying.order(session, deal, 6)

    with pytest.raises(CardCoversNoMore), session.begin_nested():
        buying.change(session, deal, commitment, more, actor=bob, now=now)
    session.expire_all()
    bank.run(session, now + timedelta(minutes=16))

    assert payment(session, commitment_id).state == PaymentState.READY
    assert payment(session, commitment_id).commitment.state == CommitmentState.ACTIVE


def test_a_hold_that_an_order_outgrew_is_let_go_and_asked_for_again(
    session: Session, bank: Bank, soon: GroupBuy, bob: Actor, now: datetime
):
    commitment_id = joined(session, soon, bob, 5, now)
    bank.use(open_page(commitment_id, bob, now))
    come_back(session, commitment_id, now)
    small = payment(session, commitment_id).intent_key
    commitment = buying.commitment(session, soon, commitment_id, actor=bob)

    buying.change(
        session, soon, commitment, make_buying.order(session, soon, 6), actor=bob, now=now
    )
    bank.run(session, now)

    assert payment(session, commitment_id).state == PaymentState.AWAITING_CARD
    assert bank.gateway.read_intent(small).state is IntentState.CANCELLED
    bank.use(open_page(commitment_id, bob, now))
    come_back(session, commitment_id, now)
    assert payment(session, commitment_id).amount_minor == 24_000


def test_without_a_card_the_order_is_withdrawn_after_fifteen_minutes(
    session: Session, bank: Bank, deal: GroupBuy, bob: Actor, now: datetime
):
    commitment_id = joined(session, deal, bob, 5, now)

    bank.run(session, now + timedelta(minutes=14))
    assert payment(session, commitment_id).state == PaymentState.AWAITING_CARD
    bank.run(session, now + timedelta(minutes=15))

    assert payment(session, commitment_id).state == PaymentState.RELEASED
    assert payment(session, commitment_id).commitment.state == CommitmentState.WITHDRAWN
    assert own_balance(session, bob) == 0


def test_a_card_given_in_time_counts_even_if_nobody_told_us(
    session: Session, bank: Bank, soon: GroupBuy, bob: Actor, now: datetime
):
    commitment_id = joined(session, soon, bob, 5, now)
    bank.use(open_page(commitment_id, bob, now))

    bank.run(session, now + timedelta(minutes=15))

    assert payment(session, commitment_id).state == PaymentState.READY


def test_a_page_that_the_gateway_does_not_know_keeps_no_units(
    session: Session, moved: tuple[int, Bank], now: datetime
):
    commitment_id, other = moved

    other.run(session, now + timedelta(minutes=15))

    assert payment(session, commitment_id).commitment.state == CommitmentState.WITHDRAWN


def test_a_page_that_the_gateway_does_not_know_gives_way_to_another(
    session: Session, moved: tuple[int, Bank], bob: Actor, now: datetime
):
    commitment_id, other = moved

    other.use(open_page(commitment_id, bob, now))
    come_back(session, commitment_id, now)

    assert payment(session, commitment_id).state == PaymentState.READY


def test_a_page_that_the_gateway_does_not_know_holds_up_no_charge(
    session: Session, app: Flask, bank: Bank, deal: GroupBuy, bob: Actor, now: datetime
):
    commitment_id = bank.join(session, deal, bob, 5, card="pm_card_chargeCustomerFail", now=now)
    at = deal.closes_at
    bank.run(session, at)
    bank.moment = at
    open_page(commitment_id, bob, at)
    other = Bank(app, at)

    other.run(session, at + timedelta(hours=48))

    tried = payment(session, commitment_id)
    assert (tried.state, tried.decline_code) == (PaymentState.DECLINED, "resource_missing")


def test_a_page_that_is_used_after_the_order_was_withdrawn_holds_nothing(
    session: Session, bank: Bank, soon: GroupBuy, bob: Actor, now: datetime
):
    commitment_id = joined(session, soon, bob, 5, now)
    url = open_page(commitment_id, bob, now)
    key = payment(session, commitment_id).checkout_key
    commitment = buying.commitment(session, soon, commitment_id, actor=bob)
    buying.withdraw(session, soon, commitment, actor=bob, now=now)
    bank.use(url)

    bank.run(session, now)

    news = payments.read_page(bank.gateway, key)
    assert news is not None
    assert news.intent is not None
    assert news.intent.state is IntentState.CANCELLED
    assert payment(session, commitment_id).state == PaymentState.RELEASED

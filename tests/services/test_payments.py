"""Bob pays by card for Alice's olive oil: promised before the close, charged after it."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from marketplace import db, jobs
from marketplace.payments import acts
from models.actors import Actor
from models.buying import GroupBuy, WithdrawalPolicy
from models.collaborations import CommitmentState, State
from models.errors import NotFound
from models.ledger import Account
from models.lifecycle import NotInThisState
from models.payments import (
    AttemptState,
    CardInUse,
    Instrument,
    PaymentNotDue,
    PaymentState,
    RefundState,
)
from services import buying, payments
from services.buying import cash_back
from services.buying.changing import CardCoversNoMore
from services.gateways.answers import GatewayUnreachable, IntentState
from services.payments import wallets
from tests import make_buying
from tests.make_payments import (
    Bank,
    attempts,
    balances,
    own_balance,
    payment,
    refunds,
)

WHERE = acts.Addresses(
    "http://localhost/payments/return?session_id={CHECKOUT_SESSION_ID}",
    "http://localhost/back",
    "en",
)


@pytest.fixture
def bank(app: Flask, now: datetime) -> Iterator[Bank]:
    yield Bank(app, now)
    del app.extensions["gateway"]


@pytest.fixture
def at_the_door(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


pytestmark = pytest.mark.usefixtures("at_the_door")


@pytest.fixture
def deal(session: Session, alice: Actor, now: datetime) -> GroupBuy:
    """Closes in two weeks: too long for a hold, so cards are saved."""
    return make_buying.group_buy(session, alice, now=now, closes_at=now + timedelta(days=14))


@pytest.fixture
def soon(session: Session, alice: Actor, now: datetime) -> GroupBuy:
    """Closes in five days: short enough to hold the worst case."""
    return make_buying.group_buy(session, alice, now=now, closes_at=now + timedelta(days=5))


def open_page(commitment_id: int, actor: Actor, at: datetime) -> str:
    with db.at(at):
        return acts.open_page(commitment_id, "At most so much.", WHERE, actor)


def come_back(session: Session, commitment_id: int, at: datetime) -> None:
    key = payment(session, commitment_id).checkout_key
    with db.at(at):
        assert acts.read_page(key) == commitment_id


def joined(session: Session, deal: GroupBuy, actor: Actor, units: int, now: datetime) -> int:
    return make_buying.join(
        session, deal, actor, units, method=make_buying.PaymentMethod.CARD, now=now
    )


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


@pytest.fixture
def moved(
    session: Session, app: Flask, bank: Bank, soon: GroupBuy, bob: Actor, now: datetime
) -> tuple[int, Bank]:
    """Bob's order with a page at a gateway that the operator has exchanged for another since."""
    commitment_id = joined(session, soon, bob, 5, now)
    open_page(commitment_id, bob, now)
    return commitment_id, Bank(app, now)


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


def test_messages_in_any_order_and_any_often_lead_to_the_same(
    session: Session, bank: Bank, soon: GroupBuy, bob: Actor, now: datetime, app: Flask
):
    commitment_id = joined(session, soon, bob, 5, now)
    bank.use(open_page(commitment_id, bob, now))
    client = app.test_client()

    with db.at(now):
        for body, headers in list(reversed(bank.webhooks())) * 3:
            assert client.post("/payments/webhook", data=body, headers=headers).status_code == 200
    bank.run(session, now)

    held = payment(session, commitment_id)
    assert (held.state, held.amount_minor) == (PaymentState.READY, 20_000)
    bank.run(session, soon.closes_at)
    with db.at(soon.closes_at):
        for body, headers in list(reversed(bank.webhooks())) * 3:
            assert client.post("/payments/webhook", data=body, headers=headers).status_code == 200
    bank.run(session, soon.closes_at)
    assert payment(session, commitment_id).state == PaymentState.PAID
    assert balances(session, soon) == {"pot": 20_000, "gateway": -20_000}


@pytest.mark.parametrize(
    ("card", "state", "final"),
    [
        ("pm_card_visa", PaymentState.PAID, None),
        ("pm_card_mastercard", PaymentState.PAID, None),
        ("pm_card_authenticationRequired", PaymentState.NEEDS_ACTION, None),
        ("pm_card_authenticationRequiredOnSetup", PaymentState.NEEDS_ACTION, None),
        ("pm_card_chargeCustomerFail", PaymentState.DECLINED, False),
        ("pm_card_chargeDeclined", PaymentState.DECLINED, False),
        ("pm_card_chargeDeclinedInsufficientFunds", PaymentState.DECLINED, False),
        ("pm_card_chargeDeclinedProcessingError", PaymentState.DECLINED, False),
        ("pm_card_chargeDeclinedLostCard", PaymentState.DECLINED, True),
        ("pm_card_chargeDeclinedStolenCard", PaymentState.DECLINED, True),
        ("pm_card_chargeDeclinedExpiredCard", PaymentState.DECLINED, True),
    ],
)
def test_every_test_card_ends_where_it_should(
    session: Session,
    bank: Bank,
    deal: GroupBuy,
    bob: Actor,
    now: datetime,
    card: str,
    state: PaymentState,
    final: bool | None,
):
    commitment_id = bank.join(session, deal, bob, 5, card=card, now=now)

    bank.run(session, deal.closes_at)

    came_to = payment(session, commitment_id)
    assert came_to.state == state
    if state == PaymentState.DECLINED:
        assert (came_to.next_try_at is None) == final
        assert came_to.decline_code
    assert own_balance(session, bob) == (0 if state == PaymentState.PAID else -20_000)


def test_a_soft_decline_is_tried_four_times_each_under_a_key_of_its_own(
    session: Session, bank: Bank, deal: GroupBuy, bob: Actor, now: datetime
):
    commitment_id = bank.join(session, deal, bob, 5, card="pm_card_chargeCustomerFail", now=now)
    closes_at = deal.closes_at

    for hours in (0, 47, 48, 96, 144, 150):
        bank.run(session, closes_at + timedelta(hours=hours))

    tries = attempts(session, commitment_id)
    assert [one.sent_at - closes_at for one in tries] == [
        timedelta(hours=hours) for hours in (0, 48, 96, 144)
    ]
    assert len({one.key for one in tries}) == 4
    assert payment(session, commitment_id).next_try_at is None


def test_a_short_window_leaves_no_time_for_late_tries(
    session: Session, bank: Bank, alice: Actor, bob: Actor, now: datetime
):
    deal = make_buying.group_buy(session, alice, now=now, collecting_days=2)
    commitment_id = bank.join(session, deal, bob, 5, card="pm_card_chargeCustomerFail", now=now)

    bank.run(session, deal.closes_at)

    assert payment(session, commitment_id).next_try_at is None


@pytest.mark.parametrize("card", ["pm_card_chargeCustomerFail", "pm_card_authenticationRequired"])
def test_a_charge_that_failed_is_repaired_on_the_hosted_page(
    session: Session, bank: Bank, deal: GroupBuy, bob: Actor, now: datetime, card: str
):
    commitment_id = bank.join(session, deal, bob, 5, card=card, now=now)
    bank.run(session, deal.closes_at)
    at = deal.closes_at + timedelta(hours=1)
    bank.moment = at

    bank.use(open_page(commitment_id, bob, at))
    come_back(session, commitment_id, at)
    bank.run(session, at)

    assert payment(session, commitment_id).state == PaymentState.PAID
    assert own_balance(session, bob) == 0
    assert deal.state == State.RUNNING
    bank.run(session, at + timedelta(days=8))
    assert len(attempts(session, commitment_id)) == 1


def test_a_page_paid_just_before_a_retry_is_not_paid_twice(
    session: Session, bank: Bank, deal: GroupBuy, bob: Actor, now: datetime
):
    commitment_id = bank.join(session, deal, bob, 5, card="pm_card_chargeCustomerFail", now=now)
    bank.run(session, deal.closes_at)
    at = deal.closes_at + timedelta(hours=47)
    bank.moment = at
    bank.use(open_page(commitment_id, bob, at))

    bank.run(session, deal.closes_at + timedelta(hours=48))

    assert payment(session, commitment_id).state == PaymentState.PAID
    assert balances(session, deal) == {"pot": 20_000, "gateway": -20_000}
    assert not refunds(session, commitment_id)


def test_who_gave_no_card_before_the_close_is_no_part_of_it(
    session: Session, bank: Bank, soon: GroupBuy, bob: Actor, charlie: Actor, now: datetime
):
    """Else somebody without a card could bring down a price that all others cannot pay for."""
    make_buying.join(session, soon, charlie, 6, now=now)
    late = soon.closes_at - timedelta(minutes=5)
    commitment_id = joined(session, soon, bob, 44, late)
    assert soon.price_now_minor == 3600
    bank.moment = late
    url, key = open_page(commitment_id, bob, late), payment(session, commitment_id).checkout_key
    with db.at(late):
        standing = payments.standing(session, commitment_id, actor=bob, now=late)
    assert standing.card_until_at == soon.closes_at

    bank.run(session, soon.closes_at)

    found = payment(session, commitment_id)
    assert (found.state, found.commitment.state) == (PaymentState.RELEASED, CommitmentState.OUT)
    assert found.commitment.out_reason == "no_card"
    assert soon.state == State.RUNNING
    [charlies] = buying.commitments(session, soon, [CommitmentState.IN])
    assert charlies.due_minor == 6 * 4000
    # A card that comes too late holds nothing and pays for nothing.
    bank.use(url)
    with db.at(soon.closes_at):
        acts.read_page(key)
    bank.run(session, soon.closes_at + timedelta(minutes=30))
    assert payment(session, commitment_id).state == PaymentState.RELEASED
    assert balances(session, soon) == {"pot": 24_000}


def test_a_card_given_before_the_close_counts_though_nobody_told_us(
    session: Session, bank: Bank, soon: GroupBuy, bob: Actor, now: datetime
):
    late = soon.closes_at - timedelta(minutes=5)
    commitment_id = joined(session, soon, bob, 5, late)
    bank.moment = late
    bank.use(open_page(commitment_id, bob, late))
    assert payment(session, commitment_id).state == PaymentState.AWAITING_CARD

    bank.run(session, soon.closes_at)

    found = payment(session, commitment_id)
    assert (found.state, found.commitment.state) == (PaymentState.PAID, CommitmentState.IN)


def test_a_page_that_is_read_again_after_the_close_asks_no_card_again(
    session: Session, bank: Bank, deal: GroupBuy, bob: Actor, now: datetime
):
    commitment_id = joined(session, deal, bob, 5, now)
    bank.use(open_page(commitment_id, bob, now), "4000000000000341")
    key = payment(session, commitment_id).checkout_key
    come_back(session, commitment_id, now)
    bank.run(session, deal.closes_at)

    for _ in range(3):
        with db.at(deal.closes_at):
            acts.read_page(key)
        bank.run(session, deal.closes_at)

    assert [one.state for one in attempts(session, commitment_id)] == [AttemptState.DECLINED]


def test_a_page_that_is_read_again_ends_no_charge_that_waits_for_its_cardholder(
    session: Session, bank: Bank, deal: GroupBuy, bob: Actor, now: datetime
):
    commitment_id = joined(session, deal, bob, 5, now)
    bank.approve(bank.use(open_page(commitment_id, bob, now), "4000002760003184"))
    key = payment(session, commitment_id).checkout_key
    come_back(session, commitment_id, now)
    bank.run(session, deal.closes_at)
    waiting = payment(session, commitment_id).intent_key

    with db.at(deal.closes_at):
        acts.read_page(key)

    found = payment(session, commitment_id)
    assert (found.state, found.intent_key) == (PaymentState.NEEDS_ACTION, waiting)
    assert waiting


def test_a_lapsed_hold_is_replaced_by_a_charge(
    session: Session, bank: Bank, soon: GroupBuy, bob: Actor, now: datetime
):
    commitment_id = joined(session, soon, bob, 5, now)
    bank.use(open_page(commitment_id, bob, now))
    come_back(session, commitment_id, now)
    buying.pause(session, soon, reason="Asked to wait.", actor=bob, now=now)
    bank.moment = now + timedelta(days=9)
    buying.resume(session, soon, actor=bob, now=bank.moment)

    bank.run(session, bank.moment)

    paid = payment(session, commitment_id)
    assert (paid.state, paid.instrument) == (PaymentState.PAID, Instrument.SAVED_CARD)
    assert [one.decline_code for one in attempts(session, commitment_id)] == ["hold_lost", ""]
    assert balances(session, soon) == {"pot": 20_000, "gateway": -20_000}


def test_a_hold_that_would_lapse_before_the_close_gives_way_to_the_card_itself(
    session: Session, bank: Bank, soon: GroupBuy, bob: Actor, now: datetime
):
    commitment_id = joined(session, soon, bob, 5, now)
    bank.use(open_page(commitment_id, bob, now))
    come_back(session, commitment_id, now)
    intent_key = payment(session, commitment_id).intent_key
    buying.pause(session, soon, reason="Asked to wait.", actor=bob, now=now)
    almost = now + timedelta(days=6)

    payments.sweep(session, now=almost - timedelta(minutes=1))
    assert payment(session, commitment_id).instrument == Instrument.HELD_ON_CARD
    payments.sweep(session, now=almost)
    bank.run(session, almost)

    kept = payment(session, commitment_id)
    assert (kept.state, kept.instrument) == (PaymentState.READY, Instrument.SAVED_CARD)
    assert kept.capture_before_at is None
    assert bank.gateway.read_intent(intent_key).state is IntentState.CANCELLED
    buying.resume(session, soon, actor=bob, now=almost)
    bank.run(session, almost)
    assert [one.decline_code for one in attempts(session, commitment_id)] == [""]
    assert payment(session, commitment_id).state == PaymentState.PAID


def test_a_charge_whose_answer_was_lost_is_asked_for_again_and_made_once(
    session: Session, bank: Bank, deal: GroupBuy, bob: Actor, now: datetime
):
    commitment_id = bank.join(session, deal, bob, 5, now=now)
    bank.fault("connection_lost", "/v1/payment_intents")
    with pytest.raises(GatewayUnreachable):
        bank.run(session, deal.closes_at)
    assert [one.state for one in attempts(session, commitment_id)] == [AttemptState.SENT]
    at = deal.closes_at + timedelta(minutes=5)
    payments.sweep(session, now=at)

    bank.run(session, at)

    assert payment(session, commitment_id).state == PaymentState.PAID
    assert balances(session, deal) == {"pot": 20_000, "gateway": -20_000}


def test_a_worker_that_died_between_call_and_record_charges_nobody_twice(
    session: Session, bank: Bank, deal: GroupBuy, bob: Actor, now: datetime
):
    commitment_id = bank.join(session, deal, bob, 5, now=now)
    buying.close(session, deal.id, now=deal.closes_at)
    payments.charge_batch(session, deal.id, now=deal.closes_at)
    payment_id = payment(session, commitment_id).id
    call = payments.begin_charge(session, payment_id, now=deal.closes_at)
    assert call is not None
    first = payments.send_charge(bank.gateway, call)

    with db.at(deal.closes_at):
        acts.charge(payment_id)
        acts.charge(payment_id)

    paid = payment(session, commitment_id)
    assert paid.state == PaymentState.PAID
    assert getattr(first, "intent_id", "") == paid.intent_key
    payments.record_charge(session, call, first, now=deal.closes_at)
    assert balances(session, deal) == {"pot": 20_000, "gateway": -20_000}
    assert not refunds(session, commitment_id)


def test_a_try_whose_key_is_forgotten_is_not_repeated_and_late_money_still_counts(
    session: Session, bank: Bank, deal: GroupBuy, bob: Actor, now: datetime
):
    commitment_id = bank.join(session, deal, bob, 5, now=now)
    buying.close(session, deal.id, now=deal.closes_at)
    payments.charge_batch(session, deal.id, now=deal.closes_at)
    payment_id = payment(session, commitment_id).id
    call = payments.begin_charge(session, payment_id, now=deal.closes_at)
    assert call is not None
    charged = payments.send_charge(bank.gateway, call)
    at = deal.closes_at + timedelta(days=2)

    with db.at(at):
        acts.charge(payment_id)
        assert payment(session, commitment_id).decline_code == "no_answer"
        acts.read_charge(getattr(charged, "intent_id", ""))

    assert payment(session, commitment_id).state == PaymentState.PAID
    assert balances(session, deal) == {"pot": 20_000, "gateway": -20_000}


def test_a_charge_that_is_asked_for_again_is_not_remembered_any_longer_for_it(
    session: Session, bank: Bank, deal: GroupBuy, bob: Actor, now: datetime
):
    commitment_id = bank.join(session, deal, bob, 5, now=now)
    bank.fault("connection_lost", "/v1/payment_intents")
    with pytest.raises(GatewayUnreachable):
        bank.run(session, deal.closes_at)
    payment_id = payment(session, commitment_id).id
    late = deal.closes_at + timedelta(hours=22)
    bank.fault("unavailable", "/v1/payment_intents")
    with db.at(late), pytest.raises(GatewayUnreachable):
        acts.charge(payment_id)

    # By now the gateway has forgotten the key, and would charge anew under it.
    bank.moment = deal.closes_at + timedelta(hours=30)
    with db.at(bank.moment):
        acts.charge(payment_id)
    hear(session, bank, bank.moment)

    assert payment(session, commitment_id).state == PaymentState.PAID
    assert balances(session, deal) == {"pot": 20_000, "gateway": -20_000}
    assert not refunds(session, commitment_id)


def test_a_second_charge_for_the_same_is_given_back_whole(
    session: Session, bank: Bank, deal: GroupBuy, bob: Actor, now: datetime
):
    commitment_id = bank.join(session, deal, bob, 5, now=now)
    bank.run(session, deal.closes_at)
    paid = payment(session, commitment_id)
    customer = wallets.customer_key(session, bob.participant.id)
    second = bank.gateway.charge_off_session(
        customer,
        paid.payment_method_key,
        20_000,
        "EUR",
        key="somebody else's",
        metadata={"payment": str(paid.id)},
    )

    with db.at(deal.closes_at):
        acts.read_charge(getattr(second, "intent_id", ""))
        acts.read_charge(getattr(second, "intent_id", ""))
    bank.run(session, deal.closes_at)

    [refund] = refunds(session, commitment_id)
    assert (refund.amount_minor, refund.state) == (20_000, RefundState.SUCCEEDED)
    assert payment(session, commitment_id).refunded_minor == 0
    assert own_balance(session, bob) == 0
    assert balances(session, deal) == {"pot": 20_000, "gateway": -20_000}


def test_a_cancelled_deal_gives_everything_back_once(
    session: Session, bank: Bank, deal: GroupBuy, alice: Actor, bob: Actor, now: datetime
):
    commitment_id = bank.join(session, deal, bob, 5, now=now)
    bank.run(session, deal.closes_at)
    buying.cancel(session, deal, reason="The harvest froze.", actor=alice, now=deal.closes_at)

    bank.run(session, deal.closes_at)
    commitment = payment(session, commitment_id).commitment
    payments.give_back_many(session, deal, {commitment: "again"}, now=deal.closes_at)
    bank.run(session, deal.closes_at)

    [refund] = refunds(session, commitment_id)
    assert (refund.amount_minor, refund.state) == (20_000, RefundState.SUCCEEDED)
    assert bank.read(payment(session, commitment_id)).refunded_minor == 20_000
    assert own_balance(session, bob) == 0
    assert balances(session, deal) == {"pot": 0, "gateway": 0}


def test_a_charge_under_way_while_the_deal_is_cancelled_goes_back(
    session: Session, bank: Bank, deal: GroupBuy, alice: Actor, bob: Actor, now: datetime
):
    commitment_id = bank.join(session, deal, bob, 5, now=now)
    at = deal.closes_at
    buying.close(session, deal.id, now=at)
    payments.charge_batch(session, deal.id, now=at)
    call = payments.begin_charge(session, payment(session, commitment_id).id, now=at)
    assert call is not None
    answer = payments.send_charge(bank.gateway, call)
    buying.cancel(session, deal, reason="The harvest froze.", actor=alice, now=at)
    assert payment(session, commitment_id).state == PaymentState.CHARGING

    payments.record_charge(session, call, answer, now=at)
    bank.run(session, at)

    assert bank.read(payment(session, commitment_id)).refunded_minor == 20_000
    assert own_balance(session, bob) == 0
    assert balances(session, deal) == {"pot": 0, "gateway": 0}


def test_a_charge_that_was_only_planned_when_the_deal_was_cancelled_is_never_made(
    session: Session, bank: Bank, deal: GroupBuy, alice: Actor, bob: Actor, now: datetime
):
    commitment_id = bank.join(session, deal, bob, 5, now=now)
    at = deal.closes_at
    buying.close(session, deal.id, now=at)
    payments.charge_batch(session, deal.id, now=at)
    buying.cancel(session, deal, reason="The harvest froze.", actor=alice, now=at)

    bank.run(session, at)

    assert payment(session, commitment_id).state == PaymentState.RELEASED
    assert [one.state for one in attempts(session, commitment_id)] == [AttemptState.PLANNED]
    assert own_balance(session, bob) == 0


def test_a_refund_whose_answer_was_lost_is_made_once(
    session: Session, bank: Bank, deal: GroupBuy, alice: Actor, bob: Actor, now: datetime
):
    commitment_id = bank.join(session, deal, bob, 5, now=now)
    at = deal.closes_at
    bank.run(session, at)
    buying.cancel(session, deal, reason="The harvest froze.", actor=alice, now=at)
    bank.fault("connection_lost", "/v1/refunds")
    with pytest.raises(GatewayUnreachable):
        bank.run(session, at)
    [refund] = refunds(session, commitment_id)
    assert refund.state == RefundState.SENT
    # Two days later the gateway has forgotten the key, but not what it did.
    at += timedelta(days=2)
    payments.sweep(session, now=at)

    bank.run(session, at)

    assert refunds(session, commitment_id)[0].state == RefundState.SUCCEEDED
    assert bank.read(payment(session, commitment_id)).refunded_minor == 20_000
    assert balances(session, deal) == {"pot": 0, "gateway": 0}


def cancelled(
    session: Session, bank: Bank, deal: GroupBuy, alice: Actor, bob: Actor, card: str, now: datetime
) -> int:
    """Bob's order, paid by `card`; the deal is called off and the money sent back."""
    commitment_id = bank.join(session, deal, bob, 5, card=card, now=now)
    bank.run(session, deal.closes_at)
    buying.cancel(session, deal, reason="The harvest froze.", actor=alice, now=deal.closes_at)
    bank.run(session, deal.closes_at)
    return commitment_id


def hear(session: Session, bank: Bank, at: datetime) -> None:
    """Ask the gateway what happened until `at`, and look into it."""
    bank.moment = at
    with db.at(at):
        acts.fetch_missed()
    bank.run(session, at)


def test_a_refund_that_is_on_its_way_is_booked_when_it_has_arrived(
    session: Session, bank: Bank, deal: GroupBuy, alice: Actor, bob: Actor, now: datetime
):
    commitment_id = cancelled(session, bank, deal, alice, bob, "pm_card_pendingRefund", now)
    [on_its_way] = refunds(session, commitment_id)
    assert (on_its_way.state, bool(on_its_way.gateway_key)) == (RefundState.SENT, True)
    assert balances(session, deal) == {"pot": 0, "gateway": -20_000}

    hear(session, bank, deal.closes_at + timedelta(hours=2))

    assert refunds(session, commitment_id)[0].state == RefundState.SUCCEEDED
    assert balances(session, deal) == {"pot": 0, "gateway": 0}


def test_a_refund_on_its_way_is_looked_up_even_if_nobody_tells_us(
    session: Session, bank: Bank, deal: GroupBuy, alice: Actor, bob: Actor, now: datetime
):
    commitment_id = cancelled(session, bank, deal, alice, bob, "pm_card_pendingRefund", now)
    bank.moment = deal.closes_at + timedelta(hours=2)

    payments.sweep(session, now=bank.moment)
    bank.run(session, bank.moment)

    assert refunds(session, commitment_id)[0].state == RefundState.SUCCEEDED


def test_a_refund_that_comes_back_is_booked_back_and_tried_again_by_an_operator(
    session: Session,
    bank: Bank,
    deal: GroupBuy,
    alice: Actor,
    bob: Actor,
    dana: Actor,
    now: datetime,
):
    commitment_id = cancelled(session, bank, deal, alice, bob, "pm_card_refundFail", now)
    assert refunds(session, commitment_id)[0].state == RefundState.SUCCEEDED

    hear(session, bank, deal.closes_at + timedelta(hours=2))

    [failed] = payments.failed_refunds(session)
    assert (failed.amount_minor, failed.done_at) == (20_000, None)
    assert balances(session, deal) == {"pot": 0, "gateway": -20_000}
    assert own_balance(session, bob) == 20_000

    payments.try_refund_again(session, failed.id, actor=dana, now=bank.moment)
    bank.run(session, bank.moment)
    # What is told of the first try late says nothing of the second.
    payments.record_refund(
        session,
        payments.RefundCall(failed.id, 1, failed.intent_key, 20_000, "", False),
        None,
        now=bank.moment,
    )

    assert refunds(session, commitment_id)[0].state == RefundState.SUCCEEDED
    assert balances(session, deal) == {"pot": 0, "gateway": 0}
    with pytest.raises(NotInThisState):
        payments.try_refund_again(session, failed.id, actor=dana, now=bank.moment)


def test_what_no_card_takes_back_is_handed_back_by_those_who_organise(
    session: Session, bank: Bank, deal: GroupBuy, alice: Actor, bob: Actor, now: datetime
):
    cancelled(session, bank, deal, alice, bob, "pm_card_refundFail", now)
    assert cash_back.open_ones(session, deal) == []
    hear(session, bank, deal.closes_at + timedelta(hours=2))

    [back] = cash_back.open_ones(session, deal)
    assert (back.card_failed, back.amount_minor) == (True, 20_000)
    payments.hand_back(session, back.refund_id, actor=alice, now=bank.moment)

    assert cash_back.open_ones(session, deal) == []
    assert own_balance(session, bob) == 0
    assert balances(session, deal) == {"pot": 0, "gateway": -20_000, "cash": 20_000}


@pytest.mark.parametrize("hours", [1, 48], ids=["while the keys hold", "when they are forgotten"])
def test_two_refunds_of_one_charge_whose_answers_were_lost_are_told_apart(
    session: Session, bank: Bank, deal: GroupBuy, bob: Actor, now: datetime, hours: int
):
    commitment_id = bank.join(session, deal, bob, 5, now=now)
    at = deal.closes_at
    bank.run(session, at)
    commitment = buying.commitment(session, deal, commitment_id, actor=bob)
    for step in ("short", "weighed"):
        payments.lower_due(session, commitment, 300, step=step, reason="short_delivery", now=at)
    first, second = (one.id for one in refunds(session, commitment_id))
    # The first is made and nobody hears of it; the second is not made at all.
    for refund_id, fault in ((first, "connection_lost"), (second, "unavailable")):
        bank.fault(fault, "/v1/refunds")
        with db.at(at), pytest.raises(GatewayUnreachable):
            acts.refund(refund_id)

    bank.moment = at + timedelta(hours=hours)
    with db.at(bank.moment):
        acts.refund(second)
        acts.refund(first)

    assert {one.state for one in refunds(session, commitment_id)} == {RefundState.SUCCEEDED}
    assert bank.read(payment(session, commitment_id)).refunded_minor == 600
    assert balances(session, deal) == {"pot": 19_400, "gateway": -19_400}


def test_what_is_owed_goes_down_to_the_cent_and_what_was_paid_beyond_it_returns(
    session: Session, bank: Bank, deal: GroupBuy, bob: Actor, now: datetime
):
    commitment_id = bank.join(session, deal, bob, 5, now=now)
    at = deal.closes_at
    bank.run(session, at)
    commitment = buying.commitment(session, deal, commitment_id, actor=bob)

    for _ in range(2):
        payments.lower_due(
            session,
            commitment,
            1_333,
            step="short",
            reason="short_delivery",
            now=at,
        )
    bank.run(session, at)

    assert commitment.due_minor == 18_667
    assert [one.amount_minor for one in refunds(session, commitment_id)] == [1_333]
    assert payment(session, commitment_id).refunded_minor == 1_333
    assert own_balance(session, bob) == 0
    assert balances(session, deal) == {"pot": 18_667, "gateway": -18_667}


def test_goods_that_came_short_before_the_charge_are_not_charged(
    session: Session, bank: Bank, alice: Actor, bob: Actor, now: datetime
):
    deal = make_buying.group_buy(session, alice, now=now, collecting_days=0)
    commitment_id = bank.join(session, deal, bob, 5, now=now)
    at = deal.closes_at
    bank.run(session, at)
    assert (deal.state, payment(session, commitment_id).state) == (
        State.RUNNING,
        PaymentState.READY,
    )
    commitment = buying.commitment(session, deal, commitment_id, actor=bob)
    payments.lower_due(
        session,
        commitment,
        4_000,
        step="short",
        reason="short_delivery",
        now=at,
    )

    payments.request_charges(session, deal.id, now=at)
    bank.run(session, at)

    assert payment(session, commitment_id).amount_minor == 16_000
    assert balances(session, deal) == {"pot": 16_000, "gateway": -16_000}


def test_only_the_payer_sees_a_payment(
    session: Session, bank: Bank, deal: GroupBuy, bob: Actor, charlie: Actor, now: datetime
):
    commitment_id = joined(session, deal, bob, 5, now)

    assert payments.standing(session, commitment_id, actor=bob, now=now).amount_minor == 20_000
    with pytest.raises(NotFound):
        payments.standing(session, commitment_id, actor=charlie, now=now)
    with pytest.raises(NotFound):
        payments.plan_checkout(session, commitment_id, consent="", actor=charlie, now=now)


def test_nothing_is_opened_where_nothing_is_due(
    session: Session, bank: Bank, deal: GroupBuy, bob: Actor, now: datetime
):
    commitment_id = bank.join(session, deal, bob, 5, now=now)

    with pytest.raises(PaymentNotDue):
        payments.plan_checkout(session, commitment_id, consent="", actor=bob, now=now)
    with pytest.raises(PaymentNotDue):
        payments.use_saved_card(session, commitment_id, consent="", actor=bob, now=now)


def test_a_card_behind_an_open_payment_stays(
    session: Session, bank: Bank, deal: GroupBuy, bob: Actor, now: datetime
):
    commitment_id = bank.join(session, deal, bob, 5, now=now)
    card = payment(session, commitment_id).payment_method_key
    with pytest.raises(CardInUse):
        wallets.forget_card(session, bob.participant.id, card)

    bank.run(session, deal.closes_at)
    wallets.forget_card(session, bob.participant.id, card)

    standing = payments.standing(session, commitment_id, actor=bob, now=deal.closes_at)
    assert standing.saved_card is None


def test_what_the_sweep_asks_for_in_vain_it_asks_for_more_and_more_seldom(
    session: Session, bank: Bank, deal: GroupBuy, alice: Actor, bob: Actor, now: datetime
):
    commitment_id = bank.join(session, deal, bob, 5, now=now)
    at = deal.closes_at
    bank.run(session, at)
    buying.cancel(session, deal, reason="The harvest froze.", actor=alice, now=at)
    session.execute(text("DELETE FROM procrastinate_jobs"))

    asked = []
    for minute in range(181):
        payments.sweep(session, now=at + timedelta(minutes=minute))
        found = refunds(session, commitment_id)[0].asked_at
        if found is not None and found not in asked:
            asked.append(found)

    assert [(one - at) // timedelta(minutes=1) for one in asked] == [5, 10, 20, 40, 80, 140]


def test_the_sweep_finds_every_job_that_was_lost(
    session: Session, bank: Bank, deal: GroupBuy, bob: Actor, charlie: Actor, now: datetime
):
    abandoned = joined(session, deal, charlie, 5, now)
    session.execute(text("DELETE FROM procrastinate_jobs"))

    payments.sweep(session, now=now + timedelta(minutes=21))
    with db.at(now + timedelta(minutes=21)):
        jobs.run_due(at=now + timedelta(minutes=21))

    assert payment(session, abandoned).state == PaymentState.RELEASED

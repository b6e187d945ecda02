"""Bob pays Alice when he fetches the oil: it counts once both have said so."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session, aliased

from marketplace import jobs
from models.actors import Actor
from models.buying import GroupBuy
from models.collaborations import Commitment, NotTheOrganiser
from models.errors import NotFound
from models.events import Event
from models.ledger import Transfer
from models.participants import Participant, ParticipantKind
from models.payments import (
    DeniedTwice,
    NotYourConfirmation,
    PaymentNotDue,
    PaymentState,
    RefundState,
)
from services import buying, payments
from services.buying import steering
from services.payments import owing_less
from services.payments.own_debts import OwnReceipt
from tests import make, make_buying
from tests.make_payments import Bank, balances, own_balance, payment, refunds


@pytest.fixture
def deal(session: Session, alice: Actor, now: datetime) -> GroupBuy:
    return make_buying.group_buy(session, alice, now=now)


@pytest.fixture
def order(session: Session, deal: GroupBuy, bob: Actor, now: datetime) -> int:
    """Bob's five cans, decided and running."""
    commitment_id = make_buying.join(session, deal, bob, 5, now=now)
    buying.close(session, deal.id, now=deal.closes_at)
    return commitment_id


@pytest.mark.parametrize("payer_first", [True, False])
def test_it_is_paid_when_both_have_said_so(
    session: Session,
    deal: GroupBuy,
    order: int,
    alice: Actor,
    bob: Actor,
    now: datetime,
    payer_first: bool,
):
    acts = [(payments.confirm_paid, bob), (payments.confirm_received, alice)]
    (first, one), (second, other) = acts if payer_first else reversed(acts)

    first(session, order, actor=one, now=now)
    assert payment(session, order).state == PaymentState.CONFIRMED_BY_ONE
    assert own_balance(session, bob) == -20_000
    second(session, order, actor=other, now=now)

    paid = payment(session, order)
    assert (paid.state, paid.amount_minor, paid.paid_at) == (PaymentState.PAID, 20_000, now)
    assert own_balance(session, bob) == 0
    assert balances(session, deal) == {"pot": 20_000, "cash": -20_000}


def test_saying_it_twice_is_not_saying_it_for_the_other(
    session: Session, order: int, bob: Actor, now: datetime
):
    payments.confirm_paid(session, order, actor=bob, now=now)

    with pytest.raises(PaymentNotDue):
        payments.confirm_paid(session, order, actor=bob, now=now)

    assert payment(session, order).state == PaymentState.CONFIRMED_BY_ONE


def test_a_wrong_word_is_taken_back_until_both_have_spoken(
    session: Session, order: int, alice: Actor, bob: Actor, now: datetime
):
    payments.confirm_received(session, order, actor=alice, now=now)
    with pytest.raises(NotYourConfirmation):
        payments.take_back(session, order, actor=bob, now=now)

    payments.take_back(session, order, actor=alice, now=now)

    assert payment(session, order).state == PaymentState.AT_PICKUP
    payments.confirm_received(session, order, actor=alice, now=now)
    payments.confirm_paid(session, order, actor=bob, now=now)
    with pytest.raises(PaymentNotDue):
        payments.take_back(session, order, actor=alice, now=now)


def test_what_the_payer_says_was_paid_can_have_not_arrived(
    session: Session, order: int, alice: Actor, bob: Actor, charlie: Actor, now: datetime
):
    with pytest.raises(PaymentNotDue):
        payments.deny_paid(session, order, actor=alice, now=now)
    payments.confirm_paid(session, order, actor=bob, now=now)
    with pytest.raises(NotYourConfirmation):
        payments.deny_paid(session, order, actor=bob, now=now)
    with pytest.raises(NotFound):
        payments.deny_paid(session, order, actor=charlie, now=now)

    payments.deny_paid(session, order, actor=alice, now=now)

    denied = payment(session, order)
    assert (denied.state, denied.amount_minor) == (PaymentState.AT_PICKUP, 0)
    assert (denied.confirmed_by_payer_at, denied.denials_count) == (None, 1)
    payments.confirm_paid(session, order, actor=bob, now=now)
    payments.confirm_received(session, order, actor=alice, now=now)
    assert payment(session, order).state == PaymentState.PAID


def test_what_is_denied_twice_is_said_no_more_by_the_payer_alone(
    session: Session, order: int, alice: Actor, bob: Actor, now: datetime
):
    for _ in range(2):
        payments.confirm_paid(session, order, actor=bob, now=now)
        payments.deny_paid(session, order, actor=alice, now=now)

    with pytest.raises(DeniedTwice):
        payments.confirm_paid(session, order, actor=bob, now=now)

    found = session.scalars(select(Event).filter_by(kind="PaidDenied").order_by(Event.id))
    told = [(one.facts["amount_minor"], one.facts["is_final"]) for one in found]
    assert told == [(20_000, False), (20_000, True)]
    payments.confirm_received(session, order, actor=alice, now=now)
    payments.confirm_paid(session, order, actor=bob, now=now)
    assert payment(session, order).state == PaymentState.PAID


def test_what_was_called_off_and_did_not_arrive_is_over(
    session: Session, deal: GroupBuy, order: int, alice: Actor, bob: Actor, now: datetime
):
    payments.confirm_paid(session, order, actor=bob, now=now)
    steering.cancel(session, deal, reason="The mill burnt down.", actor=alice, now=now)

    payments.deny_paid(session, order, actor=alice, now=now)

    assert payment(session, order).state == PaymentState.RELEASED


def test_only_those_concerned_can_say_anything(
    session: Session, order: int, alice: Actor, bob: Actor, charlie: Actor, now: datetime
):
    with pytest.raises(NotYourConfirmation):
        payments.confirm_received(session, order, actor=bob, now=now)
    with pytest.raises(NotYourConfirmation):
        payments.confirm_paid(session, order, actor=alice, now=now)
    for act in (payments.confirm_paid, payments.confirm_received, payments.take_back):
        with pytest.raises(NotFound):
            act(session, order, actor=charlie, now=now)

    assert payment(session, order).state == PaymentState.AT_PICKUP


def test_a_co_organiser_does_not_confirm_what_they_owe_themself(
    session: Session, deal: GroupBuy, order: int, alice: Actor, bob: Actor, now: datetime
):
    make_buying.add_co_organiser(session, deal, bob.member.email, actor=alice, now=now)
    shop = make.organisation(session, "Kornhaus", owner=bob, now=now)
    payments.confirm_paid(session, order, actor=bob, now=now)

    for actor in (bob, shop):
        with pytest.raises(OwnReceipt):
            payments.confirm_received(session, order, actor=actor, now=now)
    assert payment(session, order).state == PaymentState.CONFIRMED_BY_ONE
    payments.confirm_received(session, order, actor=alice, now=now)

    assert payment(session, order).state == PaymentState.PAID


def test_who_takes_the_money_confirms_their_own(
    session: Session, deal: GroupBuy, alice: Actor, now: datetime
):
    own = make_buying.join(session, deal, alice, 5, now=now)
    buying.close(session, deal.id, now=deal.closes_at)

    payments.confirm_paid(session, own, actor=alice, now=now)
    payments.confirm_received(session, own, actor=alice, now=now)

    assert payment(session, own).state == PaymentState.PAID


def test_before_it_is_decided_nothing_is_due(
    session: Session, deal: GroupBuy, bob: Actor, now: datetime
):
    commitment_id = make_buying.join(session, deal, bob, 5, now=now)

    with pytest.raises(PaymentNotDue):
        payments.confirm_paid(session, commitment_id, actor=bob, now=now)


def test_for_a_guest_the_organiser_says_it_for_both(
    session: Session, deal: GroupBuy, alice: Actor, now: datetime
):
    guest: Participant = make.participant(
        session,
        "Oma",
        now=now,
        kind=ParticipantKind.GUEST,
        kept_by_id=alice.participant.id,
    )
    buying.find(session, deal.slug, actor=alice, lock=True)
    commitment_id = buying.join(
        session,
        deal,
        make_buying.order(session, deal, 5),
        actor=alice,
        participant=guest,
        now=now,
    )
    buying.close(session, deal.id, now=deal.closes_at)

    payments.confirm_received(session, commitment_id, actor=alice, now=now)

    paid = payment(session, commitment_id)
    assert paid.state == PaymentState.PAID
    assert (paid.confirmed_by_payer_at, paid.confirmed_by_payee_at) == (now, now)


def test_cash_goes_back_by_the_hand_that_took_it(
    session: Session, deal: GroupBuy, order: int, alice: Actor, bob: Actor, now: datetime
):
    payments.confirm_paid(session, order, actor=bob, now=now)
    payments.confirm_received(session, order, actor=alice, now=now)
    commitment = buying.commitment(session, deal, order, actor=bob)
    payments.lower_due(
        session,
        commitment,
        4_000,
        step="short",
        reason="short_delivery",
        now=now,
    )
    [refund] = refunds(session, order)
    assert (refund.state, own_balance(session, bob)) == (RefundState.WANTED, 4_000)
    with pytest.raises(NotTheOrganiser):
        payments.hand_back(session, refund.id, actor=bob, now=now)

    payments.hand_back(session, refund.id, actor=alice, now=now)

    assert refunds(session, order)[0].state == RefundState.SUCCEEDED
    assert own_balance(session, bob) == 0
    assert balances(session, deal) == {"pot": 16_000, "cash": -16_000}
    with pytest.raises(PaymentNotDue):
        payments.hand_back(session, refund.id, actor=alice, now=now)


@pytest.fixture
def bank(app: Flask, now: datetime) -> Iterator[Bank]:
    yield Bank(app, now)
    del app.extensions["gateway"]


def test_what_a_card_did_not_bring_is_paid_at_pickup_once_the_goods_are_ordered(
    session: Session, bank: Bank, alice: Actor, bob: Actor, charlie: Actor, now: datetime
):
    deal = make_buying.group_buy(session, alice, now=now, collecting_days=0)
    commitment_id = bank.join(session, deal, bob, 5, card="pm_card_chargeCustomerFail", now=now)
    bank.run(session, deal.closes_at)
    with pytest.raises(PaymentNotDue):
        payments.pay_by_hand(session, commitment_id, actor=bob, now=now)
    payments.request_charges(session, deal.id, now=deal.closes_at)
    bank.run(session, deal.closes_at)
    with pytest.raises(NotFound):
        payments.pay_by_hand(session, commitment_id, actor=charlie, now=now)

    payments.pay_by_hand(session, commitment_id, actor=bob, now=now)
    payments.confirm_paid(session, commitment_id, actor=bob, now=now)
    payments.confirm_received(session, commitment_id, actor=alice, now=now)

    assert payment(session, commitment_id).state == PaymentState.PAID
    assert balances(session, deal) == {"pot": 20_000, "cash": -20_000}
    bank.run(session, deal.closes_at + timedelta(days=7))
    assert balances(session, deal) == {"pot": 20_000, "cash": -20_000}


def test_while_a_card_can_still_pay_in_time_nothing_is_left_for_pickup(
    session: Session, bank: Bank, deal: GroupBuy, bob: Actor, now: datetime
):
    commitment_id = bank.join(session, deal, bob, 5, card="pm_card_chargeCustomerFail", now=now)
    bank.run(session, deal.closes_at)

    with pytest.raises(PaymentNotDue):
        payments.pay_by_hand(session, commitment_id, actor=bob, now=now)


def test_less_is_owed_before_it_is_paid(
    session: Session, deal: GroupBuy, order: int, alice: Actor, bob: Actor, now: datetime
):
    commitment = buying.commitment(session, deal, order, actor=bob)
    payments.lower_due(
        session,
        commitment,
        4_000,
        step="short",
        reason="short_delivery",
        now=now,
    )
    payments.confirm_paid(session, order, actor=bob, now=now)
    payments.confirm_received(session, order, actor=alice, now=now)

    assert payment(session, order).amount_minor == 16_000
    assert refunds(session, order) == []
    assert own_balance(session, bob) == 0


def reversals(session: Session) -> dict[str, str]:
    """What reversed what, by the keys without their numbers."""
    undone = aliased(Transfer)
    rows = session.execute(
        select(Transfer.key, undone.key).join(undone, undone.id == Transfer.reverses_id)
    )
    return {re.sub(r"\d+", "N", by): re.sub(r"\d+", "N", what) for by, what in rows}


@pytest.mark.parametrize(
    ("amount_minor", "expected"),
    [
        (
            20_000,
            {
                "commitment:N:short": "commitment:N:due",
                "refund:N:N:done": "payment:N:received",
            },
        ),
        (4_000, {}),
    ],
)
def test_what_is_undone_as_a_whole_is_linked_to_what_it_undoes(
    session: Session,
    deal: GroupBuy,
    order: int,
    alice: Actor,
    bob: Actor,
    now: datetime,
    amount_minor: int,
    expected: dict[str, str],
):
    payments.confirm_paid(session, order, actor=bob, now=now)
    payments.confirm_received(session, order, actor=alice, now=now)
    commitment = buying.commitment(session, deal, order, actor=bob)
    for _ in range(2):
        payments.lower_due(
            session, commitment, amount_minor, step="short", reason="short_delivery", now=now
        )
    [refund] = refunds(session, order)

    payments.hand_back(session, refund.id, actor=alice, now=now)

    assert reversals(session) == expected
    left = 20_000 - amount_minor
    assert balances(session, deal) == {"pot": left, "cash": -left}
    assert own_balance(session, bob) == 0


def test_what_was_said_to_be_paid_is_paid_though_less_is_owed_since(
    session: Session, deal: GroupBuy, order: int, alice: Actor, bob: Actor, now: datetime
):
    payments.confirm_paid(session, order, actor=bob, now=now)
    commitment = buying.commitment(session, deal, order, actor=bob)
    payments.lower_due(session, commitment, 8_000, step="short", reason="short", now=now)

    payments.confirm_received(session, order, actor=alice, now=now)

    assert payment(session, order).amount_minor == 20_000
    assert [one.amount_minor for one in refunds(session, order)] == [8_000]


def test_what_was_said_to_be_paid_outlives_the_group_buy(
    session: Session, deal: GroupBuy, order: int, alice: Actor, bob: Actor, now: datetime
):
    payments.confirm_paid(session, order, actor=bob, now=now)
    steering.cancel(session, deal, reason="The mill burnt down.", actor=alice, now=now)

    payments.confirm_received(session, order, actor=alice, now=now)

    [refund] = refunds(session, order)
    assert (refund.amount_minor, refund.state) == (20_000, RefundState.WANTED)
    payments.hand_back(session, refund.id, actor=alice, now=now)
    assert own_balance(session, bob) == 0
    assert not any(balances(session, deal).values())


def test_what_was_called_off_and_never_paid_is_over_once_it_is_taken_back(
    session: Session, deal: GroupBuy, order: int, alice: Actor, bob: Actor, now: datetime
):
    payments.confirm_paid(session, order, actor=bob, now=now)
    steering.cancel(session, deal, reason="The mill burnt down.", actor=alice, now=now)

    payments.take_back(session, order, actor=bob, now=now)

    assert payment(session, order).state == PaymentState.RELEASED


def test_what_was_received_is_paid_after_a_week_of_silence(
    session: Session, deal: GroupBuy, order: int, alice: Actor, bob: Actor, now: datetime
):
    payments.confirm_received(session, order, actor=alice, now=now)

    payments.count_silence(session, deal.id, now=now + timedelta(days=7, seconds=-1))
    assert payment(session, order).state == PaymentState.CONFIRMED_BY_ONE
    payments.count_silence(session, deal.id, now=now + timedelta(days=7))

    assert payment(session, order).state == PaymentState.PAID
    assert own_balance(session, bob) == 0


def test_a_week_of_silence_counts_by_itself_and_once(
    app: Flask,
    session: Session,
    deal: GroupBuy,
    order: int,
    alice: Actor,
    bob: Actor,
    now: datetime,
):
    payments.confirm_received(session, order, actor=alice, now=now)
    soon, late = now + timedelta(days=7, seconds=-1), now + timedelta(days=7)

    with app.app_context():
        payments.sweep(session, now=soon)
        jobs.run_due(at=soon)
        assert payment(session, order).state == PaymentState.CONFIRMED_BY_ONE
        for _ in range(2):
            payments.sweep(session, now=late)
            payments.sweep(session, now=late)
            jobs.run_due(at=late)

    paid = payment(session, order)
    assert (paid.state, paid.paid_at) == (PaymentState.PAID, late)
    assert balances(session, deal) == {"pot": 20_000, "cash": -20_000}
    told = session.scalars(select(Event).filter_by(kind="PaymentReceived")).all()
    assert [one.commitment_id for one in told] == [order]
    assert deal.settled_at is None


def test_what_only_the_payer_says_was_paid_is_no_silence(
    session: Session, deal: GroupBuy, order: int, bob: Actor, now: datetime
):
    payments.confirm_paid(session, order, actor=bob, now=now)

    payments.count_silence(session, deal.id, now=now + timedelta(days=30))

    assert payment(session, order).state == PaymentState.CONFIRMED_BY_ONE


def test_what_is_booked_for_an_order_is_looked_for_within_its_deal(
    session: Session, deal: GroupBuy, order: int
):
    commitment = session.get_one(Commitment, order)
    query = owing_less._bookings_of(commitment)
    assert [one.reason for one in session.scalars(query)] == ["due"]
    sql = query.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})

    plan = session.execute(text("EXPLAIN " + str(sql).replace(":", "\\:"))).scalars().all()

    assert f"collaboration_id = {deal.id}" in "\n".join(plan)

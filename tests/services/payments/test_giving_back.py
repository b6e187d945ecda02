"""What is not owed goes back, once and to the cent."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from marketplace import db
from marketplace.payments import acts
from models.actors import Actor
from models.buying import GroupBuy
from models.collaborations import State
from models.lifecycle import NotInThisState
from models.payments import AttemptState, PaymentState, RefundState
from services import buying, payments
from services.buying import cash_back
from services.gateways.answers import GatewayUnreachable, KeyReused
from tests import make_buying
from tests.make_payments import Bank, attempts, balances, own_balance, payment, refunds
from tests.services.payments.paying import cancelled, hear

pytestmark = pytest.mark.usefixtures("at_the_door")


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


def test_a_refund_whose_key_was_used_for_something_else_is_not_taken_for_refused(
    session: Session, bank: Bank, deal: GroupBuy, alice: Actor, bob: Actor, now: datetime
):
    commitment_id = bank.join(session, deal, bob, 5, now=now)
    at = deal.closes_at
    bank.run(session, at)
    buying.cancel(session, deal, reason="The harvest froze.", actor=alice, now=at)
    [refund] = refunds(session, commitment_id)
    call = payments.begin_refund(session, refund.id, now=at)
    assert call is not None
    bank.gateway.refund(call.intent_key, 1, key=call.key)

    with pytest.raises(KeyReused):
        payments.send_refund(bank.gateway, call)

    assert refund.state == RefundState.SENT


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

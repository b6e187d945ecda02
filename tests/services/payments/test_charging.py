"""Cards are charged when it is decided, once, whatever gets lost on the way."""

from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from marketplace import db, jobs
from marketplace.payments import acts
from models.actors import Actor
from models.buying import GroupBuy
from models.collaborations import CommitmentState, State
from models.payments import AttemptState, Instrument, PaymentState, RefundState
from services import buying, payments
from services.gateways.answers import Charged, GatewayUnreachable, IntentState
from services.payments import wallets
from tests import make_buying
from tests.make_payments import Bank, attempts, balances, own_balance, payment, refunds
from tests.services.payments.paying import come_back, hear, joined, open_page

pytestmark = pytest.mark.usefixtures("at_the_door")


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


def test_a_charge_that_a_restored_backup_does_not_hold_is_made_good(
    session: Session, app: Flask, bank: Bank, alice: Actor, bob: Actor, now: datetime
):
    """It was made after the backup; the message about it comes before the deal is closed again."""
    deal = make_buying.group_buy(session, alice, now=now, closes_at=now + timedelta(hours=6))
    commitment_id = bank.join(session, deal, bob, 5, now=now)
    lost = payment(session, commitment_id)
    charged = bank.gateway.charge_off_session(
        wallets.customer_key(session, bob.participant.id),
        lost.payment_method_key,
        20_000,
        "EUR",
        key=f"charge:{lost.id}:1",
        metadata={"payment": str(lost.id)},
    )
    assert isinstance(charged, Charged)

    with db.at(now):
        for body, headers in bank.webhooks():
            app.test_client().post("/payments/webhook", data=body, headers=headers)
    bank.run(session, now)
    bank.run(session, deal.closes_at)

    tries = [(one.state, one.decline_code) for one in attempts(session, commitment_id)]
    assert tries == [(AttemptState.DECLINED, "given_back"), (AttemptState.SUCCEEDED, "")]
    assert [one.state for one in refunds(session, commitment_id)] == [RefundState.SUCCEEDED]
    paid = payment(session, commitment_id)
    assert (paid.state, paid.amount_minor) == (PaymentState.PAID, 20_000)
    assert bank.read(paid).taken_minor - bank.read(paid).refunded_minor == 20_000
    assert own_balance(session, bob) == 0

"""A hold is taken once, in whole or in part, or let go, or it lapses."""

import pytest
import stripe

from tests.stripesim.sandbox import START, Sandbox

HOUR = 3600
DAY = 24 * HOUR


def test_a_hold_made_without_the_cardholder_lasts_four_days_and_eighteen_hours(sandbox: Sandbox):
    intent = sandbox.hold()

    card = intent.latest_charge.payment_method_details.card
    assert intent.status == "requires_capture"
    assert intent.amount_capturable == 2_500
    assert card.capture_before == START + 4 * DAY + 18 * HOUR
    assert sandbox.kinds()[-1] == "payment_intent.amount_capturable_updated"


def test_a_hold_made_by_the_cardholder_lasts_seven_days(sandbox: Sandbox):
    customer, card = sandbox.saved_card()

    intent = sandbox.charge(customer, card, capture_method="manual", off_session=False)

    assert intent.latest_charge.payment_method_details.card.capture_before == START + 7 * DAY


def test_a_hold_is_taken_once(sandbox: Sandbox):
    intent = sandbox.hold()

    taken = sandbox.v1.payment_intents.capture(intent.id)

    assert taken.status == "succeeded"
    assert taken.amount_received == 2_500
    assert taken.amount_capturable == 0
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.v1.payment_intents.capture(intent.id)
    assert refusal.value.code == "payment_intent_unexpected_state"
    assert refusal.value.error.payment_intent.status == "succeeded"


def test_the_part_of_a_hold_that_is_not_taken_goes_back(sandbox: Sandbox):
    intent = sandbox.hold()

    taken = sandbox.v1.payment_intents.capture(
        intent.id, {"amount_to_capture": 1_900, "expand": ["latest_charge"]}
    )

    charge = taken.latest_charge
    assert (charge.amount_captured, charge.amount_refunded) == (1_900, 600)
    assert not charge.refunded
    assert "capture_before" not in charge.payment_method_details.card
    refund = sandbox.v1.refunds.list({"payment_intent": intent.id}).data[0]
    assert (refund.amount, refund.balance_transaction) == (600, None)


@pytest.mark.parametrize("amount", [0, 2_501])
def test_no_more_than_the_hold_is_taken(sandbox: Sandbox, amount: int):
    intent = sandbox.hold()

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.v1.payment_intents.capture(intent.id, {"amount_to_capture": amount})

    assert refusal.value.param == "amount_to_capture"
    assert sandbox.v1.payment_intents.retrieve(intent.id).status == "requires_capture"


def test_a_hold_is_let_go(sandbox: Sandbox):
    intent = sandbox.hold()

    let_go = sandbox.v1.payment_intents.cancel(
        intent.id, {"cancellation_reason": "requested_by_customer", "expand": ["latest_charge"]}
    )

    assert let_go.status == "canceled"
    assert let_go.amount_capturable == 0
    assert let_go.latest_charge.refunded
    with pytest.raises(stripe.InvalidRequestError):
        sandbox.v1.payment_intents.capture(intent.id)


def test_a_hold_lapses_by_the_simulators_clock(sandbox: Sandbox):
    intent = sandbox.hold()

    sandbox.advance(days=4, hours=17)
    assert sandbox.v1.payment_intents.retrieve(intent.id).status == "requires_capture"
    sandbox.advance(hours=1)

    lapsed = sandbox.v1.payment_intents.retrieve(intent.id)
    assert lapsed.status == "canceled"
    assert lapsed.canceled_at == sandbox.now()
    assert sandbox.kinds()[-2:] == ["charge.expired", "payment_intent.canceled"]


def test_a_hold_that_was_taken_does_not_lapse(sandbox: Sandbox):
    intent = sandbox.hold()
    sandbox.v1.payment_intents.capture(intent.id)

    sandbox.advance(days=8)

    assert sandbox.v1.payment_intents.retrieve(intent.id).status == "succeeded"


def test_a_charge_cannot_be_cancelled(sandbox: Sandbox):
    intent = sandbox.charge(*sandbox.saved_card())

    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.v1.payment_intents.cancel(intent.id)

    assert refusal.value.code == "payment_intent_unexpected_state"


def test_refunds_together_are_bounded_by_what_was_taken(sandbox: Sandbox):
    intent = sandbox.hold()
    sandbox.v1.payment_intents.capture(intent.id, {"amount_to_capture": 1_900})

    sandbox.v1.refunds.create({"payment_intent": intent.id, "amount": 1_000})
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        sandbox.v1.refunds.create({"payment_intent": intent.id, "amount": 901})
    assert refusal.value.param == "amount"
    rest = sandbox.v1.refunds.create({"payment_intent": intent.id})

    assert rest.amount == 900
    with pytest.raises(stripe.InvalidRequestError) as again:
        sandbox.v1.refunds.create({"payment_intent": intent.id, "amount": 1})
    assert again.value.code == "charge_already_refunded"


def test_a_hold_cannot_be_refunded(sandbox: Sandbox):
    intent = sandbox.hold()

    with pytest.raises(stripe.InvalidRequestError):
        sandbox.v1.refunds.create({"payment_intent": intent.id})

    assert sandbox.v1.payment_intents.retrieve(intent.id).status == "requires_capture"


def test_the_balance_tells_of_captures_and_refunds_with_fees(sandbox: Sandbox):
    intent = sandbox.charge(*sandbox.saved_card(), 10_000)
    sandbox.v1.refunds.create({"payment_intent": intent.id, "amount": 4_000})

    posted = sandbox.v1.balance_transactions.list().data

    assert [(one.type, one.amount, one.fee, one.net) for one in posted] == [
        ("refund", -4_000, 0, -4_000),
        ("charge", 10_000, 175, 9_825),
    ]
    sandbox.advance(days=2)
    assert {one.status for one in sandbox.v1.balance_transactions.list().data} == {"available"}

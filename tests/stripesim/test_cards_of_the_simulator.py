"""Each test card does what Stripe's page of test cards says, saved or charged."""

import pytest
import stripe

from stripesim.cards import CARDS, is_well_formed
from tests.stripesim.sandbox import Sandbox


@pytest.mark.parametrize("card", CARDS, ids=lambda card: card.number)
def test_each_test_card_has_a_valid_check_digit(card):
    assert is_well_formed(card.number)
    assert not is_well_formed(card.number[:-1] + str((int(card.number[-1]) + 1) % 10))


@pytest.mark.parametrize("magic", ["pm_card_visa", "pm_card_mastercard"])
def test_a_good_card_is_charged_while_its_holder_is_away(sandbox: Sandbox, magic: str):
    intent = sandbox.charge(*sandbox.saved_card(magic))

    assert intent.status == "succeeded"
    assert intent.amount_received == 2_500
    assert intent.latest_charge.captured
    assert sandbox.kinds()[-2:] == ["charge.succeeded", "payment_intent.succeeded"]


@pytest.mark.parametrize(
    ("magic", "code", "decline_code"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_chargeDeclinedLostCard", "card_declined", "lost_card"),
        ("pm_card_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
    ],
)
def test_a_bad_card_is_declined_and_cannot_be_saved(
    sandbox: Sandbox, magic: str, code: str, decline_code: str
):
    customer = sandbox.v1.customers.create().id

    with pytest.raises(stripe.CardError) as charged:
        sandbox.charge(customer, magic)
    with pytest.raises(stripe.CardError) as saved:
        sandbox.v1.payment_methods.attach(magic, {"customer": customer})

    for refusal in (charged.value, saved.value):
        assert refusal.http_status == 402
        assert refusal.code == code
        assert refusal.error.decline_code == decline_code


def test_a_card_can_be_saved_and_still_be_declined_when_charged(sandbox: Sandbox):
    customer, card = sandbox.saved_card("pm_card_chargeCustomerFail")

    with pytest.raises(stripe.CardError) as refusal:
        sandbox.charge(customer, card)

    assert refusal.value.error.decline_code == "generic_decline"
    failed = sandbox.v1.payment_intents.retrieve(refusal.value.error.payment_intent.id)
    assert failed.status == "requires_payment_method"
    assert failed.last_payment_error.payment_method.id == card
    assert failed.latest_charge == refusal.value.error.charge
    assert sandbox.kinds()[-2:] == ["charge.failed", "payment_intent.payment_failed"]


def test_a_bank_that_always_asks_refuses_an_absent_cardholder(sandbox: Sandbox):
    customer, card = sandbox.saved_card("pm_card_authenticationRequired")

    with pytest.raises(stripe.CardError) as refusal:
        sandbox.charge(customer, card)

    assert refusal.value.code == "authentication_required"
    assert refusal.value.error.payment_intent.status == "requires_payment_method"
    assert refusal.value.error.payment_method.id == card


@pytest.mark.parametrize(
    ("magic", "outcome"),
    [
        ("pm_card_authenticationRequiredOnSetup", None),
        (
            "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
            "insufficient_funds",
        ),
    ],
)
def test_a_card_approved_once_is_not_asked_again(sandbox: Sandbox, magic: str, outcome: str | None):
    customer, card = sandbox.saved_card(magic)
    with pytest.raises(stripe.CardError) as refusal:
        sandbox.charge(customer, card)
    assert refusal.value.code == "authentication_required"

    setup = sandbox.v1.setup_intents.create(
        {
            "customer": customer,
            "payment_method": card,
            "confirm": True,
            "allowed_payment_method_types": ["card"],
            "return_url": "http://shop.test/saved",
        }
    )
    assert setup.status == "requires_action"
    back = sandbox.answer_bank(setup.next_action.redirect_to_url.url, "approve")

    assert back.status_code == 303
    assert "redirect_status=succeeded" in back.location
    assert sandbox.v1.setup_intents.retrieve(setup.id).status == "succeeded"
    if outcome is None:
        assert sandbox.charge(customer, card).status == "succeeded"
    else:
        with pytest.raises(stripe.CardError) as poor:
            sandbox.charge(customer, card)
        assert poor.value.error.decline_code == outcome


def test_a_real_card_number_is_declined_and_not_kept(sandbox: Sandbox):
    number = "4111111111111111"
    with pytest.raises(stripe.CardError) as refusal:
        sandbox.v1.payment_methods.create({"type": "card", "card": {"number": number}})

    assert refusal.value.error.decline_code == "test_mode_live_card"
    with sandbox.app.extensions["stripesim"].store.transaction() as connection:
        dump = "\n".join(connection.iterdump())
    assert number not in dump


def test_a_card_of_somebody_else_is_refused(sandbox: Sandbox):
    _, card = sandbox.saved_card()
    stranger = sandbox.v1.customers.create().id

    with pytest.raises(stripe.InvalidRequestError, match="belongs to the Customer"):
        sandbox.charge(stranger, card)


def test_a_forgotten_card_is_never_charged_again(sandbox: Sandbox):
    customer, card = sandbox.saved_card()

    sandbox.v1.payment_methods.detach(card)

    assert sandbox.v1.customers.payment_methods.list(customer).data == []
    with pytest.raises(stripe.InvalidRequestError, match="may not be used again"):
        sandbox.charge(customer, card)

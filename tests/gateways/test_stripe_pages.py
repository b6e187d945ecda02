"""Hosted pages through the gateway: a card saved, money held, a refused charge confirmed."""

from datetime import UTC, datetime, timedelta
from typing import Any

from services.gateways.answers import (
    Charged,
    Checkout,
    CheckoutState,
    IntentState,
)
from services.gateways.stripe import StripeGateway
from tests.stripesim.sandbox import START, Sandbox, path_of

STARTED_AT = datetime.fromtimestamp(START, UTC)
BACK: dict[str, Any] = {
    "success_url": "http://shop.test/done?session={CHECKOUT_SESSION_ID}",
    "cancel_url": "http://shop.test/back",
    "locale": "de",
}


def setup(gateway: StripeGateway, bob: str, **terms: Any) -> Checkout:
    return gateway.open_setup_checkout(bob, key="setup:1", **BACK, **terms)


def payment(gateway: StripeGateway, bob: str, **terms: Any) -> Checkout:
    return gateway.open_payment_checkout(
        bob, title="Olivenöl", amount_minor=2_500, currency="EUR", key="pay:1", **BACK, **terms
    )


def test_a_card_saved_on_the_page_is_charged_later(
    gateway: StripeGateway, sandbox: Sandbox, bob: str
):
    opened = setup(gateway, bob, metadata={"commitment": "7"}, consent="Höchstens 30 €.")
    assert (opened.state, opened.card) == (CheckoutState.OPEN, None)
    assert "Höchstens 30 €." in sandbox.browser.get(path_of(opened.url)).text

    sandbox.use(opened.url, "4242424242424242")

    done = gateway.read_checkout(opened.id)
    assert (done.state, done.customer_id, done.url) == (CheckoutState.COMPLETE, bob, None)
    assert done.metadata == {"commitment": "7"}
    assert done.card is not None
    charged = gateway.charge_off_session(bob, done.card.id, 2_500, "EUR", key="charge:1")
    assert isinstance(charged, Charged)


def test_a_card_approved_on_the_page_needs_no_approval_later(
    gateway: StripeGateway, sandbox: Sandbox, bob: str
):
    opened = setup(gateway, bob)

    asked = sandbox.use(opened.url, "4000002500003155")
    sandbox.answer_bank(asked.location, "approve")

    done = gateway.read_checkout(opened.id)
    assert done.card is not None
    charged = gateway.charge_off_session(bob, done.card.id, 2_500, "EUR", key="charge:1")
    assert isinstance(charged, Charged)


def test_the_same_key_opens_the_same_page(gateway: StripeGateway, bob: str):
    assert setup(gateway, bob).id == setup(gateway, bob).id


def test_money_is_held_on_the_page_for_seven_days(
    gateway: StripeGateway, sandbox: Sandbox, bob: str
):
    opened = payment(gateway, bob, metadata={"payment": "7"})
    assert opened.intent_id is None

    sandbox.use(opened.url, "4242424242424242")

    done = gateway.read_checkout(opened.id)
    assert done.intent_id is not None
    intent = gateway.read_intent(done.intent_id)
    assert (intent.state, intent.held_minor) == (IntentState.HELD, 2_500)
    assert intent.capture_before == STARTED_AT + timedelta(days=7)
    assert intent.metadata == {"payment": "7"}
    assert intent.card == done.card
    assert gateway.list_payment_methods(bob) == [done.card]


def test_money_is_taken_on_the_page(gateway: StripeGateway, sandbox: Sandbox, bob: str):
    opened = payment(gateway, bob, holds=False)

    sandbox.use(opened.url, "4242424242424242")

    done = gateway.read_checkout(opened.id)
    assert done.intent_id is not None
    assert gateway.read_intent(done.intent_id).state is IntentState.CHARGED


def test_a_page_closes_at_its_time(gateway: StripeGateway, sandbox: Sandbox, bob: str):
    opened = payment(gateway, bob, expires_at=STARTED_AT + timedelta(hours=1))
    assert opened.expires_at == STARTED_AT + timedelta(hours=1)

    sandbox.advance(hours=1)

    assert gateway.read_checkout(opened.id).state is CheckoutState.EXPIRED


def test_closing_a_page_that_is_done_leaves_it_done(
    gateway: StripeGateway, sandbox: Sandbox, bob: str
):
    first = setup(gateway, bob)
    assert gateway.close_checkout(first.id, key="close:1").state is CheckoutState.EXPIRED
    second = payment(gateway, bob)
    sandbox.use(second.url, "4242424242424242")

    assert gateway.close_checkout(second.id, key="close:2").state is CheckoutState.COMPLETE

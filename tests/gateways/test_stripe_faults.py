"""When nobody knows whether it was done: the same key, and nothing twice."""

import pytest

from services.gateways.answers import (
    Charged,
    Declined,
    GatewayUnreachable,
    Intent,
    KeyReused,
)
from services.gateways.stripe import StripeGateway
from tests.gateways.conftest import save
from tests.stripesim.sandbox import Sandbox


def test_a_broken_connection_is_asked_again_with_the_same_key(
    gateway: StripeGateway, sandbox: Sandbox, bob: str, card: str
):
    sandbox.fault("connection_lost", match="/v1/payment_intents")
    with pytest.raises(GatewayUnreachable):
        gateway.charge_off_session(bob, card, 2_500, "EUR", key="charge:1")

    charged = gateway.charge_off_session(bob, card, 2_500, "EUR", key="charge:1")

    assert isinstance(charged, Charged)
    taken = [one.id for one in sandbox.v1.payment_intents.list().data]
    assert taken == [charged.intent_id]


def test_a_refund_whose_answer_was_lost_is_made_once(
    gateway: StripeGateway, sandbox: Sandbox, hold: Intent
):
    gateway.capture(hold.id, 2_500, key="capture:1")
    sandbox.fault("connection_lost", match="/v1/refunds")
    with pytest.raises(GatewayUnreachable):
        gateway.refund(hold.id, 1_000, key="refund:1")

    gateway.refund(hold.id, 1_000, key="refund:1")

    assert gateway.read_intent(hold.id).refunded_minor == 1_000


def test_a_house_that_is_down_is_unreachable(
    gateway: StripeGateway, sandbox: Sandbox, bob: str, card: str
):
    sandbox.fault("unavailable")

    with pytest.raises(GatewayUnreachable):
        gateway.charge_off_session(bob, card, 2_500, "EUR", key="charge:1")

    assert sandbox.v1.payment_intents.list().data == []


def test_the_sdk_itself_asks_again(sandbox: Sandbox):
    gateway = StripeGateway(
        "sk_test_x", base_url="http://sandbox.test", http_client=sandbox.http, max_network_retries=1
    )
    sandbox.fault("connection_lost")

    customer = gateway.create_customer(key="customer:1")

    assert [one.id for one in sandbox.v1.customers.list().data] == [customer]


def test_a_key_with_other_terms_is_a_broken_promise(gateway: StripeGateway, bob: str, card: str):
    gateway.charge_off_session(bob, card, 2_500, "EUR", key="charge:1")

    with pytest.raises(KeyReused):
        gateway.charge_off_session(bob, card, 2_600, "EUR", key="charge:1")


def test_a_declined_attempt_is_repeated_by_a_new_key_only(
    gateway: StripeGateway, sandbox: Sandbox, bob: str
):
    card = save(sandbox, bob, "pm_card_chargeCustomerFail")
    first = gateway.charge_off_session(bob, card, 2_500, "EUR", key="charge:1:1")
    same = gateway.charge_off_session(bob, card, 2_500, "EUR", key="charge:1:1")
    new = gateway.charge_off_session(bob, card, 2_500, "EUR", key="charge:1:2")

    assert first == same
    assert isinstance(new, Declined)
    assert isinstance(first, Declined)
    assert new.intent_id != first.intent_id

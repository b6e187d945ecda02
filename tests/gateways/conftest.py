"""The gateway as the house uses it, bound to a simulator without a socket between them."""

from typing import Any, Protocol

import pytest

from services.gateways.answers import Intent
from services.gateways.stripe import StripeGateway
from tests.stripesim.sandbox import Sandbox


class HasClient(Protocol):
    """Whoever has the SDK's client: the simulator, or Stripe itself."""

    @property
    def v1(self) -> Any: ...


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox()


@pytest.fixture
def gateway(sandbox: Sandbox) -> StripeGateway:
    return StripeGateway(
        "sk_test_x",
        base_url="http://sandbox.test",
        http_client=sandbox.http,
        max_network_retries=0,
    )


@pytest.fixture
def bob(gateway: StripeGateway) -> str:
    return gateway.create_customer(key="customer:bob", name="Bob", email="bob@example.org")


def save(sandbox: HasClient, bob: str, magic: str = "pm_card_visa") -> str:
    return sandbox.v1.payment_methods.attach(magic, {"customer": bob}).id


@pytest.fixture
def card(sandbox: Sandbox, bob: str) -> str:
    return save(sandbox, bob)


def hold_of(gateway: StripeGateway, sandbox: HasClient, bob: str, card: str) -> Intent:
    made = sandbox.v1.payment_intents.create(
        {
            "amount": 2_500,
            "currency": "eur",
            "customer": bob,
            "payment_method": card,
            "capture_method": "manual",
            "confirm": True,
            "off_session": True,
            "metadata": {"payment": "7"},
        }
    )
    return gateway.read_intent(made.id)


@pytest.fixture
def hold(gateway: StripeGateway, sandbox: Sandbox, bob: str, card: str) -> Intent:
    return hold_of(gateway, sandbox, bob, card)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what talks to Stripe unless it is asked for by its marker."""
    if "live" in config.option.markexpr:
        return
    live = [one for one in items if one.get_closest_marker("live")]
    if live:
        config.hook.pytest_deselected(items=live)
        items[:] = [one for one in items if one not in live]

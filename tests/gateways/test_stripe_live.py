"""What the simulator is held to, asked of Stripe itself: its test mode, with a key of one's own.

Runs only when it is asked for, see docs/payments.md: `-m live`, with STRIPE_TEST_KEY.
"""

import os
import time
import uuid
from collections.abc import Mapping
from typing import Any

import pytest
import stripe

from services.gateways.answers import ChargebackState, Charged, Intent
from services.gateways.stripe import StripeGateway
from tests.gateways.conftest import hold_of, save

# The same tests, of which each asks for fixtures by name and gets those below.
from tests.gateways.test_stripe_balances import (  # noqa: F401
    test_a_charge_is_found_among_the_newest_lines,
)
from tests.gateways.test_stripe_payments import (  # noqa: F401
    test_a_bank_that_wants_its_cardholder_is_no_decline,
    test_a_decline_says_whether_it_is_final,
    test_a_hold_says_how_long_the_bank_keeps_it,
    test_a_hold_taken_under_another_key_is_not_taken_twice,
    test_a_part_of_a_hold_is_taken_and_the_rest_is_no_refund,
    test_a_stored_card_is_charged,
    test_cancelling_what_is_charged_leaves_it_charged,
    test_cards_are_listed_and_forgotten,
    test_letting_a_hold_go_twice_is_the_same_as_once,
    test_no_more_than_the_hold_is_taken,
    test_refunds_are_bounded_by_what_was_taken,
    test_what_cannot_be_charged_never_leaves_the_house,
    test_what_is_not_there_is_unknown,
    test_yen_are_counted_in_whole_yen,
)
from tests.gateways.test_stripe_sellers import (  # noqa: F401
    test_a_company_is_asked_for_other_things,
    test_a_new_account_needs_everything,
    test_a_transfer_is_taken_back_in_parts,
    test_an_account_that_is_not_ours_is_unknown,
    test_hours_are_not_sent,
    test_money_of_a_charge_is_sent_on,
    test_no_more_of_a_charge_is_sent_than_it_took,
    test_who_has_said_nothing_cannot_be_sent_anything,
)

PATIENCE_SECONDS = 60

pytestmark = [pytest.mark.live, pytest.mark.enable_socket]


class KeysOfTheirOwn(stripe.RequestsClient):
    """Stripe remembers a key for a day: each test has its own, though the names are the same."""

    def __init__(self) -> None:
        super().__init__()
        self.prefix = uuid.uuid4().hex

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None
    ) -> Any:
        named = {
            name: f"{self.prefix}:{value}" if name.lower() == "idempotency-key" else value
            for name, value in (headers or {}).items()
        }
        return super().request(method, url, named, post_data)


class Stripe:
    """Stripe's own client, in the place of the simulator's."""

    def __init__(self, key: str) -> None:
        self.v1 = stripe.StripeClient(key).v1


@pytest.fixture
def key() -> str:
    found = os.environ.get("STRIPE_TEST_KEY", "")
    if not found.startswith(("sk_test_", "rk_test_")):
        pytest.fail("STRIPE_TEST_KEY is not set to a test key of Stripe: nothing was tested.")
    return found


@pytest.fixture
def gateway(key: str) -> StripeGateway:
    return StripeGateway(key, http_client=KeysOfTheirOwn())


@pytest.fixture
def sandbox(key: str) -> Stripe:
    return Stripe(key)


@pytest.fixture
def card(sandbox: Stripe, bob: str) -> str:
    return save(sandbox, bob)


@pytest.fixture
def hold(gateway: StripeGateway, sandbox: Stripe, bob: str, card: str) -> Intent:
    return hold_of(gateway, sandbox, bob, card)


@pytest.fixture
def charged(gateway: StripeGateway, bob: str, card: str) -> Charged:
    answer = gateway.charge_off_session(
        bob, card, 10_000, "EUR", key="charge:seller", metadata={"payment": "7"}
    )
    assert isinstance(answer, Charged)
    return answer


@pytest.fixture
def seller(sandbox: Stripe) -> str:
    """An account that is filled in by the API: no test walks through Stripe's own pages.

    All of it is what Stripe's page on testing Connect says makes an account verified at once.
    """
    birthday = {"day": 1, "month": 1, "year": 1901}
    terms: Any = {
        "business_profile": {"mcc": "5499", "url": "https://example.org"},
        "business_type": "individual",
        "capabilities": {"transfers": {"requested": True}},
        "controller": {
            "fees": {"payer": "application"},
            "losses": {"payments": "application"},
            "requirement_collection": "application",
            "stripe_dashboard": {"type": "none"},
        },
        "country": "DE",
        "external_account": {
            "object": "bank_account",
            "account_number": "DE89370400440532013000",
            "country": "DE",
            "currency": "eur",
        },
        "individual": {
            "address": {"city": "Bremen", "line1": "address_full_match", "postal_code": "28195"},
            "dob": birthday,
            "email": "alice@example.org",
            "first_name": "Alice",
            "last_name": "Apfel",
            "phone": "+490000000000",
        },
        "tos_acceptance": {"date": int(time.time()), "ip": "127.0.0.1"},
    }
    made = sandbox.v1.accounts.create(terms)
    for _ in range(PATIENCE_SECONDS):
        if sandbox.v1.accounts.retrieve(made.id).capabilities.transfers == "active":
            return str(made.id)
        time.sleep(1)
    pytest.fail("Stripe did not verify the test account.")


def test_a_chargeback_is_seen_and_answered(gateway: StripeGateway, bob: str) -> None:
    disputed = "pm_card_createDispute"
    charged = gateway.charge_off_session(bob, disputed, 2_500, "EUR", key="charge:disputed")
    assert isinstance(charged, Charged)
    for _ in range(PATIENCE_SECONDS):
        if gateway.list_chargebacks(charged.intent_id):
            break
        time.sleep(1)

    (found,) = gateway.list_chargebacks(charged.intent_id)
    assert (found.state, found.withdrawn_minor) == (ChargebackState.OPEN, 2_500)
    assert gateway.read_intent(charged.intent_id).is_disputed
    evidence = {"uncategorized_text": "winning_evidence"}
    answered = gateway.answer_chargeback(found.id, evidence, submit=True, key="answer:1")
    assert answered.has_evidence
    assert answered.state in (ChargebackState.UNDER_REVIEW, ChargebackState.WON)


def test_the_gateway_speaks_to_stripe_itself(gateway: StripeGateway) -> None:
    assert not gateway.is_simulated

"""Money through the gateway: charged, held, taken, let go, given back, each exactly once."""

from datetime import timedelta

import pytest

from services.gateways.answers import (
    Charged,
    CurrencyNotChargeable,
    Declined,
    GatewayMisconfigured,
    GatewayRefused,
    HoldLost,
    Intent,
    IntentState,
    LiveKeyRefused,
    NeedsAction,
    RefundState,
    UnknownToGateway,
)
from services.gateways.declines import is_hard
from services.gateways.stripe import StripeGateway
from tests.gateways.conftest import save
from tests.stripesim.sandbox import Sandbox


@pytest.mark.parametrize("key", ["sk_live_x", "rk_live_x"])
def test_a_live_key_is_refused(key: str):
    with pytest.raises(LiveKeyRefused):
        StripeGateway(key)
    assert StripeGateway(key, may_be_live=True)


@pytest.mark.parametrize("key", ["", "pk_test_x", "whsec_x"])
def test_what_is_no_secret_key_is_refused(key: str):
    with pytest.raises(GatewayMisconfigured):
        StripeGateway(key)


def test_a_stored_card_is_charged(gateway: StripeGateway, bob: str, card: str):
    charged = gateway.charge_off_session(
        bob, card, 2_500, "EUR", key="charge:1", metadata={"payment": "7"}
    )

    assert isinstance(charged, Charged)
    assert charged.amount_minor == 2_500
    intent = gateway.read_intent(charged.intent_id)
    assert intent.state is IntentState.CHARGED
    assert (intent.taken_minor, intent.held_minor, intent.refunded_minor) == (2_500, 0, 0)
    assert (intent.currency, intent.customer_id, intent.charge_id) == (
        "EUR",
        bob,
        charged.charge_id,
    )
    assert intent.card is not None
    assert intent.card.id == card
    assert intent.metadata == {"payment": "7"}


@pytest.mark.parametrize(
    ("magic", "code", "decline_code", "hard"),
    [
        ("pm_card_chargeCustomerFail", "card_declined", "generic_decline", False),
        ("pm_card_chargeDeclined", "card_declined", "generic_decline", False),
        (
            "pm_card_chargeDeclinedInsufficientFunds",
            "card_declined",
            "insufficient_funds",
            False,
        ),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error", False),
        ("pm_card_chargeDeclinedLostCard", "card_declined", "lost_card", True),
        ("pm_card_chargeDeclinedStolenCard", "card_declined", "stolen_card", True),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card", True),
    ],
)
def test_a_decline_says_whether_it_is_final(
    gateway: StripeGateway, bob: str, magic: str, code: str, decline_code: str, hard: bool
):
    answer = gateway.charge_off_session(bob, magic, 2_500, "EUR", key="charge:1")

    assert isinstance(answer, Declined)
    assert (answer.code, answer.decline_code, answer.hard) == (code, decline_code, hard)
    assert answer.intent_id is not None
    intent = gateway.read_intent(answer.intent_id)
    assert intent.state is IntentState.NEEDS_CARD
    assert intent.declined == answer
    assert intent.taken_minor == 0


def test_the_providers_counsel_makes_a_decline_final():
    assert not is_hard("card_declined", "do_not_honor")
    assert not is_hard("card_declined", None, "try_again_later")
    assert is_hard("card_declined", "do_not_honor", "do_not_try_again")


def test_a_bank_that_wants_its_cardholder_is_no_decline(
    gateway: StripeGateway, sandbox: Sandbox, bob: str
):
    card = save(sandbox, bob, "pm_card_authenticationRequired")

    answer = gateway.charge_off_session(bob, card, 2_500, "EUR", key="charge:1")

    assert isinstance(answer, NeedsAction)
    assert answer.intent_id is not None


def test_a_hold_says_when_it_was_made(sandbox: Sandbox, hold: Intent):
    assert hold.created_at.timestamp() == sandbox.now()


def test_a_hold_says_how_long_the_bank_keeps_it(hold: Intent):
    assert hold.held_minor == 2_500
    assert hold.capture_before is not None
    lasts = hold.capture_before - hold.created_at
    assert abs(lasts - timedelta(days=4, hours=18)) < timedelta(minutes=5)


def test_a_part_of_a_hold_is_taken_and_the_rest_is_no_refund(gateway: StripeGateway, hold: Intent):
    taken = gateway.capture(hold.id, 1_900, key="capture:1")

    assert taken == Charged(hold.id, hold.charge_id, 1_900)
    intent = gateway.read_intent(hold.id)
    assert (intent.taken_minor, intent.held_minor, intent.refunded_minor) == (1_900, 0, 0)


def test_a_hold_taken_under_another_key_is_not_taken_twice(gateway: StripeGateway, hold: Intent):
    gateway.capture(hold.id, 1_900, key="capture:1")

    again = gateway.capture(hold.id, 2_500, key="capture:2")

    assert isinstance(again, Charged)
    assert again.amount_minor == 1_900


def test_no_more_than_the_hold_is_taken(gateway: StripeGateway, hold: Intent):
    with pytest.raises(GatewayRefused) as refusal:
        gateway.capture(hold.id, 2_501, key="capture:1")

    assert refusal.value.code == "amount_too_large"


def test_a_lapsed_hold_is_lost(gateway: StripeGateway, sandbox: Sandbox, hold: Intent):
    sandbox.advance(days=8)

    assert gateway.capture(hold.id, 2_500, key="capture:1") == HoldLost(hold.id)
    assert gateway.read_intent(hold.id).taken_minor == 0


def test_letting_a_hold_go_twice_is_the_same_as_once(gateway: StripeGateway, hold: Intent):
    first = gateway.cancel(hold.id, key="cancel:1")
    again = gateway.cancel(hold.id, key="cancel:2")

    assert first.state is again.state is IntentState.CANCELLED
    assert first.refunded_minor == again.refunded_minor == 0


def test_cancelling_what_is_charged_leaves_it_charged(gateway: StripeGateway, hold: Intent):
    gateway.capture(hold.id, 2_500, key="capture:1")

    assert gateway.cancel(hold.id, key="cancel:1").state is IntentState.CHARGED


def test_refunds_are_bounded_by_what_was_taken(gateway: StripeGateway, hold: Intent):
    gateway.capture(hold.id, 1_900, key="capture:1")

    part = gateway.refund(hold.id, 1_000, key="refund:1")
    assert (part.amount_minor, part.state) == (1_000, RefundState.SUCCEEDED)
    with pytest.raises(GatewayRefused):
        gateway.refund(hold.id, 901, key="refund:2")
    gateway.refund(hold.id, 900, key="refund:3")

    assert gateway.read_intent(hold.id).refunded_minor == 1_900


@pytest.mark.parametrize(
    ("amount_minor", "currency"),
    [(100, "ISK"), (100, "UGX"), (100, "MGA"), (60, "BREMER-STUNDEN"), (0, "EUR"), (1_010, "KWD")],
)
def test_what_cannot_be_charged_never_leaves_the_house(
    gateway: StripeGateway, bob: str, card: str, amount_minor: int, currency: str
):
    with pytest.raises(CurrencyNotChargeable):
        gateway.charge_off_session(bob, card, amount_minor, currency, key="charge:1")


def test_yen_are_counted_in_whole_yen(gateway: StripeGateway, bob: str, card: str):
    charged = gateway.charge_off_session(bob, card, 500, "JPY", key="charge:1")

    assert isinstance(charged, Charged)
    assert charged.amount_minor == 500
    assert gateway.read_intent(charged.intent_id).currency == "JPY"


def test_what_is_not_there_is_unknown(gateway: StripeGateway):
    with pytest.raises(UnknownToGateway):
        gateway.read_intent("pi_nobody")


def test_cards_are_listed_and_forgotten(gateway: StripeGateway, bob: str, card: str):
    cards = gateway.list_payment_methods(bob)
    assert [(one.id, one.brand, one.last4) for one in cards] == [(card, "visa", "4242")]

    gateway.detach(card, key="detach:1")

    assert gateway.list_payment_methods(bob) == []

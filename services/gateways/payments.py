"""Charges, holds, captures and refunds at Stripe."""

from collections.abc import Mapping
from typing import Any

import stripe

from services.gateways import readings
from services.gateways.answers import (
    Charged,
    Declined,
    GatewayRefused,
    GatewayUnreachable,
    HoldLost,
    Intent,
    IntentState,
    NeedsAction,
    Refund,
)
from services.gateways.calls import StripeCalls, in_our_words
from services.gateways.currencies import stripe_code

CARDS_ONLY: list[Any] = ["card"]
NEEDS_CARDHOLDER = "authentication_required"
NOT_HELD = frozenset({"charge_expired_for_capture", "payment_intent_unexpected_state"})
INTENT_PARTS = ["latest_charge", "payment_method"]
MOST_REFUNDS = 100


class Payments(StripeCalls):
    """Takes money from stored cards and gives it back."""

    def charge_off_session(
        self,
        customer_id: str,
        card_id: str,
        amount_minor: int,
        currency: str,
        *,
        key: str,
        metadata: Mapping[str, str] | None = None,
    ) -> Charged | NeedsAction | Declined:
        """Take money from a stored card while its holder is away."""
        terms = self._away(customer_id, card_id, amount_minor, currency, metadata)
        answer = self._confirm(terms | {"capture_method": "automatic"}, key)
        if isinstance(answer, Intent):
            assert answer.charge_id is not None, "A charged intent has a charge."
            return Charged(answer.id, answer.charge_id, answer.taken_minor)
        return answer

    def _away(
        self,
        customer_id: str,
        card_id: str,
        amount_minor: int,
        currency: str,
        metadata: Mapping[str, str] | None,
    ) -> dict[str, Any]:
        return {
            "amount": amount_minor,
            "currency": stripe_code(currency, amount_minor),
            "customer": customer_id,
            "payment_method": card_id,
            "allowed_payment_method_types": CARDS_ONLY,
            "confirm": True,
            "off_session": True,
            "metadata": dict(metadata or {}),
            "expand": INTENT_PARTS,
        }

    def _confirm(self, terms: dict[str, Any], key: str) -> Intent | NeedsAction | Declined:
        with in_our_words():
            try:
                made = self._v1.payment_intents.create(terms, {"idempotency_key": key})  # type: ignore[arg-type]
            except stripe.CardError as refused:
                return answer_of(refused)
        read = readings.intent(made)
        if read.state is IntentState.NEEDS_ACTION:
            return NeedsAction(read.id)
        if read.state not in (IntentState.CHARGED, IntentState.HELD):
            raise GatewayUnreachable("The bank is still working on it.")
        return read

    def read_intent(self, intent_id: str) -> Intent:
        """Read how an attempt to take money stands now."""
        with in_our_words():
            read = self._v1.payment_intents.retrieve(intent_id, {"expand": INTENT_PARTS})
        return readings.intent(read)

    def capture(self, intent_id: str, amount_minor: int, *, key: str) -> Charged | HoldLost:
        """Take `amount_minor` of a hold, once; the rest is let go.

        A hold that was taken before answers with what was taken then. Refuses, by GatewayRefused,
        more than is held.
        """
        terms: Any = {"amount_to_capture": amount_minor, "expand": INTENT_PARTS}
        try:
            with in_our_words():
                made = self._v1.payment_intents.capture(intent_id, terms, {"idempotency_key": key})
            read = readings.intent(made)
        except GatewayRefused as refused:
            if refused.code not in NOT_HELD:
                raise
            read = self.read_intent(intent_id)
        if read.state is IntentState.CANCELLED:
            return HoldLost(read.id)
        if read.state is not IntentState.CHARGED or read.charge_id is None:
            raise GatewayRefused("There is no hold to take money from.", code="not_held")
        return Charged(read.id, read.charge_id, read.taken_minor)

    def cancel(self, intent_id: str, *, key: str) -> Intent:
        """Let a hold go, or end an attempt that took nothing.

        Gives the intent as it is then: one that is already charged stays so, and says so.
        """
        terms: Any = {"expand": INTENT_PARTS}
        try:
            with in_our_words():
                made = self._v1.payment_intents.cancel(intent_id, terms, {"idempotency_key": key})
            return readings.intent(made)
        except GatewayRefused as refused:
            if refused.code not in NOT_HELD:
                raise
            return self.read_intent(intent_id)

    def refund(
        self,
        intent_id: str,
        amount_minor: int,
        *,
        key: str,
        metadata: Mapping[str, str] | None = None,
    ) -> Refund:
        """Send `amount_minor` of a charge back to its card.

        Refuses, by GatewayRefused, more than was taken and not yet refunded.
        """
        terms: Any = {
            "payment_intent": intent_id,
            "amount": amount_minor,
            "metadata": dict(metadata or {}),
        }
        with in_our_words():
            return readings.refund(self._v1.refunds.create(terms, {"idempotency_key": key}))

    def read_refund(self, refund_id: str) -> Refund:
        """Read whether money has gone back by now."""
        with in_our_words():
            return readings.refund(self._v1.refunds.retrieve(refund_id))

    def list_refunds(self, intent_id: str) -> list[Refund]:
        """The newest 100 refunds of a charge."""
        terms: Any = {"payment_intent": intent_id, "limit": MOST_REFUNDS}
        with in_our_words():
            page = self._v1.refunds.list(terms)
        return [readings.refund(read) for read in page.data]


def answer_of(refused: stripe.CardError) -> NeedsAction | Declined:
    error = refused.error
    intent_id = readings.reference(getattr(error, "payment_intent", None))
    declined = readings.decline(error, intent_id)
    assert declined is not None, "A card's refusal carries an error."
    if NEEDS_CARDHOLDER in (declined.code, declined.decline_code):
        return NeedsAction(intent_id)
    return declined

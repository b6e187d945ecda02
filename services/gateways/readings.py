"""Stripe's objects, read into the house's own answers."""

from datetime import UTC, datetime
from typing import Any

import stripe

from services.gateways.answers import (
    Card,
    Checkout,
    CheckoutState,
    Declined,
    GatewayEvent,
    Intent,
    IntentState,
    Refund,
    RefundState,
)
from services.gateways.declines import is_hard

INTENT_STATES = {
    "requires_payment_method": IntentState.NEEDS_CARD,
    "requires_confirmation": IntentState.NEEDS_CARD,
    "requires_action": IntentState.NEEDS_ACTION,
    "processing": IntentState.PROCESSING,
    "requires_capture": IntentState.HELD,
    "succeeded": IntentState.CHARGED,
    "canceled": IntentState.CANCELLED,
}
REFUND_STATES = {
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.CANCELLED,
}


def moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def reference(field: Any) -> str | None:
    """The id behind a field that holds an id, an expanded object, or nothing."""
    if field is None or isinstance(field, str):
        return field
    return str(field.id)


def notes(metadata: Any) -> dict[str, str]:
    """What the house has written on an object, by name."""
    return {} if metadata is None else dict(metadata.to_dict())


def card(method: Any) -> Card | None:
    """The card of an expanded payment method."""
    if method is None or isinstance(method, str) or method.card is None:
        return None
    shown = method.card
    return Card(
        id=method.id,
        brand=shown.brand,
        last4=shown.last4,
        expires_year=shown.exp_year,
        expires_month=shown.exp_month,
        fingerprint=shown.fingerprint,
    )


def intent(read: stripe.PaymentIntent) -> Intent:
    """Read an intent whose latest charge and payment method are expanded."""
    charge = read.latest_charge
    assert not isinstance(charge, str), "The charge must be expanded."
    let_go = read.amount - read.amount_received if read.status == "succeeded" else 0
    took = charge is not None and charge.captured
    return Intent(
        id=read.id,
        state=INTENT_STATES[read.status],
        amount_minor=read.amount,
        currency=read.currency.upper(),
        held_minor=read.amount_capturable,
        taken_minor=read.amount_received,
        refunded_minor=charge.amount_refunded - let_go if charge is not None and took else 0,
        customer_id=reference(read.customer),
        card=card(read.payment_method),
        charge_id=None if charge is None else charge.id,
        capture_before=capture_before(charge),
        declined=decline(read.last_payment_error, read.id),
        metadata=notes(read.metadata),
        created_at=moment(read.created),
        is_disputed=charge is not None and charge.disputed,
    )


def capture_before(charge: stripe.Charge | None) -> datetime | None:
    details = None if charge is None else charge.payment_method_details
    shown = None if details is None else getattr(details, "card", None)
    seconds = getattr(shown, "capture_before", None)
    return None if seconds is None else moment(seconds)


def decline(error: Any, intent_id: str | None) -> Declined | None:
    if error is None:
        return None
    code = getattr(error, "code", None) or "card_declined"
    decline_code = getattr(error, "decline_code", None)
    advice = getattr(error, "advice_code", None)
    return Declined(intent_id, code, decline_code, is_hard(code, decline_code, advice))


def checkout(read: stripe.checkout.Session) -> Checkout:
    """Read a session whose setup intent's and payment intent's payment methods are expanded."""
    behind: Any = read.setup_intent or read.payment_intent
    method = None if behind is None or isinstance(behind, str) else behind.payment_method
    status = read.status or "open"
    return Checkout(
        id=read.id,
        state=CheckoutState(status),
        url=read.url,
        expires_at=moment(read.expires_at),
        customer_id=reference(read.customer),
        intent_id=reference(read.payment_intent),
        card=card(method) if status == "complete" else None,
        metadata=notes(read.metadata),
    )


def refund(read: stripe.Refund) -> Refund:
    return Refund(
        id=read.id,
        intent_id=reference(read.payment_intent),
        amount_minor=read.amount,
        state=REFUND_STATES[read.status or "pending"],
        metadata=notes(read.metadata),
    )


def event(read: stripe.Event) -> GatewayEvent:
    return GatewayEvent(
        id=read.id,
        kind=read.type,
        object_id=read.data.object["id"],
        created_at=moment(read.created),
        account_id=getattr(read, "account", None) or "",
    )

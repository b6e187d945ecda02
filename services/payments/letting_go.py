"""Letting go: what stands behind a payment at the gateway is ended once nobody needs it."""

from sqlalchemy.orm import Session

from models.payments import Payment
from services import queue


def let_go(session: Session, payment: Payment) -> None:
    """Have the hosted page closed and the hold ended of a payment that is over."""
    if payment.intent_key or payment.checkout_key:
        queue.defer(
            session,
            "payments.let_go",
            payment_id=payment.id,
            intent_key=payment.intent_key,
            checkout_key=payment.checkout_key,
        )

"""Letting go: what stands behind a payment at the gateway is ended once nobody needs it."""

from collections.abc import Sequence

from procrastinate.types import JSONValue
from sqlalchemy.orm import Session

from models.payments import Payment
from services import queue


def let_go(session: Session, payment: Payment) -> None:
    """Have the hosted page closed and the hold ended of a payment that is over."""
    let_go_many(session, [payment])


def let_go_many(session: Session, payments: Sequence[Payment]) -> None:
    behind: list[dict[str, JSONValue]] = [
        {"payment_id": one.id, "intent_key": one.intent_key, "checkout_key": one.checkout_key}
        for one in payments
        if one.intent_key or one.checkout_key
    ]
    queue.defer_many(session, "payments.let_go", behind)

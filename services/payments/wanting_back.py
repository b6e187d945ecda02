"""Wanting back: what was paid beyond what is owed returns to its payer, once for its key."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from procrastinate.types import JSONValue
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.payments import Payment, PaymentState, Refund
from services import queue
from services.payments.finding import owed_minor
from services.payments.keys import booking_key


def refund_excess(
    session: Session, payment: Payment, *, key: str, reason: str, now: datetime
) -> None:
    """Want back whatever is paid beyond what is owed. The caller holds the payment's lock."""
    _want_excesses(session, {key: (payment, reason)}, now)


def refund_excesses(
    session: Session, reasons: Mapping[Payment, str], *, step: str, now: datetime
) -> None:
    """`refund_excess` for many payments, once for the `step` of their commitment."""
    keyed = {
        booking_key(payment.commitment_id, f"{step}:refund"): (payment, reason)
        for payment, reason in reasons.items()
    }
    _want_excesses(session, keyed, now)


def want_refund(
    session: Session,
    payment: Payment,
    amount_minor: int,
    *,
    intent_key: str,
    key: str,
    reason: str,
    now: datetime,
) -> None:
    """Write down, once for `key`, that money goes back; cash is handed back by the organiser."""
    _want(session, [_wanted(payment, amount_minor, intent_key, key, reason, now)])


def _want_excesses(
    session: Session, keyed: Mapping[str, tuple[Payment, str]], now: datetime
) -> None:
    wanted = []
    for key, (payment, reason) in keyed.items():
        excess_minor = payment.amount_minor - payment.refunded_minor - owed_minor(payment)
        if payment.state == PaymentState.PAID and excess_minor > 0:
            payment.refunded_minor += excess_minor
            wanted.append(_wanted(payment, excess_minor, payment.intent_key, key, reason, now))
    _want(session, wanted)


def _wanted(
    payment: Payment, amount_minor: int, intent_key: str, key: str, reason: str, now: datetime
) -> Refund:
    return Refund(
        payment_id=payment.id,
        key=key,
        reason=reason,
        intent_key=intent_key,
        amount_minor=amount_minor,
        wanted_at=now,
    )


def _want(session: Session, refunds: Sequence[Refund]) -> None:
    if not refunds:
        return
    keys = [one.key for one in refunds]
    known = set(session.scalars(select(Refund.key).where(Refund.key.in_(keys))))
    new = [one for one in refunds if one.key not in known]
    session.add_all(new)
    session.flush()
    sent: list[dict[str, JSONValue]] = [{"refund_id": one.id} for one in new if one.intent_key]
    queue.defer_many(session, "payments.refund", sent)

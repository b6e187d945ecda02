"""Sweeping: every minute, work whose job was lost or whose answer never came is asked for again."""

from datetime import datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from models.collaborations import Commitment
from models.payments import (
    CARD_LIMIT,
    AttemptState,
    GatewayMessage,
    Payment,
    PaymentAttempt,
    PaymentState,
    Refund,
    RefundState,
)
from services import queue

PATIENCE = timedelta(minutes=5)
MOST_AT_ONCE = 500


def sweep(session: Session, *, now: datetime) -> None:
    """Have everything done that should have been; each of these jobs may run more than once."""
    late_at = now - PATIENCE
    _again(session, "payments.charge", "payment_id", _unanswered(late_at))
    _again(session, "payments.retry", "payment_id", _due_tries(now))
    _again(session, "payments.expire", "commitment_id", _overdue_cards(late_at))
    _again(session, "payments.refund", "refund_id", _unfinished_refunds(late_at))
    _again(session, "payments.handle_message", "message_id", _unhandled(late_at))


def _again(session: Session, task: str, argument: str, query: Select[int]) -> None:
    for late_id in session.scalars(query.limit(MOST_AT_ONCE)).all():
        queue.defer(session, task, at=None, **{argument: late_id})


def _unanswered(late_at: datetime) -> Select[int]:
    return (
        select(Payment.id)
        .join(
            PaymentAttempt,
            (PaymentAttempt.payment_id == Payment.id)
            & (PaymentAttempt.number == Payment.attempts_count),
        )
        .where(
            Payment.state == PaymentState.CHARGING,
            PaymentAttempt.state.in_([AttemptState.PLANNED, AttemptState.SENT]),
            PaymentAttempt.sent_at <= late_at,
        )
    )


def _due_tries(now: datetime) -> Select[int]:
    return select(Payment.id).where(
        Payment.state == PaymentState.DECLINED, Payment.next_try_at <= now
    )


def _overdue_cards(late_at: datetime) -> Select[int]:
    return (
        select(Payment.commitment_id)
        .join(Commitment, Commitment.id == Payment.commitment_id)
        .where(
            Payment.state == PaymentState.AWAITING_CARD,
            func.coalesce(Payment.next_try_at, Payment.made_at + CARD_LIMIT) <= late_at,
            Commitment.state.in_(Commitment.ALIVE),
        )
    )


def _unfinished_refunds(late_at: datetime) -> Select[int]:
    return select(Refund.id).where(
        Refund.intent_key != "",
        Refund.state.in_([RefundState.WANTED, RefundState.SENT]),
        Refund.wanted_at <= late_at,
    )


def _unhandled(late_at: datetime) -> Select[int]:
    return select(GatewayMessage.id).where(
        GatewayMessage.handled_at.is_(None), GatewayMessage.received_at <= late_at
    )

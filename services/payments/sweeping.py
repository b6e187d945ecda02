"""Sweeping: every minute, work whose job was lost or whose answer never came is asked for again."""

from collections.abc import Sequence
from datetime import datetime

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
from services.patience import MOST_AT_ONCE, PATIENCE, ask_again
from services.payments.handing import SILENCE
from services.payments.promising import give_up_holds


def sweep(session: Session, *, now: datetime) -> None:
    """Have everything done that should have been; each of these jobs may run more than once."""
    late_at = now - PATIENCE
    give_up_holds(session, now=now)
    _again(session, "payments.charge", "payment_id", _unanswered(session, now))
    _again(session, "payments.retry", "payment_id", session.scalars(_due_tries(now)).all())
    overdue = session.scalars(_overdue_cards(late_at)).all()
    _again(session, "payments.expire", "commitment_id", overdue)
    _again(session, "payments.refund", "refund_id", _unfinished_refunds(session, now))
    _again(session, "payments.handle_message", "message_id", _unhandled(session, now))
    silent = session.scalars(_silent(now)).all()
    _again(session, "payments.count_silence", "collaboration_id", silent)


def _again(session: Session, task: str, argument: str, late_ids: Sequence[int]) -> None:
    queue.defer_many(session, task, [{argument: one} for one in late_ids])


def _unanswered(session: Session, now: datetime) -> Sequence[int]:
    latest = (
        select(PaymentAttempt.id)
        .join(
            Payment,
            (PaymentAttempt.payment_id == Payment.id)
            & (PaymentAttempt.number == Payment.attempts_count),
        )
        .where(
            Payment.state == PaymentState.CHARGING,
            PaymentAttempt.state.in_([AttemptState.PLANNED, AttemptState.SENT]),
        )
    )
    asked = ask_again(session, PaymentAttempt, PaymentAttempt.sent_at, latest, now=now)
    return session.scalars(
        select(PaymentAttempt.payment_id).where(PaymentAttempt.id.in_(asked))
    ).all()


def _due_tries(now: datetime) -> Select[int]:
    return (
        select(Payment.id)
        .where(Payment.state == PaymentState.DECLINED, Payment.next_try_at <= now)
        .limit(MOST_AT_ONCE)
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
        .limit(MOST_AT_ONCE)
    )


def _silent(now: datetime) -> Select[int]:
    """The deals where money that was said to be received counts by now."""
    return (
        select(Commitment.collaboration_id)
        .join(Payment, Payment.commitment_id == Commitment.id)
        .where(
            Payment.state == PaymentState.CONFIRMED_BY_ONE,
            Payment.confirmed_by_payee_at <= now - SILENCE,
        )
        .distinct()
        .limit(MOST_AT_ONCE)
    )


def _unfinished_refunds(session: Session, now: datetime) -> Sequence[int]:
    unfinished = select(Refund.id).where(
        Refund.intent_key != "",
        Refund.state.in_([RefundState.WANTED, RefundState.SENT]),
    )
    return ask_again(session, Refund, Refund.wanted_at, unfinished, now=now)


def _unhandled(session: Session, now: datetime) -> Sequence[int]:
    unhandled = select(GatewayMessage.id).where(GatewayMessage.handled_at.is_(None))
    return ask_again(session, GatewayMessage, GatewayMessage.received_at, unhandled, now=now)

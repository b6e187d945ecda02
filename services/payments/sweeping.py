"""Sweeping: every minute, work whose job was lost or whose answer never came is asked for again."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, func, literal, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

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
from services.payments.handing import SILENCE
from services.payments.promising import give_up_holds

Asked = PaymentAttempt | Refund | GatewayMessage

PATIENCE = timedelta(minutes=5)
# What is asked for in vain is asked for more and more seldom, but at least so often.
LONGEST_PAUSE = timedelta(hours=1)
MOST_AT_ONCE = 500


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


def _asked(
    session: Session,
    what: type[Asked],
    since: InstrumentedAttribute[datetime],
    query: Select[int],
    now: datetime,
) -> Sequence[int]:
    """The ids of those that `query` finds and that are due to be asked for; they are noted so.

    The pause is as long as they had waited when they were last asked for: each is twice the one
    before, so that a gateway that is down for a day leaves no thousands of jobs.
    """
    due = or_(
        what.asked_at.is_(None),
        what.asked_at <= now - LONGEST_PAUSE,
        what.asked_at - since <= literal(now) - what.asked_at,
    )
    late = query.where(since <= now - PATIENCE, due).limit(MOST_AT_ONCE)
    return session.scalars(
        update(what)
        .where(what.id.in_(late.scalar_subquery()))
        .values(asked_at=now)
        .returning(what.id)
        .execution_options(synchronize_session="fetch")
    ).all()


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
    asked = _asked(session, PaymentAttempt, PaymentAttempt.sent_at, latest, now)
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
    return _asked(session, Refund, Refund.wanted_at, unfinished, now)


def _unhandled(session: Session, now: datetime) -> Sequence[int]:
    unhandled = select(GatewayMessage.id).where(GatewayMessage.handled_at.is_(None))
    return _asked(session, GatewayMessage, GatewayMessage.received_at, unhandled, now)

"""Planning: who is charged what; each try is written down with its key before it is made."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from models.collaborations import Commitment
from models.payments import Payment, PaymentAttempt, PaymentState
from services import queue
from services.payments.finding import locked, owed_minor, tell
from services.payments.happened import PaymentNeeded
from services.payments.letting_go import let_go
from services.payments.receiving import finish_if_collected

BATCH = 100


def request_charges(session: Session, collaboration_id: int, *, now: datetime) -> None:
    """Have everyone who takes part and pays by card charged what they owe."""
    queue.defer(session, "payments.charge_batch", at=now, collaboration_id=collaboration_id)


def charge_batch(session: Session, collaboration_id: int, *, now: datetime) -> None:
    """Plan the charges of up to 100 payments, each a job of its own, and ask for the next 100.

    Whose bank let go of what it held since the close is asked to pay themself.
    """
    waiting = _waiting(session, collaboration_id)
    for payment in waiting:
        due_minor = owed_minor(payment)
        if due_minor == 0:
            payment.release()
            let_go(session, payment)
        elif payment.state == PaymentState.READY:
            plan(session, payment, due_minor, now=now)
        else:
            payment.need_card()
            tell(session, PaymentNeeded, payment, amount_minor=due_minor, now=now)
    if len(waiting) == BATCH:
        queue.defer(session, "payments.charge_batch", collaboration_id=collaboration_id)
    elif waiting:
        finish_if_collected(session, waiting[0])


def _waiting(session: Session, collaboration_id: int) -> Sequence[Payment]:
    return session.scalars(
        select(Payment)
        .join(Payment.commitment)
        .where(
            Commitment.collaboration_id == collaboration_id,
            Commitment.state.in_(Commitment.TAKING_PART),
            Payment.state.in_([PaymentState.READY, PaymentState.AWAITING_CARD]),
        )
        .options(contains_eager(Payment.commitment))
        .order_by(Payment.id)
        .limit(BATCH)
        .with_for_update(key_share=True, of=Payment)
        .execution_options(populate_existing=True)
    ).all()


def plan(session: Session, payment: Payment, amount_minor: int, *, now: datetime) -> None:
    """Write down a try and its key, and have it made. The caller holds the payment's lock."""
    payment.charge(amount_minor)
    plan_attempt(session, payment, now)


def plan_attempt(session: Session, payment: Payment, now: datetime) -> None:
    """Write down the next try of a payment that is being charged, and have it made."""
    session.add(
        PaymentAttempt(
            payment_id=payment.id,
            number=payment.attempts_count,
            key=f"charge:{payment.id}:{payment.attempts_count}",
            amount_minor=payment.amount_minor,
            sent_at=now,
        )
    )
    session.flush()
    queue.defer(session, "payments.charge", payment_id=payment.id)


def retry(session: Session, payment_id: int, *, now: datetime) -> None:
    """Ask a card again that was declined, if its time has come."""
    payment = locked(session, payment_id)
    is_due = payment.next_try_at is not None and payment.next_try_at <= now
    if payment.state == PaymentState.DECLINED and is_due and owed_minor(payment):
        plan(session, payment, owed_minor(payment), now=now)

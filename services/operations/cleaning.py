"""Cleaning: what has ended is forgotten when nobody needs it any more (GDPR Art. 5(1)(e))."""

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from models.ledger import LedgerCheck
from models.members import IdempotencyRecord
from models.notices import Notice
from services import gateway_messages as messages
from services import mailing, members, pictures
from services.buying import baskets

IDEMPOTENCY_KEPT = timedelta(days=2)
NOTICES_KEPT = timedelta(days=365)
CHECKS_KEPT = timedelta(days=90)
JOBS_KEPT = timedelta(days=1)
FAILED_JOBS_KEPT = timedelta(days=90)


def clean(session: Session, *, now: datetime) -> None:
    """Delete what has ended, and what was for once: each as long after as it says here."""
    members.sweep(session, now=now)
    mailing.forget_old(session, now=now)
    messages.forget_old(session, now=now)
    baskets.forget_closed(session)
    pictures.forget_unused(session, now=now)
    newest = select(func.max(LedgerCheck.id)).scalar_subquery()
    for statement in (
        delete(IdempotencyRecord).where(IdempotencyRecord.made_at <= now - IDEMPOTENCY_KEPT),
        delete(Notice).where(Notice.read_at <= now - NOTICES_KEPT),
        delete(LedgerCheck).where(
            LedgerCheck.checked_at <= now - CHECKS_KEPT, LedgerCheck.id != newest
        ),
    ):
        session.execute(statement.execution_options(synchronize_session=False))
    _forget_jobs(session, now)


def _forget_jobs(session: Session, now: datetime) -> None:
    session.execute(
        text(
            "DELETE FROM procrastinate_jobs j WHERE "
            "(status IN ('succeeded', 'cancelled', 'aborted') AND :ended > "
            " (SELECT max(at) FROM procrastinate_events e WHERE e.job_id = j.id)) OR "
            "(status = 'failed' AND :failed > "
            " (SELECT max(at) FROM procrastinate_events e WHERE e.job_id = j.id))"
        ),
        {"ended": now - JOBS_KEPT, "failed": now - FAILED_JOBS_KEPT},
    )
    session.execute(
        text(
            "DELETE FROM procrastinate_periodic_defers "
            "WHERE job_id IS NULL AND defer_timestamp < :before"
        ),
        {"before": int((now - JOBS_KEPT).timestamp())},
    )

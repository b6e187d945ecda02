"""Checking the books: what the ledger said, and when it was last asked."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.ledger import LedgerCheck
from services import ledger


def check_books(session: Session, *, now: datetime) -> LedgerCheck:
    """Verify the whole ledger and keep what was found."""
    check = LedgerCheck(checked_at=now, findings=ledger.verify(session))
    session.add(check)
    session.flush()
    return check


def last_check(session: Session) -> LedgerCheck | None:
    return session.scalar(select(LedgerCheck).order_by(LedgerCheck.id.desc()).limit(1))

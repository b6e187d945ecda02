"""What is over is forgotten: sessions, links and counts that open nothing any more."""

from datetime import datetime, timedelta

from sqlalchemy import delete, or_
from sqlalchemy.orm import Session

from models.members import SESSION_IDLE, MailToken, MemberSession
from services import throttles

# A link that was used is kept for a while, to answer questions about it.
LINKS_KEPT = timedelta(days=30)


def sweep(session: Session, *, now: datetime) -> None:
    """Delete what has expired; safe to run at any time and more than once."""
    throttles.sweep(session, now=now)
    session.execute(delete(MailToken).where(MailToken.expires_at < now - LINKS_KEPT))
    session.execute(
        delete(MemberSession).where(
            or_(MemberSession.expires_at <= now, MemberSession.seen_at <= now - SESSION_IDLE)
        )
    )

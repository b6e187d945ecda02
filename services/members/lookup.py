"""Finding a member by their address, and locking them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.members import Member


def email_key(email: str) -> str:
    """Two spellings of one address are one key."""
    return email.strip().lower()


def by_email(session: Session, email: str, *, lock: bool = False) -> Member | None:
    """The member with this address who has not closed their account, or None."""
    query = select(Member).where(Member.email_key == email_key(email), Member.closed_at.is_(None))
    if lock:
        query = query.with_for_update(key_share=True, of=Member).execution_options(
            populate_existing=True
        )
    return session.scalar(query)


def has_any(session: Session) -> bool:
    """Whether anybody has ever signed up here."""
    return session.scalar(select(Member.id).limit(1)) is not None


def locked(session: Session, member_id: int) -> Member:
    """The member's row, kept from others until the end of the transaction."""
    return session.scalars(
        select(Member)
        .where(Member.id == member_id)
        .with_for_update(key_share=True, of=Member)
        .execution_options(populate_existing=True)
    ).one()

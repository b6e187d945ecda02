"""Keeping listings true: after a while their owners are asked, and one click says yes."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.errors import NotFound
from models.listings import ASKED_BEFORE, Listing, ListingState
from models.words import N_
from services import secrets
from services.listings import happened
from services.listings.making import record

BATCH = 200


def renew(session: Session, listing: Listing, *, actor: Actor, now: datetime) -> None:
    """Say that it still holds. The caller has found it with its lock, for its owner.

    What had expired is open again, and found anew.
    """
    was_open = listing.is_open
    _stand(session, listing, actor, now, is_new=not was_open)


def renew_by_key(session: Session, key: str, *, now: datetime) -> Listing:
    """Say so by the link in the mail; whoever clicks it twice changes nothing more.

    Refuses with NotFound a link that is none, and what was closed meanwhile.
    """
    listing = session.scalar(
        select(Listing)
        .where(Listing.renewal_key == key, Listing.state != ListingState.CLOSED)
        .with_for_update(key_share=True, of=Listing)
        .execution_options(populate_existing=True)
    )
    if not key or listing is None:
        raise NotFound(N_("This link renews nothing any more. Look at your listings instead."))
    if listing.asked_at is not None or not listing.is_open:
        _stand(session, listing, None, now, is_new=not listing.is_open)
    return listing


def ask_due(session: Session, *, now: datetime) -> int:
    """Ask the owners of what ends within a week whether it still holds; how many there were."""
    due = session.scalars(
        select(Listing)
        .where(
            Listing.state == ListingState.OPEN,
            Listing.expires_at <= now + ASKED_BEFORE,
            Listing.asked_at.is_(None),
        )
        .order_by(Listing.id)
        .limit(BATCH)
        .with_for_update(key_share=True, of=Listing, skip_locked=True)
    ).all()
    for listing in due:
        listing.asked_at, listing.renewal_key = now, secrets.draw()
        record(session, happened.ListingAsked, listing, None, now)
    return len(due)


def expire_due(session: Session, *, now: datetime) -> int:
    """End what nobody said still holds; how many there were."""
    due = session.scalars(
        select(Listing)
        .where(Listing.state == ListingState.OPEN, Listing.expires_at <= now)
        .order_by(Listing.id)
        .limit(BATCH)
        .with_for_update(key_share=True, of=Listing, skip_locked=True)
    ).all()
    for listing in due:
        listing.expire()
        record(session, happened.ListingExpired, listing, None, now)
    return len(due)


def _stand(
    session: Session, listing: Listing, actor: Actor | None, now: datetime, *, is_new: bool
) -> None:
    listing.stand(now)
    session.flush()
    if is_new:
        record(session, happened.ListingOpened, listing, actor, now)

""" "Not now": a match that its reader does not want to see again for a while."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.listings import Dismissal, Listing

NOT_NOW = timedelta(days=30)


def dismiss(session: Session, listing: Listing, other: Listing, *, now: datetime) -> None:
    """Leave `other` out of what is shown for `listing` for 30 days; again, for 30 from then."""
    put = insert(Dismissal).values(listing_id=listing.id, other_id=other.id, until_at=now + NOT_NOW)
    session.execute(
        put.on_conflict_do_update(
            index_elements=["listing_id", "other_id"], set_={"until_at": now + NOT_NOW}
        )
    )


def dismissed_count(session: Session, listing: Listing, *, now: datetime) -> int:
    """How many are left out for now."""
    return (
        session.scalar(
            select(func.count()).where(Dismissal.listing_id == listing.id, Dismissal.until_at > now)
        )
        or 0
    )

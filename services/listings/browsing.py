"""Browsing listings: the newest, those near a place, or those that fit some words or a skill."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, literal_column, select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.geography import Coordinates, distance_km
from models.listings import Listing, ListingKind
from services.discovery import candidates
from services.discovery.browsing import place_of
from services.discovery.candidates import by_words, in_reach, nearest
from services.listings.finding import is_for
from services.paging import Page, paged, position

COLUMNS = (Listing.id, Listing.title, Listing.latitude, Listing.longitude, Listing.is_remote)


@dataclass(frozen=True)
class ListingFilters:
    """What someone looks for; with a place, also what can be done from afar."""

    kind: ListingKind = ListingKind.OFFER
    words: str = ""
    near: Coordinates | None = None
    within_km: int = 25
    skill_id: int | None = None
    after: str | None = None
    limit: int = 24


@dataclass(frozen=True)
class FoundListing:
    """A listing in a list, and how far it is from the place looked for, else from the reader."""

    listing: Listing
    distance_km: float | None


def browse(
    session: Session, filters: ListingFilters, *, actor: Actor | None, now: datetime
) -> Page[FoundListing]:
    """A page of the open listings that fit. Refuses with CursorNotValid."""
    if filters.words or filters.near is not None:
        ids = _among_candidates(session, filters, actor, now)
    else:
        ids = _newest(session, filters, actor, now)
    rows = session.scalars(select(Listing).where(Listing.id.in_(ids.rows)))
    listings = {one.id: one for one in rows}
    seen_from = filters.near or place_of(actor)
    shown = [FoundListing(listings[one], _away(listings[one], seen_from)) for one in ids.rows]
    return Page(shown, ids.after)


def _newest(
    session: Session, filters: ListingFilters, actor: Actor | None, now: datetime
) -> Page[int]:
    after = position(filters.after, int)
    query = select(Listing.id).where(*_conditions(filters, actor, now))
    if after is not None:
        query = query.where(Listing.id < after[0])
    rows = session.scalars(query.order_by(Listing.id.desc()).limit(filters.limit + 1)).all()
    return paged(rows, filters.limit, lambda row: (row,))


def _among_candidates(
    session: Session, filters: ListingFilters, actor: Actor | None, now: datetime
) -> Page[int]:
    """In Python: at most 500 rows, the best of them first."""
    after = position(filters.after, float, int)
    conditions = _conditions(filters, actor, now)
    if filters.words:
        query = by_words(Listing, COLUMNS, conditions, filters.words)
    else:
        assert filters.near is not None
        conditions.append(in_reach(Listing, filters.near, filters.within_km))
        query = nearest(Listing, COLUMNS, conditions, filters.near)
    keys = sorted(key for row in session.execute(query) if (key := _key(row, filters)) is not None)
    if after is not None:
        keys = [key for key in keys if key > after]
    page = paged(keys[: filters.limit + 1], filters.limit, lambda key: key)
    return page.map(lambda key: int(key[1]))


def _key(row: Row[*tuple[Any, ...]], filters: ListingFilters) -> tuple[float, int] | None:
    """By what a candidate is sorted, rising; None for what does not fit after all."""
    away = _away(row, filters.near)
    is_near = filters.near is None or (away is not None and away <= filters.within_km)
    if not is_near and not row.is_remote:
        return None
    if not filters.words:
        return (away or 0.0, row.id) if is_near else None
    fits = candidates.score(filters.words, row.title, row)
    return None if fits is None else (-fits, row.id)


def _conditions(filters: ListingFilters, actor: Actor | None, now: datetime) -> list[Any]:
    conditions: list[Any] = [
        # Written out, not bound, so that the planner knows that its partial indexes hold these.
        Listing.state == literal_column("'open'"),
        Listing.kind == literal_column(f"'{filters.kind}'"),
        Listing.expires_at > now,
        is_for(actor),
    ]
    if filters.skill_id is not None:
        conditions.append(Listing.skill_ids.contains([filters.skill_id]))
    return conditions


def _away(row: Any, seen_from: Coordinates | None) -> float | None:
    if seen_from is None or row.latitude is None:
        return None
    return distance_km(seen_from, Coordinates(row.latitude, row.longitude))

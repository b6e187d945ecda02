"""Browsing: at most 500 candidates by an index, then sorted and cut among these.

Deals are found in two steps: the ids and versions of a page, and the deals themselves for those
cards that are not at hand.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, TextClause, select, text, tuple_
from sqlalchemy.orm import Session, with_polymorphic

from models.actors import Actor
from models.collaborations import Collaboration, Visibility
from models.geography import Coordinates, distance_km
from models.money import BASIS_POINTS
from models.participants import Picture
from services.discovery import candidates
from services.discovery.candidates import by_words, in_reach, nearest
from services.discovery.filters import ORDERS, Filters, Found, Sort, Status
from services.paging import Page, paged, position

COLUMNS = (
    Collaboration.id,
    Collaboration.version,
    Collaboration.opens_at,
    Collaboration.closes_at,
    Collaboration.progress_basis_points,
    Collaboration.latitude,
    Collaboration.longitude,
)
SORTED_BY: dict[Sort, Any] = {
    Sort.CLOSING: Collaboration.closes_at,
    Sort.NEARLY: Collaboration.progress_basis_points,
    Sort.NEWEST: Collaboration.opens_at,
}


def browse(
    session: Session, filters: Filters, *, actor: Actor | None, now: datetime
) -> Page[Found]:
    """A page of the public deals that fit `filters`, in their order.

    Distances are kilometres from the place looked for, else from the actor's own; they are None
    where either is unknown. With words or a place at most 500 deals are looked at. Refuses with
    CursorNotValid.
    """
    order = ORDERS[filters.order]
    after = position(filters.after, *order.kinds)
    seen_from = filters.near or place_of(actor)
    if not filters.words and filters.near is None:
        rows = session.execute(_by_index(filters, after, now))
        return paged([_found(row, seen_from) for row in rows], filters.limit, order.values)
    looked_at = {row.id: row for row in session.execute(_candidates(filters, now))}
    found = [one for row in looked_at.values() if (one := _fitting(row, filters))]
    found.sort(key=order.values, reverse=order.is_falling)
    if after is not None:
        found = [one for one in found if _comes_after(order.values(one), after, order.is_falling)]
    # How far away it is from the reader is said of those that are shown, not of all candidates.
    shown = [_found(looked_at[one.id], seen_from, one.score) for one in found[: filters.limit + 1]]
    return paged(shown, filters.limit, order.values)


def cards(session: Session, ids: Iterable[int]) -> dict[int, tuple[Collaboration, str | None]]:
    """The deals with these ids, each with its organiser, and with the key of its picture."""
    wanted = list(ids)
    if not wanted:
        return {}
    deal = with_polymorphic(Collaboration, "*")
    rows = session.execute(
        select(deal, Picture.key)
        .outerjoin(Picture, Picture.id == deal.picture_id)
        .where(deal.id.in_(wanted))
    )
    return {found.id: (found, key) for found, key in rows}


def all_public(session: Session, *, most: int = 50_000) -> Sequence[str]:
    """The slugs of everything that everyone may see, the newest first, for search engines."""
    return session.scalars(
        select(Collaboration.slug)
        .where(
            Collaboration.visibility == Visibility.PUBLIC,
            Collaboration.state.in_([state for status in Status for state in status.states]),
        )
        .order_by(Collaboration.id.desc())
        .limit(most)
    ).all()


def place_of(actor: Actor | None) -> Coordinates | None:
    if actor is None or actor.participant.latitude is None or actor.participant.longitude is None:
        return None
    return Coordinates(actor.participant.latitude, actor.participant.longitude)


def _by_index(
    filters: Filters, after: tuple[Any, ...] | None, now: datetime
) -> Select[*tuple[Any, ...]]:
    """One step along the index of the order, from where the cursor stands."""
    column = SORTED_BY[filters.order]
    row = tuple_(column, Collaboration.id)
    falling = ORDERS[filters.order].is_falling
    conditions = _conditions(filters, now)
    if after is not None:
        conditions.append(row < after if falling else row > after)
    return (
        select(*COLUMNS)
        .where(*conditions)
        .order_by(
            column.desc() if falling else column,
            Collaboration.id.desc() if falling else Collaboration.id,
        )
        .limit(filters.limit + 1)
    )


def _conditions(filters: Filters, now: datetime) -> list[ColumnElement[bool]]:
    conditions: list[Any] = [_public(filters.status)]
    if filters.status == Status.OPEN:
        conditions.append(Collaboration.closes_at > now)
    if filters.category is not None:
        conditions.append(Collaboration.category == filters.category)
    if filters.order == Sort.NEARLY:
        # What has tipped is there, not nearly there, and nobody can join what is paused.
        conditions.append(Collaboration.progress_basis_points < BASIS_POINTS)
        conditions.append(Collaboration.is_paused.is_(False))
    if filters.near is not None:
        conditions.append(in_reach(Collaboration, filters.near, filters.within_km))
    return conditions


def _public(status: Status) -> TextClause:
    """Written out, not bound, so that the planner knows that its partial indexes hold these."""
    states = ", ".join(f"'{state}'" for state in status.states)
    return text(f"collaborations.state IN ({states}) AND collaborations.visibility = 'public'")


def _candidates(filters: Filters, now: datetime) -> Select[*tuple[Any, ...]]:
    conditions = _conditions(filters, now)
    if not filters.words and filters.near is not None:
        return nearest(Collaboration, COLUMNS, conditions, filters.near)
    columns = (*COLUMNS, Collaboration.title)
    return by_words(Collaboration, columns, conditions, filters.words, knows_misspelled=True)


def _fitting(row: Row[*tuple[Any, ...]], filters: Filters) -> Found | None:
    """The candidate, unless it is farther away or less alike than it seemed to the index."""
    fits = candidates.score(filters.words, row.title, row) if filters.words else 0.0
    if fits is None:
        return None
    found = _found(row, filters.near, fits)
    if filters.near is not None and (found.distance_km or 0) > filters.within_km:
        return None
    return found


def _found(row: Row[*tuple[Any, ...]], seen_from: Coordinates | None, score: float = 0.0) -> Found:
    away = None
    if seen_from is not None and row.latitude is not None:
        away = distance_km(seen_from, Coordinates(row.latitude, row.longitude))
    return Found(
        id=row.id,
        version=row.version,
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        progress_basis_points=row.progress_basis_points,
        distance_km=away,
        score=score,
    )


def _comes_after(values: tuple[Any, ...], after: tuple[Any, ...], is_falling: bool) -> bool:
    return values < after if is_falling else values > after

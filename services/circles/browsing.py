"""Browsing circles: those that everyone may know of, by what they are for, where and named how."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, TextClause, select, text
from sqlalchemy.orm import Session

from models.actors import Actor
from models.circles import Circle, CircleKind, CircleVisibility
from models.circles.circle import KNOWN_TO_ALL
from models.geography import Coordinates, distance_km
from services.discovery import candidates
from services.discovery.browsing import place_of
from services.discovery.candidates import by_words, in_reach, nearest
from services.paging import Page, paged, position

COLUMNS = (Circle.id, Circle.name, Circle.latitude, Circle.longitude)


class CircleOrder(StrEnum):
    """What comes first: the best fit to the words, the nearest, or the newest."""

    BEST = "best"
    DISTANCE = "distance"
    NEWEST = "newest"


@dataclass(frozen=True)
class CircleFilters:
    """What someone looks for among the circles that everyone may know of."""

    words: str = ""
    near: Coordinates | None = None
    within_km: int = 25
    kind: CircleKind | None = None
    after: str | None = None
    limit: int = 24

    @property
    def order(self) -> CircleOrder:
        if self.words:
            return CircleOrder.BEST
        return CircleOrder.NEWEST if self.near is None else CircleOrder.DISTANCE


@dataclass(frozen=True)
class FoundCircle:
    """A circle in a list, and how far it is from the place looked for, else from the reader."""

    circle: Circle
    distance_km: float | None


def browse(session: Session, filters: CircleFilters, *, actor: Actor | None) -> Page[FoundCircle]:
    """A page of the circles that fit. Refuses with CursorNotValid."""
    if filters.order == CircleOrder.NEWEST:
        ids = _newest(session, filters)
    else:
        ids = _among_candidates(session, filters)
    circles = {
        one.id: one for one in session.scalars(select(Circle).where(Circle.id.in_(ids.rows)))
    }
    seen_from = filters.near or place_of(actor)
    return Page(
        [FoundCircle(circles[one], _away(circles[one], seen_from)) for one in ids.rows], ids.after
    )


def all_public(session: Session, *, most: int = 50_000) -> Sequence[str]:
    """The slugs of what everyone may read, the newest first, for search engines."""
    is_public = Circle.visibility == CircleVisibility.PUBLIC
    return session.scalars(
        select(Circle.slug).where(_known(), is_public).order_by(Circle.id.desc()).limit(most)
    ).all()


def _newest(session: Session, filters: CircleFilters) -> Page[int]:
    after = position(filters.after, int)
    query = select(Circle.id).where(*_conditions(filters))
    if after is not None:
        query = query.where(Circle.id < after[0])
    rows = session.scalars(query.order_by(Circle.id.desc()).limit(filters.limit + 1)).all()
    return paged(rows, filters.limit, lambda row: (row,))


def _among_candidates(session: Session, filters: CircleFilters) -> Page[int]:
    """In Python: at most 500 rows, the best of them first."""
    after = position(filters.after, float, int)
    conditions = _conditions(filters)
    if filters.words:
        query = by_words(Circle, COLUMNS, conditions, filters.words)
    else:
        assert filters.near is not None
        query = nearest(Circle, COLUMNS, conditions, filters.near)
    keys = sorted(key for row in session.execute(query) if (key := _key(row, filters)) is not None)
    if after is not None:
        keys = [key for key in keys if key > after]
    page = paged(keys[: filters.limit + 1], filters.limit, lambda key: key)
    return page.map(lambda key: int(key[1]))


def _key(row: Row[*tuple[Any, ...]], filters: CircleFilters) -> tuple[float, int] | None:
    """By what a candidate is sorted, rising; None for what does not fit after all."""
    away = _away(row, filters.near)
    if filters.near is not None and (away is None or away > filters.within_km):
        return None
    if not filters.words:
        return away or 0.0, row.id
    fits = candidates.score(filters.words, row.name, row)
    return None if fits is None else (-fits, row.id)


def _conditions(filters: CircleFilters) -> list[Any]:
    conditions: list[Any] = [_known()]
    if filters.kind is not None:
        conditions.append(Circle.kind == filters.kind)
    if filters.near is not None:
        conditions.append(in_reach(Circle, filters.near, filters.within_km))
    return conditions


def _known() -> TextClause:
    """Written out, not bound, so that the planner knows that its partial indexes hold these."""
    return text(KNOWN_TO_ALL)


def _away(row: Any, seen_from: Coordinates | None) -> float | None:
    if seen_from is None or row.latitude is None:
        return None
    return distance_km(seen_from, Coordinates(row.latitude, row.longitude))

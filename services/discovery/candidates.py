"""Candidates: at most 500 rows of a table that lie near, or are named so, found by its indexes.

For every table with a place (`latitude`, `longitude`) or a `search` made by `allmende_search`.
What the index takes for near or alike is looked at once more among these.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, false, func, or_, select, union

from models.geography import Coordinates, box_around
from services.discovery import words as asking

MOST_CANDIDATES = 500
# With fewer exact hits than this, titles that merely look alike are shown too.
FEW_HITS = 5


def in_reach(model: Any, centre: Coordinates, radius_km: float) -> ColumnElement[bool]:
    """What lies in the box around a circle of `radius_km`; its corners lie farther away."""
    box = box_around(centre, radius_km)
    spans = [(box.west, box.east)]
    if box.west > box.east:
        spans = [(box.west, 180.0), (-180.0, box.east)]
    point = func.point(model.longitude, model.latitude)
    return or_(
        *(
            point.op("<@", is_comparison=True)(
                func.box(func.point(west, box.south), func.point(east, box.north))
            )
            for west, east in spans
        )
    )


def nearest(
    model: Any, columns: Sequence[Any], conditions: Sequence[Any], centre: Coordinates
) -> Select[*tuple[Any, ...]]:
    """The nearest of what the conditions leave."""
    point = func.point(model.longitude, model.latitude)
    here = func.point(centre.longitude, centre.latitude)
    return (
        select(*columns).where(*conditions).order_by(point.op("<->")(here)).limit(MOST_CANDIDATES)
    )


def by_words(
    model: Any,
    columns: Sequence[Any],
    conditions: Sequence[Any],
    words: str,
    *,
    knows_misspelled: bool = False,
) -> Select[*tuple[Any, ...]]:
    """What is named so; with few hits, also what is named alike (`is_exact`, `is_meant`, `rank`).

    With `knows_misspelled`, words that the search has learnt are found in spite of a typing error.
    """
    ids = select(model.id).where(*conditions)
    query = asking.query(words)
    fits = model.search.op("@@", is_comparison=True)(query)
    exact = _some(ids.where(fits), "exact")
    few = select(func.count()).select_from(exact).scalar_subquery() < FEW_HITS
    parts = [select(exact.c.id)]
    fuzzy = asking.fuzzy_query(words)
    if fuzzy is not None:
        alike = _some(ids.where(model.search.op("@@")(fuzzy), few), "alike")
        parts.append(select(alike.c.id))
    meant: ColumnElement[bool] = false()
    misspelled = asking.misspelled_query(words) if knows_misspelled else None
    if misspelled is not None:
        asked = misspelled.cte("misspelled").prefix_with("MATERIALIZED")
        meant = model.search.op("@@")(select(asked.c.query).scalar_subquery())
        parts.append(select(_some(ids.where(meant, few), "meant").c.id))
    rank = func.ts_rank(model.search, query)
    return select(
        *columns,
        rank.label("rank"),
        fits.label("is_exact"),
        meant.label("is_meant"),
    ).where(model.id.in_(union(*parts)))


def score(words: str, title: str, row: Any) -> float | None:
    """How well a row of `by_words` fits, None for what only seemed to the index to be alike.

    An exact hit, however low it ranks, comes before all that merely look alike.
    """
    found = 1.0 + row.rank if row.is_exact else asking.likeness(words, title)
    if row.is_meant:
        found = max(found, asking.LEAST_ALIKE)
    return None if found < asking.LEAST_ALIKE else float(found)


def _some(ids: Select[*tuple[Any, ...]], name: str) -> CTE:
    return ids.limit(MOST_CANDIDATES).cte(name).prefix_with("MATERIALIZED")

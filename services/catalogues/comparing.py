"""What a list changes against another: articles are the same where their order number is."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Row, func, or_, select
from sqlalchemy.orm import Session

from models.catalogues import CatalogueArticle, CatalogueVersion
from services.paging import Page, paged, position


class Kind(StrEnum):
    """How an article differs. `changed` is anything of `TERMS`: its unit, its steps, its VAT …"""

    NEW = "new"
    GONE = "gone"
    DEARER = "dearer"
    CHEAPER = "cheaper"
    RENAMED = "renamed"
    CHANGED = "changed"


# What binds an organiser besides the first price; further words of a list do not.
TERMS = (
    "unit",
    "case_size",
    "vat_basis_points",
    "deposit_minor",
    "more_tiers",
    "minimum_units",
    "maximum_units",
    "overweight_basis_points",
    # Whoever deals from the list has to say it before the order (Regulation 1169/2011 Art. 14).
    "food_information",
)
_SHOWN = ("id", "name", "unit", "price_minor")


@dataclass(frozen=True)
class Difference:
    """One article in two lists; what a list does not have is None. Prices in minor units."""

    order_number: str
    kinds: tuple[Kind, ...]
    name_before: str | None
    name: str | None
    unit_before: str | None
    unit: str | None
    price_before_minor: int | None
    price_minor: int | None


def counts(
    session: Session, before: CatalogueVersion | None, version: CatalogueVersion
) -> dict[Kind, int]:
    """How many articles of `version` differ from `before`, by kind; one may count in several."""
    old, new, joined = _side_by_side(before, version)
    kinds = _kinds_between(old, new)
    row = session.execute(
        select(
            *(func.count().filter(holds).label(kind) for kind, holds in kinds.items())
        ).select_from(joined)
    ).one()
    return {kind: row._mapping[kind] for kind in Kind}


def differences(
    session: Session,
    before: CatalogueVersion | None,
    version: CatalogueVersion,
    *,
    kind: Kind | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[Difference]:
    """The articles that differ, by order number; `kind` None means any."""
    old, new, joined = _side_by_side(before, version)
    kinds = _kinds_between(old, new)
    number = func.coalesce(new.c.order_number, old.c.order_number)
    query = (
        select(
            number.label("order_number"),
            *(old.c[name].label(f"{name}_before") for name in _SHOWN),
            *(new.c[name].label(name) for name in _SHOWN),
            *(holds.label(f"is_{one}") for one, holds in kinds.items()),
        )
        .select_from(joined)
        .where(or_(*kinds.values()) if kind is None else kinds[kind])
        .order_by(number)
        .limit(limit + 1)
    )
    start = position(after, str)
    if start is not None:
        query = query.where(number > start[0])
    rows = [_difference(row) for row in session.execute(query)]
    return paged(rows, limit, lambda row: (row.order_number,))


def _side_by_side(
    before: CatalogueVersion | None, version: CatalogueVersion
) -> tuple[FromClause, FromClause, FromClause]:
    old = _offered(None if before is None else before.id).subquery("old")
    new = _offered(version.id).subquery("new")
    return old, new, old.outerjoin(new, old.c.order_number == new.c.order_number, full=True)


def _offered(version_id: int | None) -> Any:
    return select(CatalogueArticle.__table__).where(
        CatalogueArticle.version_id == version_id, CatalogueArticle.is_deposit.is_(False)
    )


def _kinds_between(old: FromClause, new: FromClause) -> dict[Kind, ColumnElement[bool]]:
    """The condition of each kind between two rows of articles, either of which may be missing.

    What cannot be had is as good as gone, and new when it can be had again.
    """
    was_there = func.coalesce(old.c.is_available, False)
    is_there = func.coalesce(new.c.is_available, False)
    both = was_there & is_there
    return {
        Kind.NEW: ~was_there & is_there,
        Kind.GONE: was_there & ~is_there,
        Kind.DEARER: both & (new.c.price_minor > old.c.price_minor),
        Kind.CHEAPER: both & (new.c.price_minor < old.c.price_minor),
        Kind.RENAMED: both & (new.c.name != old.c.name),
        Kind.CHANGED: both & or_(*(new.c[name].is_distinct_from(old.c[name]) for name in TERMS)),
    }


def _difference(row: Row[Any]) -> Difference:
    found = row._mapping
    return Difference(
        order_number=found["order_number"],
        kinds=tuple(kind for kind in Kind if found[f"is_{kind}"]),
        name_before=found["name_before"],
        name=found["name"],
        unit_before=found["unit_before"],
        unit=found["unit"],
        price_before_minor=found["price_minor_before"],
        price_minor=found["price_minor"],
    )

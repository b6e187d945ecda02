"""Stock: what joining reads of the articles of one order, under the lock of their deal.

Everyone who joins waits for the one before, and a row with all that a page shows of an article
takes several times as long to read. The rules take either.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, bindparam, func, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session, class_mapper

from models.base import Json
from models.buying import Article
from models.weights import ByWeight


@dataclass(slots=True)
class StockTier:
    """A price tier with its running sums."""

    id: int
    from_units: int
    price_minor: int
    demand_units: int
    tolerance_units: int


@dataclass(slots=True)
class Stock(ByWeight):
    """An article as far as an order is reckoned with it; tiers from the dearest to the cheapest."""

    id: int
    name: str
    minimum_units: int
    maximum_units: int | None
    case_size: int
    vat_basis_points: int
    deposit_minor: int
    base_units_thousandths: int | None
    overweight_basis_points: int | None
    active_units: int
    standing_units: int
    standing_tier: int | None
    tiers: list[StockTier] = field(default_factory=list)


Stocked = Article | Stock


@dataclass(frozen=True)
class Shelf:
    """What one order finds: its articles by id, and whether its pick-up point is the deal's too."""

    articles: dict[int, Stock]
    has_point: bool

    @classmethod
    def of(cls, found: Json) -> "Shelf":
        """The shelf that the database's `stock_of` wrote down."""
        articles = {}
        # The fields stand in the order in which it names them.
        for *columns, tiers in found["articles"] or ():
            articles[columns[0]] = stock = Stock(*columns)
            stock.tiers = [StockTier(*tier) for tier in tiers]
        return cls(articles, found["has_point"])


def read_for(group_buy_id: ColumnElement[int]) -> ColumnElement[Json]:
    """The shelf as a column: what holds when it is read, for the order of `asked`."""
    ids, point = bindparam("ids", type_=ARRAY(BigInteger)), bindparam("point", type_=BigInteger)
    return func.stock_of(group_buy_id, ids, point, type_=JSONB)


def asked(ids: Sequence[int], pickup_point_id: int | None) -> dict[str, Any]:
    """What `read_for` has to be told."""
    return {"ids": ids, "point": pickup_point_id}


_READ = select(read_for(bindparam("group_buy_id", type_=BigInteger)))


def read(
    session: Session, group_buy_id: int, ids: Sequence[int], pickup_point_id: int | None
) -> Shelf:
    """What an order for these articles finds; the caller holds the lock of the deal."""
    found = session.scalar(_READ, {"group_buy_id": group_buy_id, **asked(ids, pickup_point_id)})
    assert found is not None
    return Shelf.of(found)


def forget(session: Session, articles: Mapping[int, Stock]) -> None:
    """Have this session read anew what it held of these articles before they were written."""
    for article_id in articles:
        held = session.identity_map.get(
            class_mapper(Article).identity_key_from_primary_key((article_id,))
        )
        if held is not None:
            session.expire(held)

"""Stock: what joining reads of the articles of one order, under the lock of their deal.

Everyone who joins waits for the one before, and a row with all that a page shows of an article
takes several times as long to read. The rules take either.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, bindparam, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session
from sqlalchemy.orm.util import identity_key

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
class StockArticle(ByWeight):
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


Stocked = Article | StockArticle


@dataclass(frozen=True)
class Stock:
    """What one order finds: its articles by id, and whether its pick-up point is the deal's."""

    articles: dict[int, StockArticle]
    has_pickup_point: bool

    @classmethod
    def of(cls, found: Json) -> "Stock":
        """The stock that the database's `stock_of` wrote down, each row in the order of fields."""
        articles = {}
        for *columns, tiers in found["articles"] or ():
            articles[columns[0]] = article = StockArticle(*columns)
            article.tiers = [StockTier(*tier) for tier in tiers]
        return cls(articles, found["has_pickup_point"])


def column(group_buy_id: ColumnElement[int]) -> ColumnElement[Json]:
    """What `Stock.of` reads, as it is when this is reckoned; `parameters` say for which order."""
    ids, point = bindparam("ids", type_=ARRAY(BigInteger)), bindparam("point", type_=BigInteger)
    return func.stock_of(group_buy_id, ids, point, type_=JSONB)


def parameters(article_ids: Sequence[int], pickup_point_id: int | None) -> dict[str, Any]:
    return {"ids": article_ids, "point": pickup_point_id}


def forget(session: Session, articles: Iterable[int]) -> None:
    """Have this session read anew what it held of these articles before they were written."""
    for article_id in articles:
        held = session.identity_map.get(identity_key(Article, article_id))
        if held is not None:
            session.expire(held)

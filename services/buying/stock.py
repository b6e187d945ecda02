"""Stock: what joining reads of a deal and of the articles of one order, under the deal's lock.

Everyone who joins waits for the one before, and rows with all that a page shows of a deal take
several times as long to read. The rules take either.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, bindparam, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session
from sqlalchemy.orm.util import identity_key

from models.actors import Actor
from models.base import Json
from models.buying import Article, GroupBuy, Payee
from models.collaborations import Offering, State, Visibility
from models.rules import Rationing
from models.weights import ByWeight


@dataclass(slots=True)
class StockDeal(Offering):
    """A group buy as far as an order is reckoned with it; for anything else it asks `session`."""

    session: Session
    id: int
    state: State
    is_paused: bool
    opens_at: datetime
    closes_at: datetime
    visibility: Visibility
    organiser_id: int
    supplier_id: int | None
    payee: Payee
    time_zone: str
    currency: str
    terms_number: int
    last_place: int
    commitments_count: int
    articles_count: int
    standing_value_minor: int
    standing_articles: int
    smallest_order_minor: int
    is_tipped: bool
    progress_basis_points: int
    price_now_minor: int | None
    price_next_minor: int | None
    missing_units: int | None
    version: int
    rationing: Rationing
    by_card: bool
    at_pickup: bool
    ships: bool
    freight_ceiling_minor: int
    share_ceiling_minor: int
    shipping_ceiling_minor: int

    @property
    def whole(self) -> GroupBuy:
        """The row, read anew each time: for what is asked of hardly anybody who joins."""
        return self.session.get_one(GroupBuy, self.id, populate_existing=True)

    @property
    def is_sold_by_trader(self) -> bool:
        return self.whole.is_sold_by_trader

    def is_organised_by(self, actor: Actor) -> bool:
        return self.whole.is_organised_by(actor)


@dataclass(slots=True)
class StockTier:
    """A price tier."""

    from_units: int
    price_minor: int


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
    demand_units: list[int]
    tolerance_units: list[int]
    standing_units: int
    standing_tier: int | None
    tiers: list[StockTier] = field(default_factory=list)


Dealt = GroupBuy | StockDeal
Stocked = Article | StockArticle
DEAL = [GroupBuy.__mapper__.columns[one.name] for one in fields(StockDeal)[1:]]


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


def forget(session: Session, deal_id: int, articles: Iterable[int]) -> None:
    """Have this session read anew what it held of these rows before they were written."""
    keys = [identity_key(Article, one) for one in articles]
    for key in (identity_key(GroupBuy, deal_id), *keys):
        held = session.identity_map.get(key)
        if held is not None:
            session.expire(held)

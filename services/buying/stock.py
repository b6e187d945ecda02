"""Stock: what joining reads of the articles of one order, under the lock of their deal.

Everyone who joins waits for the one before, and a row with all that a page shows of an article
takes several times as long to read. The rules take either.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from sqlalchemy import ARRAY, BigInteger, and_, any_, bindparam, select
from sqlalchemy.orm import Session, class_mapper

from models.buying import Article, PickupPoint, PriceTier
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

# Tables, not models: no object is made of what is read.
_articles, _tiers, _points = Article.__table__.c, PriceTier.__table__.c, PickupPoint.__table__.c
# The fields are named after the columns they hold.
_ARTICLE = [_articles[one.name] for one in fields(Stock)[:-1]]
_TIER = [_tiers[one.name] for one in fields(StockTier)]
_READ = (
    select(_points.id, *_ARTICLE, *_TIER)
    .select_from(Article.__table__)
    .join(PriceTier.__table__, _tiers.article_id == _articles.id)
    .outerjoin(
        PickupPoint.__table__,
        and_(
            _points.id == bindparam("pickup_point_id"),
            _points.group_buy_id == _articles.group_buy_id,
        ),
    )
    .where(
        _articles.group_buy_id == bindparam("group_buy_id"),
        _articles.id == any_(bindparam("ids", type_=ARRAY(BigInteger))),
    )
    .order_by(_articles.position, _tiers.position)
)


def read(
    session: Session, group_buy_id: int, ids: Sequence[int], pickup_point_id: int | None
) -> tuple[dict[int, Stock], bool]:
    """The articles of `ids` by id, and whether the pick-up point belongs to their deal too."""
    asked = {
        "group_buy_id": group_buy_id,
        "ids": ids,
        "pickup_point_id": pickup_point_id,
    }
    found: dict[int, Stock] = {}
    has_point = False
    for point, *columns in session.execute(_READ, asked):
        article: Sequence[Any] = columns[: len(_ARTICLE)]
        tier: Sequence[Any] = columns[len(_ARTICLE) :]
        stock = found.get(article[0])
        if stock is None:
            found[article[0]] = stock = Stock(*article)
        stock.tiers.append(StockTier(*tier))
        has_point = point is not None
    return found, has_point


def forget(session: Session, articles: Mapping[int, Stock]) -> None:
    """Have this session read anew what it held of these articles before they were written."""
    for article_id in articles:
        held = session.identity_map.get(
            class_mapper(Article).identity_key_from_primary_key((article_id,))
        )
        if held is not None:
            session.expire(held)

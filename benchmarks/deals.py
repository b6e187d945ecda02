"""Deals of a measured world: unsaved models with their parts, so that the rules can reckon."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from benchmarks.rows import row_of
from benchmarks.texts import TONGUES, TOWNS, Goods, Tongue
from models.base import Model
from models.buying import Article, GroupBuy, PickupPoint, PriceTier
from models.collaborations import Category, Collaboration, Kind, State, Terms
from services.buying import standing

MEMBERS = 3_000
# Every tenth deal has several articles, every twenty-first is decided already.
SEVERAL, DECIDED = 10, 21
ORDERED_UNITS = 2


class Deal:
    """A deal with its parts as unsaved models, so that the rules can reckon with them."""

    def __init__(self, at: int, now: datetime, *, most: int = 5_000, is_empty: bool = False):
        tongue = TONGUES[at % len(TONGUES)]
        goods = tongue.goods[at // len(TONGUES) % len(tongue.goods)]
        self.articles = [
            _article(at, position, goods, most)
            for position in range(1, 4 if at % SEVERAL == 0 and not is_empty else 2)
        ]
        self.group_buy = _group_buy(at, tongue, goods, len(self.articles), now)
        self.is_ordered = len(self.articles) == 1 and not is_empty
        # From nobody to four: notes at every stage, some over their threshold.
        buyers = at * 7 % 5 if self.is_ordered else 0
        self.buyers = [1 + (at * 31 + step * 97) % MEMBERS for step in range(buyers)]
        article, unsaved = self.articles[0], Session()
        for _ in self.buyers:
            standing.count(article, article.tiers[0].price_minor, ORDERED_UNITS, 0)
        if len(self.articles) == 1:
            standing.restand(unsaved, self.group_buy, self.articles)
        self.group_buy.commitments_count = self.group_buy.last_place = len(self.buyers)
        self.parts: list[Model] = [
            Terms(
                collaboration_id=at,
                number=1,
                content={},
                sha256="",
                made_at=now,
                made_by_id=self.group_buy.made_by_id,
            ),
            *self.articles,
            *(tier for one in self.articles for tier in one.tiers),
            PickupPoint(
                id=at,
                group_buy_id=at,
                name="Hof",
                address=f"Hafenstraße {at}, {self.group_buy.place_name}",
                from_at=self.group_buy.closes_at + timedelta(days=3),
                until_at=self.group_buy.closes_at + timedelta(days=3, hours=2),
            ),
        ]

    def row(self, table: type[Collaboration]) -> dict[str, Any]:
        return row_of(table, self.group_buy)


def _group_buy(at: int, tongue: Tongue, goods: Goods, articles: int, now: datetime) -> GroupBuy:
    town, facts = TOWNS[at % len(TOWNS)][0], {"goods": goods.name, "town": TOWNS[at % 12][0]}
    is_decided = at % DECIDED == 0
    return GroupBuy(
        id=at,
        kind=Kind.GROUP_BUY,
        slug=f"deal-{at}",
        state=State.RUNNING if is_decided else State.OPEN,
        decided_at=now if is_decided else None,
        title=tongue.title.format(**facts),
        summary=tongue.summary.format(**facts),
        description="\n\n".join(tongue.paragraphs).format(**facts),
        lang=tongue.lang,
        category=Category(goods.category),
        link_key=f"key{at}",
        organiser_id=1 + at % MEMBERS,
        made_by_id=1 + at % MEMBERS,
        currency="EUR",
        opens_at=now - timedelta(minutes=at % 20_000 + 60),
        closes_at=now + timedelta(days=3, minutes=at * 13 % 20_000),
        made_at=now - timedelta(days=30),
        terms_number=1,
        version=1,
        articles_count=articles,
        standing_articles=0,
        standing_value_minor=0,
        smallest_order_minor=0,
        is_tipped=False,
        progress_basis_points=0,
        price_now_minor=None,
        price_next_minor=None,
        missing_units=None,
        **{**place(at), "place_name": town},
    )


def _article(at: int, position: int, goods: Goods, most: int) -> Article:
    article_id = at * 4 + position
    made = Article(
        id=article_id,
        group_buy_id=at,
        position=position,
        name=goods.name,
        unit=goods.unit,
        minimum_units=8,
        maximum_units=most,
        case_size=1,
        vat_basis_points=700,
        deposit_minor=0,
        is_capped=True,
        standing_units=0,
        standing_tier=None,
        tiers=[
            PriceTier(
                id=article_id * 4 + step,
                article_id=article_id,
                position=step,
                from_units=from_units,
                price_minor=goods.price_minor * share // 100,
            )
            for step, (from_units, share) in enumerate(((1, 100), (20, 92), (60, 85)))
        ],
    )
    made.count_anew()
    return made


def place(at: int) -> dict[str, Any]:
    name, latitude, longitude = TOWNS[at % len(TOWNS)]
    # Within some ten kilometres of the town, and nowhere twice.
    return {
        "place_name": name,
        "latitude": latitude + at % 101 / 1_000,
        "longitude": longitude + at % 103 / 1_000,
    }

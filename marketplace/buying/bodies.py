"""The parts of a page that are the same for all who read it, kept as long as they hold."""

from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session

from marketplace import context, fragments
from marketplace.buying.orders import shown_order
from marketplace.buying.wording import CHOICES, NOW
from marketplace.fragments import Fragment
from models.buying import Article, GroupBuy
from models.participants import Picture
from services import buying
from services.buying import listing
from services.notices.reasons import REASONS

# A minute, because what is kept says how far away the close is.
SECONDS = 60.0


@dataclass(frozen=True)
class Shown:
    """An article with its ladder; of steps that begin together only the cheapest is drawn."""

    article: Article
    ladder: buying.Ladder
    rungs: tuple[tuple[int, int], ...]

    @property
    def price_minor(self) -> int:
        """What one unit costs: as it was decided, else as it stands, else once it is ordered."""
        if self.article.decided_price_minor is not None:
            return self.article.decided_price_minor
        return (self.ladder.now or self.ladder.first).price_minor

    @property
    def base_price_minor(self) -> int | None:
        return buying.base_price(self.article, self.price_minor)


@dataclass(frozen=True)
class Weight:
    """What one piece of goods by weight weighs, and up to what it is charged."""

    nominal_grams: int
    heaviest_grams: int
    overweight_basis_points: int


@dataclass(frozen=True)
class Orderable:
    """What the form of an order says of an article."""

    id: int
    name: str
    unit: str
    case_size: int
    deposit_minor: int
    ladder: buying.Ladder
    at_most_minor: int
    weight: Weight | None
    picture: Picture | None


@dataclass(frozen=True)
class You:
    """What of the standing is the reader's own: their units of a single article."""

    units: int = 0
    worst_case_minor: int | None = None


class Body:
    """The parts of the page of one group buy; what they need is read once, if one is not at hand.

    A part is a fragment, kept by the version of the group buy and by what it is asked with.
    """

    def __init__(self, session: Session, group_buy: GroupBuy) -> None:
        self._session, self._group_buy = session, group_buy

    def part(self, name: str, **asked: Hashable) -> Fragment:
        group_buy, template = self._group_buy, f"buying/{name}.html"
        by = (group_buy.id, group_buy.version, group_buy.stage, *asked.items())
        found = fragments.kept().at_hand(template, by)
        if found is None:
            facts = {**self._facts, **asked}
            found = fragments.kept().make(template, by, facts, seconds=SECONDS)
        return found

    @cached_property
    def _facts(self) -> dict[str, Any]:
        session = self._session
        group_buy = buying.fill_in(session, self._group_buy)
        articles = buying.shown_articles(session, group_buy)
        return {
            "group_buy": group_buy,
            "articles": [shown(one) for one in articles],
            "orderables": [orderable(one) for one in articles],
            "form": shown_order(group_buy, {}),
            "by_weight": any(one.is_by_weight for one in articles)
            # Of a long list only what is ordered most is shown.
            or (
                len(articles) < group_buy.articles_count
                and listing.has_goods_by_weight(session, group_buy)
            ),
            "seller": group_buy.seller,
            "why_cancelled": buying.why_cancelled(session, group_buy),
            "reasons": REASONS,
            "words": {**CHOICES, "now": NOW},
        }


def shown(article: Article) -> Shown:
    return Shown(article, buying.ladder(article), tuple(buying.rungs_of(article)))


def orderable(article: Article) -> Orderable:
    ladder = buying.ladder(article)
    return Orderable(
        article.id,
        article.name,
        article.unit,
        article.case_size,
        article.deposit_minor,
        ladder,
        article.goods_at_most(1, ladder.worst.price_minor),
        _weight(article),
        article.picture,
    )


def _weight(article: Article) -> Weight | None:
    if article.overweight_basis_points is None:
        return None
    return Weight(article.nominal_grams, article.heaviest_grams(1), article.overweight_basis_points)


def tag_of(group_buy: GroupBuy, you: You) -> str:
    """What the standing of this version looks like to this reader, as an ETag."""
    look = (context.choose_locale(), context.theme(), you.units, you.worst_case_minor or 0)
    return "-".join(str(part) for part in (group_buy.id, group_buy.version, group_buy.stage, *look))

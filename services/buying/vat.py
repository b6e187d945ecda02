"""VAT: how much tax the gross prices of an order hold, by rate; each statement adds up in itself.

What is paid never changes by it. Deposit, freight and the organiser's share are stated apart:
only their seller knows how they are taxed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.buying import Article, GroupBuy, GroupBuyCommitment, Line
from models.money import vat_of, vat_per_line
from services.buying.weighing import Portion


@dataclass(frozen=True)
class Taxed:
    """What is taxed at one rate, in minor units: the gross amount and the tax within it."""

    basis_points: int
    gross_minor: int
    vat_minor: int


def by_rate(grosses: Iterable[tuple[int, int]]) -> list[Taxed]:
    """The tax in gross amounts, given as (rate in basis points, minor units), lowest rate first."""
    sums: dict[int, int] = {}
    for rate, gross_minor in grosses:
        sums[rate] = sums.get(rate, 0) + gross_minor
    return [Taxed(rate, sums[rate], vat_of(sums[rate], rate)) for rate in sorted(sums)]


def per_line(grosses: Sequence[tuple[int, int]]) -> list[int]:
    """The tax in each of these amounts; those of one rate add up to what `by_rate` says."""
    taxes = [0] * len(grosses)
    for rate in {rate for rate, _ in grosses}:
        places = [place for place, (one, _) in enumerate(grosses) if one == rate]
        parts = vat_per_line([grosses[place][1] for place in places], rate)
        for place, part in zip(places, parts, strict=True):
            taxes[place] = part
    return taxes


def goods_minor(
    commitment: GroupBuyCommitment, line: Line, article: Article, *, is_weighed: bool
) -> int:
    """What the goods of a line cost now, in minor units, gross and without their deposit.

    Goods by weight cost the most they can until they are weighed, and what was revoked nothing.
    """
    if line.revoked_at is not None:
        return 0
    return price_minor(commitment, line, article, is_weighed=is_weighed)


def price_minor(
    commitment: GroupBuyCommitment, line: Line, article: Article, *, is_weighed: bool
) -> int:
    """The same, whether it was revoked or not."""
    if article.is_by_weight:
        portion = Portion(commitment, article, line)
        return portion.weighed_minor if is_weighed else portion.at_most_minor
    units = line.decided_units if line.delivered_units is None else line.delivered_units
    return (units or 0) * (line.price_minor or 0)


def grosses_of(
    group_buy: GroupBuy,
    commitment: GroupBuyCommitment,
    articles: Mapping[int, Article],
) -> dict[int, tuple[int, int]]:
    """The rate and the gross amount of each line that was decided with units, by line id."""
    return {
        line.id: (
            line.vat_basis_points or 0,
            goods_minor(
                commitment,
                line,
                articles[line.article_id],
                is_weighed=group_buy.weighed_at is not None,
            ),
        )
        for line in sorted(commitment.lines, key=lambda one: articles[one.article_id].position)
        if line.decided_units
    }


def of_order(
    group_buy: GroupBuy, commitment: GroupBuyCommitment, articles: Mapping[int, Article]
) -> list[Taxed]:
    """The tax in one member's goods: what their own order says."""
    return by_rate(grosses_of(group_buy, commitment, articles).values())


def together(orders: Iterable[Sequence[Taxed]]) -> list[Taxed]:
    """The tax that all these orders state, added up: no order is taxed again by the sum."""
    sums: dict[int, Taxed] = {}
    for one in (one for order in orders for one in order):
        before = sums.get(one.basis_points, Taxed(one.basis_points, 0, 0))
        sums[one.basis_points] = Taxed(
            one.basis_points,
            before.gross_minor + one.gross_minor,
            before.vat_minor + one.vat_minor,
        )
    return [sums[rate] for rate in sorted(sums)]


def decided_rates(session: Session, group_buy: GroupBuy) -> dict[int, int]:
    """The rate that was decided for each article that anybody gets, by article id."""
    rows = session.execute(
        select(Line.article_id, Line.vat_basis_points)
        .join(Article, Article.id == Line.article_id)
        .where(Article.group_buy_id == group_buy.id, Line.decided_units > 0)
        .distinct()
    )
    return {article_id: rate for article_id, rate in rows if rate is not None}

"""Where a group buy stands: kept with every change, so that no page has to add it up."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import BigInteger, func, select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import Article, GroupBuy, PriceTier
from models.money import BASIS_POINTS
from services import clearing, events
from services.buying import happened
from services.buying.stock import Dealt, Stocked
from services.clearing.standings import Standing
from services.clearing.terms import ArticleTerms, Terms, Tier


def terms_of(article: Stocked) -> ArticleTerms:
    """The article as the clearing rule sees it."""
    return ArticleTerms(
        key=str(article.id),
        tiers=tuple(Tier(tier.from_units, tier.price_minor) for tier in article.tiers),
        minimum_units=article.minimum_units,
        maximum_units=article.maximum_units,
        case_size=article.case_size,
        vat_basis_points=article.vat_basis_points,
        deposit_minor=article.deposit_minor,
    )


def terms_of_all(group_buy: GroupBuy, articles: Sequence[Article]) -> Terms:
    """The whole group buy as the clearing rule sees it."""
    return Terms(
        articles=tuple(terms_of(article) for article in articles),
        rationing=group_buy.rationing,
        smallest_order_minor=group_buy.smallest_order_minor,
        floor_basis_points=group_buy.floor_basis_points,
    )


def standing_of(article: Stocked) -> Standing:
    """What would be decided for the article now; costs as much as it has tiers."""
    return clearing.standing(terms_of(article), article.demand_units, article.tolerance_units)


def count(
    article: Stocked,
    highest_price_minor: int,
    units: int,
    tolerance: int,
    *,
    decides: bool = True,
    has_place: bool = True,
) -> None:
    """Add `units` and `tolerance` (negative to take away) to every tier the price reaches.

    What has not agreed to the terms yet sets its units aside and decides nothing; what waits
    decides, as it is cleared with all others at the close, and sets nothing aside.
    """
    if decides:
        reached = [highest_price_minor >= tier.price_minor for tier in article.tiers]
        article.demand_units = _added(article.demand_units, units, reached)
        article.tolerance_units = _added(article.tolerance_units, tolerance, reached)
    if has_place:
        article.active_units += units


def _added(sums: Sequence[int], units: int, reached: Sequence[bool]) -> list[int]:
    return [one + units * is_in for one, is_in in zip(sums, reached, strict=True)]


def forget_standing(group_buy: GroupBuy, article: Article) -> None:
    """Take what stands of an article out of the deal's, by the terms it was reckoned by."""
    terms = terms_of(article)
    group_buy.standing_articles -= article.standing_tier is not None
    group_buy.standing_value_minor -= terms.net_of(article.standing_units * terms.base_price_minor)
    article.standing_units, article.standing_tier = 0, None


def restand(
    session: Session, group_buy: Dealt, articles: Sequence[Stocked], *, only_more: bool = False
) -> bool:
    """Bring what is kept up to date after `articles` changed; True if it tipped or un-tipped.

    The caller holds the lock of the group buy. With `only_more` (units were added, nothing else)
    its cost grows with the articles given, not with those of the deal: what was nearest to its
    threshold stays so. Else the nearest of all may have to be looked for.
    """
    was_nearest = None if _is_by_value(group_buy) else group_buy.progress_basis_points
    single: tuple[Stocked, Standing] | None = None
    for article in articles:
        terms = terms_of(article)
        before = terms.net_of(article.standing_units * terms.base_price_minor)
        # As `standing_of`, with terms that were put together already.
        standing = clearing.standing(terms, article.demand_units, article.tolerance_units)
        group_buy.standing_articles += (standing.tier is not None) - (
            article.standing_tier is not None
        )
        group_buy.standing_value_minor += standing.net_minor - before
        article.standing_units, article.standing_tier = standing.units, standing.tier
        single = (article, standing)
    if group_buy.articles_count == 1 and single is not None:
        _say_prices(group_buy, *single)
    was_tipped = group_buy.is_tipped
    group_buy.is_tipped = (
        group_buy.standing_articles > 0
        and group_buy.standing_value_minor >= group_buy.smallest_order_minor
    )
    group_buy.progress_basis_points = _progress(
        session, group_buy, articles, single, was_nearest if only_more else None
    )
    group_buy.touch()
    return was_tipped != group_buy.is_tipped


def tell_tipping(session: Session, group_buy: Dealt, actor: Actor | None, now: datetime) -> None:
    what = happened.GroupBuyTipped if group_buy.is_tipped else happened.GroupBuyUntipped
    events.record(
        session,
        what(by=actor.member.id if actor else None, collaboration_id=group_buy.id),
        now=now,
    )


def _say_prices(group_buy: Dealt, article: Stocked, standing: Standing) -> None:
    at = first_reachable(article) if standing.tier is None else standing.tier
    group_buy.price_now_minor = article.tiers[at].price_minor
    group_buy.price_next_minor = group_buy.missing_units = None
    for step in range(at + (standing.tier is not None), len(article.tiers)):
        if standing.missing_units[step]:
            group_buy.price_next_minor = article.tiers[step].price_minor
            group_buy.missing_units = standing.missing_units[step]
            return


def first_reachable(article: Stocked) -> int:
    """The dearest tier that can ever hold: below the smallest total nothing is ordered at all."""
    terms = terms_of(article)
    tiers = range(len(article.tiers))
    return max(tier for tier in tiers if terms.threshold(tier) == terms.threshold(0))


def _progress(
    session: Session,
    group_buy: Dealt,
    articles: Sequence[Stocked],
    single: tuple[Stocked, Standing] | None,
    at_least: int | None,
) -> int:
    """How near it is, in basis points: to its smallest order, else to the nearest threshold.

    `at_least` is what it was by the nearest threshold, if no article can have fallen behind.
    """
    if group_buy.is_tipped:
        return BASIS_POINTS
    if _is_by_value(group_buy):
        return min(
            BASIS_POINTS - 1,
            group_buy.standing_value_minor * BASIS_POINTS // group_buy.smallest_order_minor,
        )
    if group_buy.articles_count == 1 and single is not None:
        article, standing = single
        # Whichever price is reached first: it happens then.
        missing = min((one for one in standing.missing_units if one is not None), default=None)
        needed = -(-article.minimum_units // article.case_size) * article.case_size
        return 0 if missing is None else max(0, BASIS_POINTS - missing * BASIS_POINTS // needed)
    nearest = max([0, *(_nearness(article) for article in articles)])
    if at_least is not None:
        return min(BASIS_POINTS - 1, max(at_least, nearest))
    others = (
        select(
            func.max(
                Article.demand_units[PriceTier.position + 1].cast(BigInteger)
                * BASIS_POINTS
                // func.greatest(PriceTier.from_units, Article.minimum_units, Article.case_size)
            )
        )
        .join(Article, Article.id == PriceTier.article_id)
        .where(
            Article.group_buy_id == group_buy.id,
            Article.id.not_in([article.id for article in articles]),
        )
    )
    return min(BASIS_POINTS - 1, max(int(session.scalar(others) or 0), nearest))


def _is_by_value(group_buy: Dealt) -> bool:
    """Whether progress says how near the smallest order is, and not the nearest threshold."""
    return group_buy.is_tipped or group_buy.smallest_order_minor > 0


def _nearness(article: Stocked) -> int:
    """How near the nearest price is, by the units that count for it, in basis points."""
    least = max(article.minimum_units, article.case_size)
    needed = [max(tier.from_units, least) for tier in article.tiers]
    return max(
        demand * BASIS_POINTS // units
        for demand, units in zip(article.demand_units, needed, strict=True)
    )

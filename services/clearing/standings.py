"""Where an article stands, from running totals alone: the cheapest tier that holds wins."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from services.clearing.outcomes import Dropped, Failure
from services.clearing.terms import ArticleTerms, Line


@dataclass(frozen=True, slots=True)
class Standing:
    """What would be decided for an article now.

    `tier` is None and `reason` says why when it would be dropped. `missing_units` holds, per
    tier, the units still to come at that tier's price or a higher one before the tier holds: 0
    when it does, None when the largest total leaves no room for it. `net_minor` is what the
    article adds to the order value of the whole.
    """

    tier: int | None
    units: int
    price_minor: int | None
    net_minor: int
    missing_units: tuple[int | None, ...]
    reason: Dropped | None


def standing(article: ArticleTerms, demands: Sequence[int], tolerances: Sequence[int]) -> Standing:
    """Decide one article, in a time that grows with its tiers only.

    `demands` and `tolerances` hold one number per tier: the units and the tolerances of all
    lines whose highest price is at least that tier's price. `clear` decides through this very
    function.
    """
    if not len(demands) == len(tolerances) == len(article.tiers):
        raise ValueError("There is one demand and one tolerance for each tier.")
    missing = tuple(
        _missing(article, tier, demands[tier], tolerances[tier])
        for tier in range(len(article.tiers))
    )
    for tier in reversed(range(len(article.tiers))):
        units = supply(article, demands[tier], tolerances[tier])
        if units and units >= article.threshold(tier):
            return Standing(
                tier=tier,
                units=units,
                price_minor=article.tiers[tier].price_minor,
                # At the dearest price, because a cheaper tier that is reached by joining would
                # otherwise lower the order value and could make the whole fail.
                net_minor=article.net_of(units * article.base_price_minor),
                missing_units=missing,
                reason=None,
            )
    return Standing(None, 0, None, 0, missing, why_dropped(article, demands[-1], tolerances[-1]))


def supply(article: ArticleTerms, demand: int, tolerance: int) -> int:
    """Return the units that can be ordered: full cases, within the largest total.

    A case that is begun is filled from the tolerances if they suffice, else it is not ordered.
    """
    largest = article.maximum_in_cases
    if largest is not None and demand >= largest:
        return largest
    begun = demand % article.case_size
    if begun and begun + tolerance >= article.case_size:
        return demand - begun + article.case_size
    return demand - begun


def totals(article: ArticleTerms, lines: Iterable[Line]) -> tuple[list[int], list[int]]:
    """Return the demands and the tolerances per tier of all lines of one article."""
    tiers = len(article.tiers)
    demands, tolerances = [0] * (tiers + 1), [0] * (tiers + 1)
    tier_within = cache(article.dearest_tier_within)
    for line in lines:
        tier = tier_within(line.highest_price_minor)
        for layer in line.layers:
            demands[tier] += layer.units
            tolerances[tier] += layer.tolerance
    for tier in range(1, tiers):
        demands[tier] += demands[tier - 1]
        tolerances[tier] += tolerances[tier - 1]
    return demands[:tiers], tolerances[:tiers]


def failure_of(kept_net_minor: Sequence[int], smallest_order_minor: int) -> Failure | None:
    """Return why the whole would fail with these kept articles, or None if it would happen.

    `kept_net_minor` is the order value of each kept article, net at its dearest price.
    """
    if not kept_net_minor:
        return Failure.NO_ARTICLE_KEPT
    if sum(kept_net_minor) < smallest_order_minor:
        return Failure.SMALLEST_ORDER_NOT_REACHED
    return None


def why_dropped(article: ArticleTerms, demand: int, tolerance: int) -> Dropped:
    """Return what kept an article from holding even in its cheapest tier."""
    if not demand:
        return Dropped.NOTHING_ORDERED
    if not supply(article, demand, tolerance):
        return Dropped.NO_FULL_CASE
    return Dropped.THRESHOLD_NOT_REACHED


def _missing(article: ArticleTerms, tier: int, demand: int, tolerance: int) -> int | None:
    case = article.case_size
    needed = -(-article.threshold(tier) // case) * case
    largest = article.maximum_in_cases
    if largest is not None and needed > largest:
        return None
    return max(0, needed - min(tolerance, case - 1) - demand)

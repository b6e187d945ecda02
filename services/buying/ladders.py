"""Ladders: the prices of one article as steps that fall, and where it stands on them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from models.buying import Article
from services.buying.standing import first_reachable, standing_of


class Place(StrEnum):
    """Where a step lies, seen from where the article stands now."""

    PASSED = "passed"
    NOW = "now"
    NEXT = "next"
    LATER = "later"
    OUT_OF_REACH = "out_of_reach"


@dataclass(frozen=True)
class Step:
    """From so many units on this price holds for all; what is missing to it, in units.

    `base_price_minor` is the price of one base unit (a kilogram, a litre), where there is one.
    """

    from_units: int
    price_minor: int
    missing_units: int | None
    place: Place
    base_price_minor: int | None


@dataclass(frozen=True)
class Ladder:
    """The price ladder of one article with the three numbers that everyone asks for.

    Without a step `now` it would not be ordered yet: then `next` says what it takes. `first` is the
    dearest step that can ever hold: where a cheaper one begins no later, it holds instead.
    """

    steps: Sequence[Step]
    now: Step | None
    next: Step | None
    first: Step
    units: int
    active_units: int
    left_units: int | None
    # Whether tolerance may fill part of what the next step misses.
    has_tolerance: bool

    @property
    def worst(self) -> Step:
        """The dearest step: nobody pays more for a unit than this."""
        return self.steps[0]

    @property
    def threshold_units(self) -> int:
        """From so many units on anything happens at all."""
        return self.steps[0].from_units


def ladder(article: Article) -> Ladder:
    """The ladder of an article that was read with its tiers."""
    standing = standing_of(article)
    first = first_reachable(article)
    steps: list[Step] = []
    next_at: int | None = None
    for at, tier in enumerate(article.tiers):
        missing = standing.missing_units[at]
        if standing.tier is not None and at <= standing.tier:
            place = Place.NOW if at == standing.tier else Place.PASSED
        elif missing is None or at < first:
            place = Place.OUT_OF_REACH
        elif next_at is None and missing:
            place, next_at = Place.NEXT, at
        else:
            place = Place.LATER
        steps.append(
            Step(
                from_units=max(tier.from_units, article.minimum_units),
                price_minor=tier.price_minor,
                missing_units=missing,
                place=place,
                base_price_minor=base_price(article, tier.price_minor),
            )
        )
    capacity = article.maximum_units
    return Ladder(
        steps=steps,
        now=None if standing.tier is None else steps[standing.tier],
        next=None if next_at is None else steps[next_at],
        first=steps[first],
        units=standing.units,
        active_units=article.active_units,
        left_units=(
            max(0, capacity // article.case_size * article.case_size - article.active_units)
            if article.is_capped and capacity is not None
            else None
        ),
        # What fills a case never fills a whole one.
        has_tolerance=next_at is not None
        and article.case_size > 1
        and article.tolerance_units[next_at] > 0,
    )


def rungs(steps: Sequence[tuple[int, int]], minimum_units: int) -> list[tuple[int, int]]:
    """Steps (from units, minor units) as they are drawn: of those that begin together the cheapest.

    Below the smallest total nothing is ordered, so none begins before it.
    """
    return list({max(start, minimum_units): price for start, price in steps}.items())


def rungs_of(article: Article) -> list[tuple[int, int]]:
    tiers = [(tier.from_units, tier.price_minor) for tier in article.tiers]
    return rungs(tiers, article.minimum_units)


def base_price(article: Article, price_minor: int) -> int | None:
    """The price of one base unit in minor units, rounded half up (Directive 98/6 Art. 2(b))."""
    thousandths = article.base_units_thousandths
    if not article.base_unit or not thousandths:
        return None
    return (price_minor * 2000 + thousandths) // (2 * thousandths)

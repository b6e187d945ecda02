"""What a clearing decided: per article, per line, and for the whole."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from services.clearing.terms import Layer


class Out(StrEnum):
    """Why a line gets nothing."""

    PRICE_TOO_LOW = "price_too_low"
    RATIONED_OUT = "rationed_out"
    ARTICLE_DROPPED = "article_dropped"
    DEAL_FAILED = "deal_failed"
    NOT_PAID = "not_paid"
    NOT_DELIVERED = "not_delivered"


class Dropped(StrEnum):
    """Why an article is not ordered."""

    NOTHING_ORDERED = "nothing_ordered"
    NO_FULL_CASE = "no_full_case"
    THRESHOLD_NOT_REACHED = "threshold_not_reached"


class Failure(StrEnum):
    """Why nothing happens at all."""

    NO_ARTICLE_KEPT = "no_article_kept"
    SMALLEST_ORDER_NOT_REACHED = "smallest_order_not_reached"


@dataclass(frozen=True, slots=True)
class ArticleOutcome:
    """What was decided for an article; without a tier it is dropped, and `reason` says why.

    In a deal that failed this is what the article alone would have come to.
    """

    key: str
    tier: int | None
    units: int
    price_minor: int | None
    reason: Dropped | None


@dataclass(frozen=True, slots=True)
class LineOutcome:
    """What a line gets: units of its own and of its tolerance, at one gross price per unit.

    `layers` are the units granted, by the act that ordered them. A line that is out has no
    layers, a price of 0 and a reason.
    """

    commitment: str
    article: str
    own_units: int
    tolerance_units: int
    price_minor: int
    deposit_minor: int
    reason: Out | None
    layers: tuple[Layer, ...]

    @property
    def units(self) -> int:
        """All units granted."""
        return self.own_units + self.tolerance_units

    @property
    def total_minor(self) -> int:
        """The gross price of all units, without deposit and shipping."""
        return self.units * self.price_minor


@dataclass(frozen=True, slots=True)
class Outcome:
    """The decision: articles in the order of the terms, lines in order of their place.

    `net_minor` is the order value the smallest order was held against: kept articles at their
    dearest price, net. It is not the sum to pay; that is `total_minor`.
    """

    succeeded: bool
    failure: Failure | None
    net_minor: int
    articles: tuple[ArticleOutcome, ...]
    lines: tuple[LineOutcome, ...]

    @property
    def total_minor(self) -> int:
        """The gross price of everything granted, without deposit and shipping."""
        return sum(line.total_minor for line in self.lines)

    def by_commitment(self) -> Mapping[str, tuple[LineOutcome, ...]]:
        """Return the lines of each commitment, in order of place."""
        gathered: dict[str, list[LineOutcome]] = {}
        for line in self.lines:
            gathered.setdefault(line.commitment, []).append(line)
        return {commitment: tuple(lines) for commitment, lines in gathered.items()}

"""What a price list says: articles as the supplier lists them, before they are anybody's offer."""

from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from fractions import Fraction

from models.money import BASIS_POINTS
from services.pricelists.problems import Problem, Severity

LONGEST_TEXT = 200
LONGEST_NOTE = 2_000
LONGEST_FOOD_INFORMATION = 4_000
MOST_TIERS = 5


class Format(StrEnum):
    """The kinds of list that can be read."""

    BNN = "bnn"
    FOODSOFT = "foodsoft"
    OWN = "own"


class Change(StrEnum):
    """What the supplier says has happened to an article since the list before."""

    NEW = "new"
    CHANGED = "changed"
    DELISTED = "delisted"
    AGAIN = "again"


@dataclass(frozen=True)
class ListedTier:
    """From `from_units` on, one unit costs `gross_minor` with VAT."""

    from_units: int
    gross_minor: int


@dataclass(frozen=True)
class ListedArticle:
    """One article of a list; every amount is per single unit, not per case.

    `gross_minor` is the price with VAT in whole minor units, without deposit. `net_minor` is the
    net price exactly as listed, in minor units and perhaps with a fraction; None if the list
    gave the gross price. The base price is `base_factor` times the price, per `base_unit`.
    `overweight_basis_points` marks goods by weight: so much more than its content a unit may weigh.
    Within `special_from` to `special_to` the price is a special one. A delisted article may
    have no price, which is then 0. `is_deposit` marks the crates and bottles that other
    articles name as their deposit: they are listed, but nobody orders them alone.
    `food_information` alone may have several lines.
    """

    order_number: str
    name: str
    gross_minor: int
    vat_basis_points: int
    net_minor: Decimal | None = None
    second_line: str = ""
    unit: str = ""
    case_size: int = 1
    deposit_minor: int = 0
    category: str = ""
    origin: str = ""
    quality: str = ""
    maker: str = ""
    control_body: str = ""
    food_information: str = ""
    ean: str = ""
    recommended_minor: int | None = None
    special_from: date | None = None
    special_to: date | None = None
    base_unit: str = ""
    base_factor: Fraction | None = None
    overweight_basis_points: int | None = None
    change: Change | None = None
    note: str = ""
    minimum_units: int = 1
    maximum_units: int | None = None
    is_available: bool = True
    is_deposit: bool = False
    tiers: tuple[ListedTier, ...] = ()
    line_number: int = field(default=0, compare=False)

    @property
    def base_price_minor(self) -> int | None:
        """The gross price of one `base_unit`, rounded half up, or None where it is not known."""
        if self.base_factor is None:
            return None
        return half_up(self.gross_minor * self.base_factor)


@dataclass(frozen=True)
class PriceList:
    """A list that was read, or what kept it from being read.

    `is_whole` says that the supplier has nothing else: only then may an article that is missing
    here be taken as gone.
    """

    format: Format | None
    currency: str
    articles: tuple[ListedArticle, ...] = ()
    problems: tuple[Problem, ...] = ()
    supplier_name: str = ""
    title: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    is_whole: bool = False

    @property
    def is_refused(self) -> bool:
        return any(problem.severity is Severity.FILE_REFUSED for problem in self.problems)


def with_vat(net_minor: Decimal, vat_basis_points: int) -> int:
    """The gross amount in whole minor units, rounded half up once."""
    exact = net_minor * (BASIS_POINTS + vat_basis_points) / BASIS_POINTS
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))


def half_up(amount: Fraction) -> int:
    """The nearest whole number to an amount that is not negative; a half goes up."""
    return int((2 * amount + 1) // 2)

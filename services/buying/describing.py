"""Describing: what an organiser says of a group buy, and which words contradict each other."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from models.buying import Article, GroupBuy, Payee, PickupPoint, ShortfallRule, WithdrawalPolicy
from models.collaborations import Category, Visibility
from models.errors import Conflict, Invalid
from models.revocations import Revocability
from models.rules import Rationing, Sharing, full_cases_fit
from models.weights import KILOGRAM, MOST_OVERWEIGHT
from models.words import N_

LONGEST = timedelta(days=365)
MOST_TIERS = 6
MOST_PICKUPS = 50
LONGEST_DESCRIPTION = 20_000
LONGEST_ADDRESS = 500
LONGEST_ORDER_NUMBER = 40
# With these, and with `orders.MOST_MINOR` for an order, no sum of a deal passes 64 bits.
MOST_PRICE_MINOR = 10**9
MOST_UNITS = 10**6
NO_FULL_CASE = N_(
    "In full cases of %(cases)s units the largest total never reaches the smallest. "
    "Please raise it, or choose smaller cases."
)


class TiersInvalid(Invalid):
    code = "tiers-invalid"
    message = N_(
        "Prices of %(article)s: begin at 1 unit; from step to step more units and a lower price."
    )


class TooManyPickups(Conflict):
    code = "too-many-pickups"
    message = N_("There are %(limit)s pick-up points already. Please take one away first.")


@dataclass(frozen=True)
class Description:
    """What an organiser says of a group buy, besides its articles. Amounts in minor units."""

    title: str
    closes_at: datetime
    opens_at: datetime | None = None
    summary: str = ""
    description: str = ""
    lang: str = "en"
    category: Category = Category.OTHER
    visibility: Visibility = Visibility.PUBLIC
    circle_id: int | None = None
    currency: str = "EUR"
    place_name: str = ""
    latitude: float | None = None
    longitude: float | None = None
    time_zone: str = "Europe/Berlin"
    extends_to_at: datetime | None = None
    supplier_id: int | None = None
    supplier_name: str = ""
    supplier_email: str = ""
    rationing: Rationing = Rationing.FIRST_COME
    withdrawal_policy: WithdrawalPolicy = WithdrawalPolicy.FREE
    payee: Payee = Payee.ORGANISER
    shortfall_rule: ShortfallRule = ShortfallRule.CONFIRM_ABOVE_FLOOR
    floor_basis_points: int = 8000
    smallest_order_minor: int = 0
    collecting_days: int = 7
    by_card: bool = True
    at_pickup: bool = True
    freight_rule: Sharing = Sharing.NONE
    freight_minor: int = 0
    freight_ceiling_minor: int = 0
    share_rule: Sharing = Sharing.NONE
    share_minor: int = 0
    share_ceiling_minor: int = 0
    ships: bool = False
    shipping_ceiling_minor: int = 0


@dataclass(frozen=True)
class NewArticle:
    """One article: its prices as (from units, gross minor units), from one unit on falling."""

    name: str
    unit: str
    tiers: Sequence[tuple[int, int]]
    order_number: str = ""
    second_line: str = ""
    category: str = ""
    minimum_units: int = 1
    maximum_units: int | None = None
    case_size: int = 1
    vat_basis_points: int = 0
    deposit_minor: int = 0
    base_unit: str = ""
    base_units_thousandths: int | None = None
    # Goods by weight: how much more than its content a piece may weigh (`models.weights`).
    overweight_basis_points: int | None = None
    origin: str = ""
    quality: str = ""
    maker: str = ""
    food_information: str = ""
    ean: str = ""
    # Whether consumers can withdraw from the contract on it; never said for the organiser.
    revocability: Revocability = Revocability.RIGHT
    catalogue_article_id: int | None = None
    picture_id: int | None = None
    # The first article of all that this one was copied from.
    same_as_id: int | None = None


def said_of(article: Article) -> NewArticle:
    """What is said of an article that stands in a group buy already."""
    said = {
        name: getattr(article, name) for name in NewArticle.__dataclass_fields__ if name != "tiers"
    }
    return NewArticle(**said, tiers=[(tier.from_units, tier.price_minor) for tier in article.tiers])


CLOSES_LATER = N_("The close must lie in the future and after the opening.")
FETCHED_BEFORE_EXTENSION = N_("Goods can be fetched only after the extension has ended.")


@dataclass(frozen=True)
class NewPickupPoint:
    """Where and when goods are handed over."""

    name: str
    address: str
    from_at: datetime
    until_at: datetime
    note: str = ""


@dataclass(frozen=True)
class Draft:
    """Everything of a group buy at once, as the API, the demo and a copy of a deal give it."""

    description: Description
    articles: Sequence[NewArticle] = field(default_factory=tuple)
    pickup_points: Sequence[NewPickupPoint] = field(default_factory=tuple)


def guard_description(group_buy: GroupBuy, now: datetime) -> None:
    problems = {}
    if group_buy.closes_at <= max(now, group_buy.opens_at):
        problems["closes_at"] = CLOSES_LATER
    elif group_buy.closes_at > now + LONGEST:
        problems["closes_at"] = N_("A group buy can run for a year at most.")
    last_at = group_buy.extends_to_at if group_buy.extended_at is None else None
    if last_at is not None and not (group_buy.closes_at < last_at <= group_buy.closes_at + LONGEST):
        problems["extends_to_at"] = N_("The extension must end after the first close.")
    if not (group_buy.by_card or group_buy.at_pickup):
        problems["by_card"] = N_("Please offer at least one way to pay.")
    if group_buy.freight_rule != Sharing.NONE and not group_buy.freight_ceiling_minor:
        problems["freight_ceiling"] = N_("Please say what freight can cost each one at most.")
    if group_buy.share_rule != Sharing.NONE and not group_buy.share_ceiling_minor:
        problems["share_ceiling"] = N_("Please say what your share can cost each one at most.")
    if problems:
        raise Invalid(fields=problems)


def guard_pickup(group_buy: GroupBuy, given: NewPickupPoint) -> None:
    if given.from_at >= given.until_at:
        raise Invalid(fields={"until_at": N_("The end must come after the beginning.")})
    if given.from_at < group_buy.closes_at:
        raise Invalid(fields={"from_at": N_("Goods can be fetched only after the close.")})
    if given.from_at < group_buy.last_close_at:
        raise Invalid(fields={"from_at": FETCHED_BEFORE_EXTENSION})


def guard_fetching(group_buy: GroupBuy, points: Sequence[PickupPoint]) -> None:
    """Refuse with Invalid, at the date to blame, when goods were fetched before it is decided."""
    if any(point.from_at < group_buy.closes_at for point in points):
        raise Invalid(fields={"closes_at": N_("Goods can be fetched only after the close.")})
    if any(point.from_at < group_buy.last_close_at for point in points):
        raise Invalid(fields={"extends_to_at": FETCHED_BEFORE_EXTENSION})


def guard_article(given: NewArticle) -> None:
    tiers = list(given.tiers)
    falling = all(few < many and dear > cheap for (few, dear), (many, cheap) in pairwise(tiers))
    if not tiers or tiers[0][0] != 1 or len(tiers) > MOST_TIERS or not falling or tiers[-1][1] < 0:
        raise TiersInvalid(fields={"tiers": TiersInvalid.message}, article=given.name)
    _guard_size(given)
    guard_weight(given.base_unit, given.base_units_thousandths, given.overweight_basis_points)
    guard_limits(given.minimum_units, given.maximum_units, given.case_size)


def guard_limits(minimum_units: int, maximum_units: int | None, case_size: int) -> None:
    """Refuse with Invalid limits between which nothing could ever be ordered."""
    if maximum_units is None:
        return
    if maximum_units < minimum_units:
        raise Invalid(
            fields={"maximum_units": N_("The largest total must be at least the smallest.")}
        )
    if not full_cases_fit(minimum_units, maximum_units, case_size):
        raise Invalid(fields={"maximum_units": NO_FULL_CASE}, cases=case_size)


def guard_weight(
    base_unit: str, base_units_thousandths: int | None, overweight_basis_points: int | None
) -> None:
    """Refuse with Invalid goods by weight without a weight, or with too wide a bound."""
    if overweight_basis_points is None:
        return
    if base_unit != KILOGRAM or not base_units_thousandths:
        raise Invalid(
            fields={"content": N_("Goods by weight need the usual weight of one unit in kg.")}
        )
    if not 0 <= overweight_basis_points <= MOST_OVERWEIGHT:
        raise Invalid(fields={"overweight": N_("A unit may weigh at most half as much again.")})


def _guard_size(given: NewArticle) -> None:
    prices = {"tiers": given.tiers[0][1], "deposit": given.deposit_minor}
    units = {
        "tiers": given.tiers[-1][0],
        "minimum_units": given.minimum_units,
        "maximum_units": given.maximum_units or 0,
        "case_size": given.case_size,
    }
    problems = {name: N_("Too many units.") for name, count in units.items() if count > MOST_UNITS}
    for name, minor in prices.items():
        if minor > MOST_PRICE_MINOR:
            problems[name] = N_("This amount is too large.")
    if problems:
        raise Invalid(fields=problems)

"""What a group buy declares and what its members ordered: the whole input of its clearing."""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass

from models.money import BASIS_POINTS, vat_of
from models.rules import Rationing


@dataclass(frozen=True, slots=True)
class Tier:
    """A gross unit price, in minor units, that holds for all from so many units on."""

    from_units: int
    price_minor: int

    def __post_init__(self) -> None:
        _refuse_below(1, self.from_units, "Units of a tier")
        _refuse_below(0, self.price_minor, "A price")


@dataclass(frozen=True, slots=True)
class ArticleTerms:
    """One article: its price ladder, the totals it can be ordered in, its tax and deposit.

    Tiers begin at one unit, their thresholds rise and their prices strictly fall. A
    `maximum_units` of None is no limit. The deposit is per unit and outside the price.
    """

    key: str
    tiers: tuple[Tier, ...]
    minimum_units: int = 1
    maximum_units: int | None = None
    case_size: int = 1
    vat_basis_points: int = 0
    deposit_minor: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "tiers", tuple(self.tiers))
        if not self.tiers or self.tiers[0].from_units != 1:
            raise ValueError("The first tier holds from one unit on.")
        for dearer, cheaper in zip(self.tiers, self.tiers[1:], strict=False):
            if cheaper.from_units <= dearer.from_units or cheaper.price_minor >= dearer.price_minor:
                raise ValueError("From tier to tier the threshold rises and the price falls.")
        _refuse_below(1, self.minimum_units, "The smallest total")
        _refuse_below(1, self.case_size, "A case")
        _refuse_below(0, self.vat_basis_points, "A tax rate")
        _refuse_below(0, self.deposit_minor, "A deposit")
        if self.maximum_units is not None:
            _refuse_below(self.minimum_units, self.maximum_units, "The largest total")

    @property
    def base_price_minor(self) -> int:
        """The dearest price, for which the article is sold from one unit on."""
        return self.tiers[0].price_minor

    @property
    def maximum_in_cases(self) -> int | None:
        """The largest total that is made of full cases; None is no limit."""
        if self.maximum_units is None:
            return None
        return self.maximum_units // self.case_size * self.case_size

    def threshold(self, tier: int) -> int:
        """Return the units the tier needs: its own, or the smallest total if that is more."""
        return max(self.tiers[tier].from_units, self.minimum_units)

    def dearest_tier_within(self, highest_price_minor: int) -> int:
        """Return the index of the first tier that costs no more; `len(tiers)` if none does.

        A line counts in this tier and every cheaper one, so running totals of units and
        tolerances per tier add the line to `totals[index:]`. A line for which no tier is left
        is to be refused when it is ordered.
        """
        return bisect_left(self.tiers, -highest_price_minor, key=lambda tier: -tier.price_minor)

    def accepted_minor(self, line: "Line") -> int:
        """Return the dearest tier price within the line's highest price; 0 if there is none."""
        tier = self.dearest_tier_within(line.highest_price_minor)
        return self.tiers[tier].price_minor if tier < len(self.tiers) else 0

    def net_of(self, gross_minor: int) -> int:
        """Return a gross amount without its tax, rounded as `models.money.vat_of` rounds."""
        return gross_minor - vat_of(gross_minor, self.vat_basis_points)


@dataclass(frozen=True, slots=True)
class Layer:
    """The part of a line that was ordered in one act; `place` numbers the acts of the deal."""

    place: int
    units: int
    tolerance: int = 0

    def __post_init__(self) -> None:
        _refuse_below(0, self.place, "A place")
        _refuse_below(0, self.units, "Units")
        _refuse_below(0, self.tolerance, "A tolerance")
        if not self.units and not self.tolerance:
            raise ValueError("A layer without units and tolerance orders nothing.")


@dataclass(frozen=True, slots=True)
class Line:
    """What one commitment orders of one article, oldest layer first.

    `highest_price_minor` is gross per unit, without deposit and shipping.
    """

    commitment: str
    article: str
    layers: tuple[Layer, ...]
    highest_price_minor: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", tuple(self.layers))
        if not self.layers:
            raise ValueError("A line has at least one layer.")
        for older, newer in zip(self.layers, self.layers[1:], strict=False):
            if newer.place <= older.place:
                raise ValueError("Layers come oldest first, each in a place of its own.")
        _refuse_below(0, self.highest_price_minor, "A highest price")

    @property
    def place(self) -> int:
        """Where the line stands in the queue: the place of its oldest layer."""
        return self.layers[0].place

    @property
    def units(self) -> int:
        """The units ordered, over all layers, without the tolerance."""
        return sum(layer.units for layer in self.layers)

    @property
    def tolerance(self) -> int:
        """The units taken in addition if they fill a case, over all layers."""
        return sum(layer.tolerance for layer in self.layers)


@dataclass(frozen=True, slots=True)
class Terms:
    """All that decides a group buy besides its lines.

    `smallest_order_minor` is net, without deposit and shipping; 0 asks for nothing.
    `floor_basis_points` is the share of a tier's threshold that still has to be paid for when
    charges have failed; 10,000 lowers nothing.
    """

    articles: tuple[ArticleTerms, ...]
    rationing: Rationing = Rationing.FIRST_COME
    smallest_order_minor: int = 0
    floor_basis_points: int = BASIS_POINTS

    def __post_init__(self) -> None:
        object.__setattr__(self, "articles", tuple(self.articles))
        object.__setattr__(self, "rationing", Rationing(self.rationing))
        if len(self.by_key()) != len(self.articles):
            raise ValueError("Each article has a key of its own.")
        _refuse_below(0, self.smallest_order_minor, "The smallest order")
        _refuse_below(0, self.floor_basis_points, "The floor")
        if self.floor_basis_points > BASIS_POINTS:
            raise ValueError("The floor is at most the whole threshold.")

    def by_key(self) -> Mapping[str, ArticleTerms]:
        """Return the articles under their keys, in their order."""
        return {article.key: article for article in self.articles}

    def floor(self, article: ArticleTerms, tier: int) -> int:
        """Return the units a decided tier still needs after failed charges, rounded up."""
        return -(-article.threshold(tier) * self.floor_basis_points // BASIS_POINTS)


def change_layers(
    layers: tuple[Layer, ...], *, units: int, tolerance: int, place: int
) -> tuple[Layer, ...]:
    """Return the layers after their line is changed to `units` and `tolerance` in all.

    What is added becomes a new last layer at `place`, which is later than all before; what is
    taken away eats the newest layers first, so that nobody loses or gains a better place by a
    change. Nothing left is an empty tuple: the line is withdrawn.
    """
    if layers and place <= layers[-1].place:
        raise ValueError("A change has a later place than everything before it.")
    _refuse_below(0, units, "Units")
    _refuse_below(0, tolerance, "A tolerance")
    kept: list[Layer] = []
    units_left, tolerance_left = units, tolerance
    for layer in layers:
        own = min(layer.units, units_left)
        extra = min(layer.tolerance, tolerance_left)
        units_left -= own
        tolerance_left -= extra
        if own or extra:
            kept.append(Layer(layer.place, own, extra))
    if units_left or tolerance_left:
        kept.append(Layer(place, units_left, tolerance_left))
    return tuple(kept)


def _refuse_below(least: int, number: int, what: str) -> None:
    if type(number) is not int:
        raise TypeError(f"{what} must be a whole number, not {type(number).__name__}.")
    if number < least:
        raise ValueError(f"{what} must be at least {least}, not {number}.")

"""Goods by weight: ordered in pieces, charged by the grams that were weighed, up to a ceiling.

The price of such an article is that of one piece of its nominal weight. A piece is charged that
price times its weighed grams by its nominal grams, so the price of a kilogram is the same for
every piece; rounded half up once per line. Nobody pays for more than the heaviest weight they
agreed to: what is heavier is a gift of whoever sells.
"""

from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.money import BASIS_POINTS

# What a piece may weigh above its nominal weight where nobody says something else.
USUAL_OVERWEIGHT = 1_000
MOST_OVERWEIGHT = 5_000
MOST_GRAMS = 1_000_000_000
KILOGRAM = "kg"


class ByWeight:
    """What goods by weight cost; for rows and for what was read of them."""

    if TYPE_CHECKING:
        overweight_basis_points: Any
        base_units_thousandths: Any

    @property
    def is_by_weight(self) -> bool:
        return self.overweight_basis_points is not None

    @property
    def nominal_grams(self) -> int:
        """What one piece weighs as it is ordered; only goods by weight have it."""
        grams: int | None = self.base_units_thousandths
        assert grams is not None
        return grams

    def heaviest_grams(self, pieces: int) -> int:
        """The most that so many pieces are charged for."""
        assert self.overweight_basis_points is not None
        whole: int = BASIS_POINTS + self.overweight_basis_points
        return pieces * self.nominal_grams * whole // BASIS_POINTS

    def goods_at_most(self, units: int, price_minor: int) -> int:
        """The most that so many units cost at this price, in minor units, without deposit."""
        if not self.is_by_weight:
            return units * price_minor
        return self.price_of_grams(self.heaviest_grams(units), price_minor)

    def price_of_grams(self, grams: int, price_minor: int) -> int:
        """What so many grams cost if a piece of nominal weight costs `price_minor`."""
        nominal = self.nominal_grams
        return (2 * grams * price_minor + nominal) // (2 * nominal)

    def goods_weighed(self, units: int, grams: int | None, price_minor: int) -> int:
        """What `units` cost that weigh so many grams (None: as ordered), never above the most."""
        counted = units * self.nominal_grams if grams is None else grams
        return self.price_of_grams(min(counted, self.heaviest_grams(units)), price_minor)


class Weighable(ByWeight):
    """What can be sold by weight; its nominal grams are its content in thousandths of a kilogram.

    `overweight_basis_points` is how much more a piece may weigh at most; only goods by weight
    have it.
    """

    overweight_basis_points: Mapped[int | None]
    base_unit: Mapped[str] = mapped_column(default="")
    # Base price: this many base units (kg, l) are in one unit, in thousandths.
    base_units_thousandths: Mapped[int | None]


def is_whole_check() -> CheckConstraint:
    """Goods by weight have a weight, and a bound above it; nothing else has such a bound."""
    return CheckConstraint(
        "overweight_basis_points IS NULL OR ("
        f"overweight_basis_points BETWEEN 0 AND {MOST_OVERWEIGHT} AND base_unit = '{KILOGRAM}' "
        "AND base_units_thousandths IS NOT NULL AND base_units_thousandths > 0)",
        name="weight_is_whole",
    )

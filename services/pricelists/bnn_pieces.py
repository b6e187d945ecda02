"""Goods by weight in BNN lists: priced by the kilogram, ordered by the piece."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from models.weights import KILOGRAM, MOST_GRAMS
from services.pricelists.line import LARGEST_COUNT, Line
from services.pricelists.problems import Fault, quoted
from services.pricelists.quantities import content, whole_grams

_ABOUT = re.compile(r"^\s*(?:ca|circa|etwa)\b\.?\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Piece:
    """What is ordered of goods by weight, and how many of the units that the list prices it is."""

    unit: str
    case_size: int
    times: Decimal
    kilograms: Fraction

    def price_of(self, net_minor: Decimal) -> Decimal:
        exact = net_minor * self.times
        return exact.quantize(Decimal("0.01"), ROUND_HALF_UP) if self.times != 1 else exact


def piece_of(line: Line, unit: str) -> Piece | None:
    """The piece of an article by weight; None, with a note, if its weight is not known.

    A list prices a wheel of 2.5 kg by the kilogram: the order unit is then the piece. Where the
    order unit holds a whole number of units, those are the pieces and the order unit is the case.
    """
    held = content(_ABOUT.sub("", unit))
    if held is None or held[0] != KILOGRAM or whole_grams(held[0], 1 / held[1]) is None:
        line.note("weight-unknown", "by_weight", unit=unit)
        return None
    count = line.decimal("case_size", most=LARGEST_COUNT, decimals=4)
    if count is None or count == count.to_integral_value():
        return Piece(unit, line.count("case_size") or 1, Decimal(1), held[1])
    kilograms = Fraction(count) * held[1]
    if whole_grams(KILOGRAM, 1 / kilograms) is None:
        raise Fault("weight-missing", column=line.label("case_size"))
    if kilograms * 1000 > MOST_GRAMS:
        text, most = quoted(line.text("case_size")), LARGEST_COUNT
        raise Fault("too-large", column=line.label("case_size"), text=text, limit=most)
    words = line.text("order_unit", longest=40) or f"{float(kilograms):g} kg"
    return Piece(words, 1, count, kilograms)

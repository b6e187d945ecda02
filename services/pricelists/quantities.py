"""How much a unit holds, read from its words, and the base price that follows from it."""

import re
from decimal import Decimal
from fractions import Fraction

from models.weights import KILOGRAM

_UNIT = re.compile(
    r"(?:([0-9]{1,4})\s*[x×*]\s*)?"
    r"(?:([0-9]{1,6})(?:[.,]([0-9]{1,4})|/([1-9][0-9]{0,3}))?)?"
    r"\s*([^\W\d_]{1,12})\.?",
    re.ASCII | re.IGNORECASE,
)

_MEASURES = {
    "kg": ("kg", 1, 1),
    "kilo": ("kg", 1, 1),
    "kilogram": ("kg", 1, 1),
    "kilogramm": ("kg", 1, 1),
    "g": ("kg", 1, 1000),
    "gr": ("kg", 1, 1000),
    "gram": ("kg", 1, 1000),
    "gramm": ("kg", 1, 1000),
    "l": ("l", 1, 1),
    "lt": ("l", 1, 1),
    "ltr": ("l", 1, 1),
    "liter": ("l", 1, 1),
    "litre": ("l", 1, 1),
    "dl": ("l", 1, 10),
    "cl": ("l", 1, 100),
    "ml": ("l", 1, 1000),
    "milliliter": ("l", 1, 1000),
    "millilitre": ("l", 1, 1000),
}


def content(unit: str) -> tuple[str, Fraction] | None:
    """What one unit holds, in kg or l, or None if its words do not say: "4x250ml" is 1 l."""
    match = _UNIT.fullmatch(unit.strip())
    if match is None:
        return None
    packs, whole, decimals, divisor, word = match.groups()
    measure = _MEASURES.get(word.lower())
    if measure is None:
        return None
    base_unit, times, per = measure
    amount = Fraction(int(packs or 1)) * Fraction(whole or "1") * Fraction(times, per)
    if decimals:
        amount = Fraction(int(packs or 1)) * Fraction(f"{whole}.{decimals}") * Fraction(times, per)
    elif divisor:
        amount /= int(divisor)
    return (base_unit, amount) if 0 < amount <= 1_000_000 else None


def whole_grams(base_unit: str, factor: Fraction | None) -> int | None:
    """What one unit weighs, or None if its content is not known in kg or below a gram."""
    if base_unit != KILOGRAM or factor is None:
        return None
    return round(1000 / factor) or None


def base_unit_of(word: str) -> str:
    """ "kg" or "l" for the ways to write one of them, else the word as it stands."""
    measure = _MEASURES.get(word.strip().rstrip(".").lower())
    if measure and measure[1:] == (1, 1):
        return measure[0]
    return word.strip()


def base_factor(
    unit: str, listed_unit: str, listed_factor: Decimal | None
) -> tuple[str, Fraction | None, bool]:
    """The unit of the base price, what a price is multiplied by, and whether words and list fit.

    A list rounds ("0,3" for a bag of 3 kg), so the exact content is used wherever it rounds or
    cuts to the listed factor. Where they differ the list holds: it may mean the drained weight
    (Directive 98/6/EC, Art. 1).
    """
    held = content(unit)
    if not listed_factor:
        return (held[0], 1 / held[1], True) if held else ("", None, True)
    base_unit = base_unit_of(listed_unit)
    listed = Fraction(listed_factor)
    if held is None or held[0] != base_unit:
        return base_unit, listed, True
    exponent = int(listed_factor.as_tuple().exponent)
    last_place = Fraction(10) ** min(exponent, 0)
    if abs(1 / held[1] - listed) < last_place:
        return base_unit, 1 / held[1], True
    return base_unit, listed, False

"""Foodsoft's article file: net prices per single unit, cases written as ratios ("10 Piece").

Law of this reading: whatever unit a price is written for, it becomes the price of the one unit
that a member of the group orders, and a case is a whole number of those.
"""

import re
from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from models.weights import KILOGRAM, USUAL_OVERWEIGHT
from services.pricelists.article import (
    LONGEST_NOTE,
    Change,
    Format,
    ListedArticle,
    PriceList,
    with_vat,
)
from services.pricelists.foodsoft_columns import NAMES, REQUIRED, TEXTS
from services.pricelists.gathering import Gathering, Progress
from services.pricelists.line import LARGEST_COUNT, LARGEST_PRICE, Line, clean
from services.pricelists.numbers import as_decimal
from services.pricelists.problems import Fault, quoted
from services.pricelists.quantities import base_factor, whole_grams
from services.pricelists.tables import Table, named_columns

_RATIO = re.compile(r"([0-9]{1,7}(?:\.[0-9]{1,6})?)\s+(\S.{0,60})", re.ASCII)
_BETWEEN_RATIOS = re.compile(r"(?<!\\), ")
_NO = frozenset({"no", "nein", "nee", "ei", "non", "0", "false"})
_DELISTED = "x"
_MOST_RATIOS = 5
_SHORT_UNITS = {
    "kilogram": "kg",
    "kilogramm": "kg",
    "gram": "g",
    "gramm": "g",
    "litre": "l",
    "liter": "l",
}


def parse(table: Table, *, currency: str, on_progress: Progress) -> PriceList:
    """The list in this table; raises Fault where the file as a whole cannot be trusted."""
    places = named_columns(table, NAMES)
    missing = [title for name, title in REQUIRED.items() if name not in places]
    if missing:
        raise Fault("missing-columns", columns=", ".join(missing))
    gathering = Gathering(len(table.lines), on_progress)
    gathering.take_all(table, places, TEXTS, _read_article, point=".")
    return PriceList(
        format=Format.FOODSOFT,
        currency=currency,
        articles=tuple(gathering.articles),
        problems=tuple(gathering.problems),
        is_whole=True,
    )


def is_foodsoft(columns: Sequence[str]) -> bool:
    """Whether a header is Foodsoft's: only there the price column says that it is net."""
    known = {NAMES[column] for column in columns if column in NAMES}
    return {"name", "net_price"} <= known and "net price" not in columns


def _read_article(line: Line) -> ListedArticle:
    status = clean(line.fields.get("available", "")).casefold()
    vat = line.percent("vat")
    if vat is None:
        raise Fault("missing", column=line.label("vat"))
    unit, case_size, net = _unit_case_and_price(line)
    gross = with_vat(net, vat)
    if not gross:
        raise Fault("zero", column=line.label("net_price"))
    deposit = line.exact_minor("deposit") or Decimal(0)
    granularity = line.decimal("granularity", most=LARGEST_COUNT, decimals=6)
    if granularity is not None and granularity != 1:
        line.note("granularity", "granularity", text=format(granularity, "f"))
    base_unit, factor, _ = base_factor(unit, "", None)
    return ListedArticle(
        order_number=line.text("order_number", longest=40, required=True),
        name=line.text("name", required=True),
        gross_minor=gross,
        vat_basis_points=vat,
        net_minor=net,
        unit=unit,
        case_size=case_size,
        # Foodsoft adds the tax to the sum of price and deposit, so its deposits are net as well.
        deposit_minor=with_vat(deposit, vat),
        category=line.text("category"),
        origin=line.text("origin"),
        maker=line.text("maker"),
        base_unit=base_unit,
        base_factor=factor,
        overweight_basis_points=_overweight(line, unit, base_unit, factor),
        change=Change.DELISTED if status == _DELISTED else None,
        note=line.text("note", longest=LONGEST_NOTE),
        minimum_units=_minimum_units(line, case_size),
        is_available=status != _DELISTED and status not in _NO,
        line_number=line.number,
    )


def _overweight(line: Line, unit: str, base_unit: str, factor: Fraction | None) -> int | None:
    """Pieces that the supplier bills by the kilogram are goods by weight."""
    billed_in = line.text("billing_unit").casefold()
    if _SHORT_UNITS.get(billed_in, billed_in) != KILOGRAM or unit.casefold() == KILOGRAM:
        return None
    if whole_grams(base_unit, factor) is None:
        line.note("weight-unknown", "billing_unit", unit=unit)
        return None
    return USUAL_OVERWEIGHT


def _minimum_units(line: Line, case_size: int) -> int:
    """Foodsoft counts its smallest order in order units, we count in single ones."""
    order_units = line.count("minimum")
    if order_units is None:
        return 1
    if order_units * case_size > LARGEST_COUNT:
        text = str(order_units * case_size)
        raise Fault("too-large", column=line.label("minimum"), text=text, limit=LARGEST_COUNT)
    return order_units * case_size


def _unit_case_and_price(line: Line) -> tuple[str, int, Decimal]:
    """The single unit in words, how many make a case, and the exact net price of one in cents.

    The single unit is the group order unit if there is one; else what the words in "Unit"
    describe, which is a piece of the first ratio; else the order unit. A price is per single
    unit unless "Price unit" names another one.
    """
    price = line.decimal("net_price", most=LARGEST_PRICE, decimals=4)
    if price is None:
        raise Fault("missing", column=line.label("net_price"))
    words, order_unit = line.text("unit", longest=40), line.text("order_unit")
    held = _held_by_order_unit(line, order_unit)
    single = line.text("group_unit")
    if not single:
        single = next(iter(list(held)[1:]), order_unit) if words else order_unit
    singles = _held(held, single, line, "group_unit")
    if "ratios" not in line.fields:
        singles = Fraction(line.count("case_size") or 1)
    if singles.denominator != 1 or not 1 <= singles <= LARGEST_COUNT:
        raise Fault("case-not-whole", column=line.label("ratios"), text=quoted(str(singles)))
    exact = Fraction(price) * 100
    if line.has("price_unit"):
        exact *= _held(held, line.text("price_unit"), line, "price_unit") / singles
    if exact > LARGEST_PRICE * 100:
        raise Fault(
            "too-large",
            column=line.label("net_price"),
            text=quoted(clean(line.fields["net_price"])),
            limit=LARGEST_PRICE,
        )
    net = as_decimal(exact)
    if net is None or -int(net.as_tuple().exponent) > 4:
        units = Decimal(exact.numerator) / Decimal(exact.denominator)
        net = units.quantize(Decimal("0.0001"), ROUND_HALF_UP)
    return words or _SHORT_UNITS.get(single.casefold(), single), int(singles), net


def _held_by_order_unit(line: Line, order_unit: str) -> dict[str, Fraction]:
    """How many of each named unit one order unit holds; each ratio counts within the one before."""
    held = {order_unit.casefold(): Fraction(1)}
    written = clean(line.fields.get("ratios", ""))
    so_far = Fraction(1)
    for place, ratio in enumerate(_BETWEEN_RATIOS.split(written) if written else ()):
        match = _RATIO.fullmatch(ratio)
        if place == _MOST_RATIOS or match is None or not Fraction(match[1]):
            raise Fault("unreadable-ratio", column=line.label("ratios"), text=quoted(ratio))
        so_far *= Fraction(match[1])
        held[match[2].replace("\\,", ",").casefold()] = so_far
    return held


def _held(held: Mapping[str, Fraction], unit: str, line: Line, column: str) -> Fraction:
    found = held.get(unit.casefold())
    if found is None:
        raise Fault("unknown-ratio", column=line.label(column), unit=quoted(unit))
    return found

"""Our own CSV, for lists that people write themselves: named columns, gross or net prices."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from models.weights import MOST_OVERWEIGHT
from services.pricelists.article import (
    LONGEST_FOOD_INFORMATION,
    LONGEST_NOTE,
    Change,
    Format,
    ListedArticle,
    ListedTier,
    PriceList,
    with_vat,
)
from services.pricelists.gathering import Gathering, Progress
from services.pricelists.line import Line, clean
from services.pricelists.own_columns import (
    FORMULA_STARTS,
    MOST_CONTENT,
    MOST_DECIMALS,
    NAMES,
    PRICES,
    REQUIRED,
    TEXTS,
    TIER_COLUMNS,
)
from services.pricelists.problems import Fault, Problem, quoted
from services.pricelists.quantities import base_factor, base_unit_of, whole_grams
from services.pricelists.tables import Table, named_columns

_CHANGES = {str(change): change for change in Change}
_YES = frozenset({"yes", "y", "true", "1", "ja", "j"})
_NO = frozenset({"no", "n", "false", "0", "nein", "nee"})


def parse(table: Table, *, currency: str, on_progress: Progress) -> PriceList:
    """The list in this table; raises Fault where the file as a whole cannot be trusted."""
    places = named_columns(table, NAMES)
    missing = [name for name in REQUIRED if name not in places]
    if not any(name in places for name in PRICES):
        missing.append(PRICES[0])
    if missing:
        raise Fault("missing-columns", columns=", ".join(missing))
    gathering = Gathering(len(table.lines), on_progress)
    gathering.problems.extend(_unknown_columns(table))
    gathering.take_all(table, places, TEXTS, _read_article, point=None)
    return PriceList(
        format=Format.OWN,
        currency=currency,
        articles=tuple(gathering.articles),
        problems=tuple(gathering.problems),
        is_whole=True,
    )


def _unknown_columns(table: Table) -> list[Problem]:
    return [
        Problem("unknown-column", 1, quoted(title), {"name": quoted(title)})
        for title, column in zip(table.titles, table.columns, strict=True)
        if column and column not in NAMES
    ]


def _read_article(line: Line) -> ListedArticle:
    change = _change(line)
    is_delisted = change is Change.DELISTED
    vat = line.percent("vat_percent")
    if vat is None:
        raise Fault("missing", column=line.label("vat_percent"))
    gross, net = _price(line, vat, may_be_missing=is_delisted)
    special_from, special_to = line.period("special_from", "special_to")
    minimum, maximum = line.count("minimum_units") or 1, line.count("maximum_units")
    if maximum is not None and maximum < minimum:
        raise Fault("limits-reversed", column=line.label("maximum_units"))
    unit = _text(line, "unit", longest=40)
    base_unit, factor = _base_price(line, unit)
    return ListedArticle(
        order_number=_text(line, "order_number", longest=40, required=True),
        name=_text(line, "name", required=True),
        gross_minor=gross,
        vat_basis_points=vat,
        net_minor=net,
        second_line=_text(line, "second_line"),
        unit=unit,
        case_size=line.count("case_size") or 1,
        deposit_minor=line.minor("deposit") or 0,
        category=_text(line, "category"),
        origin=_text(line, "origin"),
        quality=_text(line, "quality"),
        maker=_text(line, "maker"),
        control_body=_text(line, "control_body"),
        food_information=_food_information(line),
        ean=line.ean("ean"),
        recommended_minor=line.minor("recommended_price") or None,
        special_from=special_from,
        special_to=special_to,
        base_unit=base_unit,
        base_factor=factor,
        overweight_basis_points=_overweight(line, base_unit, factor),
        change=change,
        note=_text(line, "note", longest=LONGEST_NOTE),
        minimum_units=minimum,
        maximum_units=maximum,
        is_available=_yes(line, "available", default=True) and not is_delisted,
        is_deposit=_yes(line, "is_deposit", default=False),
        tiers=_tiers(line, gross),
        line_number=line.number,
    )


def _text(line: Line, column: str, *, longest: int = 200, required: bool = False) -> str:
    text = line.text(column, longest=longest + 1, required=required)
    return _unguarded(text, line, column, longest)


def _food_information(line: Line) -> str:
    column, longest = "food_information", LONGEST_FOOD_INFORMATION
    return _unguarded(line.lines(column, longest=longest + 1), line, column, longest)


def _unguarded(text: str, line: Line, column: str, longest: int) -> str:
    """A text without the apostrophe that the writer puts before what looks like a formula."""
    if text.startswith("'") and text.lstrip("'")[:1] in tuple(FORMULA_STARTS):
        text = text[1:]
    if len(text) > longest:
        raise Fault("too-long", column=line.label(column), limit=longest)
    return text


def _price(line: Line, vat: int, *, may_be_missing: bool) -> tuple[int, Decimal | None]:
    gross, net = line.minor("price"), line.exact_minor("net_price")
    if gross is not None and net is not None:
        raise Fault("prices-disagree", column=line.label("net_price"))
    column = "price" if net is None and "price" in line.fields else "net_price"
    if gross is None and net is None:
        if may_be_missing:
            return 0, None
        raise Fault("missing", column=line.label(column))
    amount = with_vat(net, vat) if net is not None else gross or 0
    if not amount and not may_be_missing:
        raise Fault("zero", column=line.label(column))
    return amount, net


def _base_price(line: Line, unit: str) -> tuple[str, Fraction | None]:
    content = line.decimal("content", most=MOST_CONTENT, decimals=MOST_DECIMALS)
    listed = line.decimal("base_factor", most=100_000, decimals=6)
    if content and listed:
        raise Fault("content-and-factor", column=line.label("base_factor"))
    if content:
        return base_unit_of(_text(line, "base_unit", longest=20)), 1 / Fraction(content)
    base_unit, factor, fits = base_factor(unit, _text(line, "base_unit", longest=20), listed)
    if not fits:
        line.note("base-price-differs", "base_factor", unit=unit)
    return base_unit, factor


def _overweight(line: Line, base_unit: str, factor: Fraction | None) -> int | None:
    share = line.percent("overweight_percent")
    if share is None:
        return None
    column = line.label("overweight_percent")
    if share > MOST_OVERWEIGHT:
        text, limit = quoted(clean(line.fields["overweight_percent"])), MOST_OVERWEIGHT // 100
        raise Fault("too-large", column=column, text=text, limit=limit)
    if whole_grams(base_unit, factor) is None:
        raise Fault("weight-missing", column=column)
    return share


def _change(line: Line) -> Change | None:
    word = clean(line.fields.get("change", "")).lower()
    if word and word not in _CHANGES:
        raise Fault("unknown-change", column=line.label("change"), text=quoted(word))
    return _CHANGES.get(word)


def _yes(line: Line, column: str, *, default: bool) -> bool:
    word = clean(line.fields.get(column, "")).lower()
    if not word:
        return default
    if word not in _YES | _NO:
        raise Fault("not-yes-or-no", column=line.label(column), text=quoted(word))
    return word in _YES


def _tiers(line: Line, gross_minor: int) -> tuple[ListedTier, ...]:
    """The steps after the first price: each begins at more units and costs less."""
    tiers: list[ListedTier] = []
    units_before, price_before = 1, gross_minor
    for step, (from_column, price_column) in enumerate(TIER_COLUMNS, 1):
        units, price = line.count(from_column), line.minor(price_column)
        if units is None and price is None:
            continue
        if units is None or price is None:
            raise Fault("tier-incomplete", column=line.label(price_column), step=step)
        if units <= units_before or not 0 < price < price_before:
            raise Fault("tier-order", column=line.label(price_column), step=step)
        tiers.append(ListedTier(units, price))
        units_before, price_before = units, price
    return tuple(tiers)


def is_own(columns: Sequence[str]) -> bool:
    """Whether a header looks like ours, even if a required column is missing."""
    known = {NAMES[column] for column in columns if column in NAMES}
    return "name" in known and len(known) >= 2

"""BNN 3, the exchange format of the German natural-food trade: fields go by their position."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import partial

from models.weights import KILOGRAM, USUAL_OVERWEIGHT
from services.pricelists.article import (
    LONGEST_TEXT,
    Change,
    Format,
    ListedArticle,
    PriceList,
    with_vat,
)
from services.pricelists.bnn_fields import (
    ASSOCIATIONS,
    BY_WEIGHT,
    CHANGES,
    COUNTRIES,
    FEWEST_FIELDS,
    FIELDS,
    LABELS,
    LAST_FILE,
)
from services.pricelists.bnn_pieces import piece_of
from services.pricelists.code_pages import decoded
from services.pricelists.gathering import Gathering, Progress
from services.pricelists.line import LARGEST_PRICE, Line, clean
from services.pricelists.numbers import read_date
from services.pricelists.problems import Fault, Problem, quoted
from services.pricelists.quantities import base_factor


def parse(
    lines: Sequence[bytes],
    *,
    is_ended: bool,
    vat_rates: Mapping[int, int],
    currency: str,
    on_progress: Progress,
) -> PriceList:
    """The list in these lines; raises Fault where the file as a whole cannot be trusted."""
    flag = lines[0].split(b";", 3)[2:3]
    text, differs = decoded(b"\n".join(lines), flag[0].decode("latin-1") if flag else "")
    rows = text.removeprefix("\ufeff").split("\n")
    header = (rows[0].split(";") + [""] * 12)[:12]
    if len(rows) == 1 and not is_ended:
        raise Fault("cut-off", line=1)
    _refuse_header(header, currency)
    gathering = Gathering(len(rows), on_progress)
    if differs:
        gathering.problems.append(differs)
    goes_on_in = _read_lines(rows, gathering, vat_rates, is_ended=is_ended)
    gathering.finish()
    is_whole = header[4].strip().upper() != "S" and goes_on_in == LAST_FILE
    if goes_on_in is None:
        gathering.problems.append(Problem("no-end-mark", 0))
    elif goes_on_in != LAST_FILE:
        gathering.problems.append(Problem("continued", 0, "", {"sequence": goes_on_in}))
    return PriceList(
        format=Format.BNN,
        currency=header[6].strip().upper() or currency,
        articles=tuple(gathering.articles),
        supplier_name=clean(header[3])[:LONGEST_TEXT],
        title=clean(header[5])[:LONGEST_TEXT],
        valid_from=_header_day(header[7], gathering),
        valid_to=_header_day(header[8], gathering),
        is_whole=is_whole,
        problems=tuple(gathering.problems),
    )


def _refuse_header(header: list[str], currency: str) -> None:
    if header[1].strip() != "3":
        raise Fault("bnn-version", version=quoted(clean(header[1])))
    code = header[6].strip().upper() or currency
    if not (len(code) == 3 and code.isascii() and code.isalpha()):
        raise Fault("currency", text=quoted(clean(header[6])))


def _header_day(text: str, gathering: Gathering) -> date | None:
    if not text.strip().strip("0"):
        return None
    try:
        return read_date(text)
    except Fault as fault:
        gathering.problems.append(Problem("header-date", 1, "", fault.facts))
        return None


def _read_lines(
    rows: Sequence[str], gathering: Gathering, vat_rates: Mapping[int, int], *, is_ended: bool
) -> str | None:
    """Gather the articles; the number of the file that follows, "99" for none, None if unsaid."""
    read = partial(_read_article, vat_rates=vat_rates)
    deposits: dict[int, Line] = {}
    goes_on_in = None
    for number, row in enumerate(rows[1:], 2):
        fields = row.split(";")
        if fields[0].strip() == "" and fields[1:2] == [""] and len(fields) > 2:
            mark = fields[2].strip()
            if mark.isascii() and mark.isdigit() and len(mark) <= 3:
                goes_on_in = mark
                if any(later.strip() for later in rows[number:]):
                    gathering.problems.append(Problem("lines-after-end", number + 1))
                break
        if number == len(rows) and not is_ended:
            raise Fault("cut-off", line=number)
        if not row.strip("; "):
            continue
        if len(fields) < FEWEST_FIELDS:
            short = Fault("too-few-fields", found=len(fields), expected=FEWEST_FIELDS)
            gathering.leave_out(short, number)
            continue
        line = Line(number, _named(fields), LABELS, point=",")
        if gathering.take(line, read) and line.fields["deposit_article"].strip().strip("0"):
            deposits[len(gathering.articles) - 1] = line
    _price_deposits(gathering, deposits)
    return goes_on_in


def _named(fields: list[str]) -> dict[str, str]:
    width = len(fields)
    return {name: _unquoted(fields[i]) if i < width else "" for name, i in FIELDS.items()}


def _unquoted(field: str) -> str:
    if len(field) > 1 and field[0] == field[-1] == '"':
        return field[1:-1].replace('""', '"')
    return field


def _read_article(line: Line, vat_rates: Mapping[int, int]) -> ListedArticle:
    change = _change(line)
    is_delisted = change is Change.DELISTED
    order_number = line.text("order_number", longest=40, required=True)
    name = line.text("name", required=not is_delisted)
    if is_delisted:
        # A line that takes an article away often has no price any more, and needs none.
        return ListedArticle(
            order_number=order_number,
            name=name or order_number,
            gross_minor=0,
            vat_basis_points=0,
            change=change,
            is_available=False,
            line_number=line.number,
        )
    vat = _vat(line, vat_rates)
    net = line.exact_minor("net_price")
    if net is None:
        raise Fault("missing", column=line.label("net_price"))
    unit = line.text("unit", longest=40)
    piece = piece_of(line, unit) if line.text("by_weight").upper() == BY_WEIGHT else None
    if piece is None:
        case_size = line.count("case_size") or 1
        base_unit, factor = _base_price(line, unit)
    else:
        unit, case_size, net = piece.unit, piece.case_size, piece.price_of(net)
        base_unit, factor = KILOGRAM, 1 / piece.kilograms
        if net > LARGEST_PRICE * 100:
            fact = quoted(line.text("net_price"))
            column = line.label("net_price")
            raise Fault("too-large", column=column, text=fact, limit=LARGEST_PRICE)
    if not with_vat(net, vat):
        raise Fault("zero", column=line.label("net_price"))
    special_from, special_to = line.period("special_from", "special_to")
    quality, origin = line.text("quality"), line.text("origin")
    return ListedArticle(
        order_number=order_number,
        name=name,
        gross_minor=with_vat(net, vat),
        vat_basis_points=vat,
        net_minor=net,
        second_line=line.text("second_line"),
        unit=unit,
        case_size=case_size,
        category=line.text("category"),
        origin=COUNTRIES.get(origin, origin),
        quality=ASSOCIATIONS.get(quality.upper(), quality),
        maker=line.text("maker"),
        control_body=line.text("control_body"),
        ean=line.ean("ean"),
        recommended_minor=(line.minor("recommended") or None) if piece is None else None,
        special_from=special_from,
        special_to=special_to,
        base_unit=base_unit,
        base_factor=factor,
        overweight_basis_points=None if piece is None else USUAL_OVERWEIGHT,
        change=change,
        line_number=line.number,
    )


def _change(line: Line) -> Change | None:
    mark = line.text("change").upper()
    if mark and mark not in CHANGES:
        raise Fault("unknown-change", column=line.label("change"), text=quoted(mark))
    return CHANGES.get(mark)


def _vat(line: Line, vat_rates: Mapping[int, int]) -> int:
    code = line.text("vat_code", required=True)
    if code.isascii() and code.isdigit() and len(code) < 4 and int(code) in vat_rates:
        return vat_rates[int(code)]
    raise Fault("unknown-vat", column=line.label("vat_code"), text=quoted(code))


def _base_price(line: Line, unit: str) -> tuple[str, Fraction | None]:
    # The factor alone may have a decimal point, and three decimals are then never thousands.
    written = line.fields["base_factor"].replace(".", ",")
    factor_line = Line(line.number, {"base_factor": written}, line.labels, point=",")
    listed = factor_line.decimal("base_factor", most=100_000, decimals=6)
    base_unit, factor, fits = base_factor(unit, line.text("base_unit", longest=20), listed)
    if not fits:
        line.note("base-price-differs", "base_factor", unit=unit)
    return base_unit, factor


def _price_deposits(gathering: Gathering, deposits: Mapping[int, Line]) -> None:
    """Give each article the price of the deposit article that it names, with that one's VAT."""
    place_of = {article.order_number: i for i, article in enumerate(gathering.articles)}
    for place, line in deposits.items():
        named = clean(line.fields["deposit_article"])
        found = place_of.get(named)
        if found is None or found == place:
            fact = {"order_number": quoted(named)}
            label = line.label("deposit_article")
            gathering.problems.append(Problem("deposit-unknown", line.number, label, fact))
            continue
        deposit = gathering.articles[found]
        article = replace(gathering.articles[place], deposit_minor=deposit.gross_minor)
        gathering.articles[place] = article
        gathering.articles[found] = replace(deposit, is_deposit=True)

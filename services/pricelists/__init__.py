"""Price lists: bytes in, articles and problems out; nothing is kept, guessed or rounded in secret.

Reads BNN 3, Foodsoft's article file and our own CSV (docs/pricelists.md). Pure: no database, no
network, no clock.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePath

from services.pricelists import bnn, foodsoft, own_csv
from services.pricelists.article import (
    LONGEST_TEXT,
    Change,
    Format,
    ListedArticle,
    ListedTier,
    PriceList,
)
from services.pricelists.gathering import Progress, silent
from services.pricelists.line import clean, clean_lines
from services.pricelists.problems import FILE_TOO_LARGE, Fault, Problem, Severity
from services.pricelists.reading import MOST_ARTICLES, MOST_BYTES, whole_lines
from services.pricelists.sample import sample
from services.pricelists.tables import read_header
from services.pricelists.writing import write_csv

__all__ = [
    "FILE_TOO_LARGE",
    "MOST_ARTICLES",
    "MOST_BYTES",
    "Change",
    "Format",
    "ListedArticle",
    "ListedTier",
    "PriceList",
    "Problem",
    "Severity",
    "clean_lines",
    "detect",
    "parse",
    "sample",
    "write_csv",
]


def detect(content: bytes) -> Format | None:
    """The format that the first lines speak of, or None if `content` is no price list."""
    try:
        lines, is_ended = whole_lines(content)
        return _format_of(lines, is_ended=is_ended)
    except Fault:
        return None


def parse(
    content: bytes,
    *,
    vat_rates: Mapping[int, int],
    filename: str | None = None,
    currency: str = "EUR",
    on_progress: Progress = silent,
) -> PriceList:
    """Read a whole list; whatever the bytes are, the answer is a PriceList and never an error.

    `vat_rates` gives basis points for BNN's codes ({1: 700, 2: 1900} in Germany). `currency` is
    that of lists that name none; its minor unit is a hundredth. `filename` is the title of a
    list that has none. `on_progress` hears (lines done, lines in all) every 200 lines and at the
    end. A file that cannot be trusted has one refusing problem on line 0 and no articles; a
    faulty line is left out with a problem of its own.
    """
    kind = None
    try:
        lines, is_ended = whole_lines(content)
        kind = _format_of(lines, is_ended=is_ended)
        if kind is Format.BNN:
            listed = bnn.parse(
                lines,
                is_ended=is_ended,
                vat_rates=vat_rates,
                currency=currency,
                on_progress=on_progress,
            )
        elif kind is None:
            raise Fault("not-a-price-list")
        else:
            reader = foodsoft if kind is Format.FOODSOFT else own_csv
            table = read_header(lines, is_ended=is_ended)
            listed = reader.parse(table, currency=currency, on_progress=on_progress)
    except Fault as fault:
        return PriceList(kind, currency, problems=(fault.on_line(0),))
    title = listed.title or clean(PurePath(filename or "").stem)[:LONGEST_TEXT]
    return replace(listed, title=title)


def _format_of(lines: list[bytes], *, is_ended: bool) -> Format | None:
    if lines[0].removeprefix(b"\xef\xbb\xbf").upper().startswith(b"BNN;"):
        return Format.BNN
    columns = read_header(lines, is_ended=is_ended).columns
    if foodsoft.is_foodsoft(columns):
        return Format.FOODSOFT
    return Format.OWN if own_csv.is_own(columns) else None

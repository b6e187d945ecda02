"""Weights as a table: written for whoever weighs, and read back with the grams filled in."""

import csv
from collections.abc import Iterable, Mapping
from io import StringIO
from typing import Any

from models.errors import Invalid
from models.weights import MOST_GRAMS
from models.words import N_
from services.buying.sheets import DELIMITER, FOR_PROGRAMS, Spelling, written
from services.buying.weighing import Portion

LARGEST = 1_000_000
READ_BACK = ("portion", "grams")
_HEADER = ("portion", "name", "order_number", "article", "units", "about_grams", "grams")


def write(portions: Iterable[Portion], *, spelling: Spelling = FOR_PROGRAMS) -> str:
    """Every portion with its usual grams and those that are known."""
    rows = (
        (
            one.line.id,
            one.commitment.participant.name,
            one.article.order_number,
            one.article.name,
            one.units,
            one.nominal_grams,
            one.line.weighed_grams,
        )
        for one in portions
    )
    return written(_HEADER, rows, exponent=0, spelling=spelling)


def read(content: bytes, names: Mapping[str, str]) -> Mapping[int, int]:
    """The grams by portion; what is empty is not weighed yet and is left as it is.

    `names` says which of READ_BACK a heading, in lower case, stands for. Refuses with Invalid,
    naming `table`.
    """
    if len(content) > LARGEST:
        raise _refusal(N_("This file is too large."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _refusal(N_("Save the table as “CSV UTF-8” and upload it again.")) from None
    first, _, _ = text.partition("\n")
    delimiter = max((DELIMITER, ",", "\t"), key=first.count)
    found: dict[int, int] = {}
    try:
        rows = csv.DictReader(StringIO(text, newline=""), delimiter=delimiter)
        headings = [title.strip().casefold() for title in rows.fieldnames or ()]
        rows.fieldnames = [names.get(title, "") for title in headings]
        if not set(READ_BACK) <= set(rows.fieldnames):
            raise _refusal(N_("The table needs the columns “Portion” and “Grams”."))
        for number, row in enumerate(rows, 2):
            portion, grams = (row["portion"] or "").strip(), (row["grams"] or "").strip()
            if not grams:
                continue
            if not (_is_count(portion) and _is_count(grams)) or not 1 <= int(grams) <= MOST_GRAMS:
                raise _refusal(
                    N_("Line %(line)s: please enter whole grams, 1 or more."), line=number
                )
            if int(portion) in found:
                raise _refusal(N_("Line %(line)s: this portion is there twice."), line=number)
            found[int(portion)] = int(grams)
    except csv.Error:
        raise _refusal(N_("This is no table that we can read.")) from None
    return found


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 18


def _refusal(message: str, **facts: Any) -> Invalid:
    return Invalid(fields={"table": message}, **facts)

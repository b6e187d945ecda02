"""Lists with a header row: the separator is found, columns go by name, in any order."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass

from services.pricelists.line import Line, clean
from services.pricelists.problems import Fault, quoted
from services.pricelists.reading import MOST_FIELDS, Record, records, split_fields

DELIMITERS = ";\t,"
_BETWEEN_WORDS = re.compile(r"[\s_]+")


@dataclass(frozen=True)
class Table:
    """The header and the text below it; `columns` are the names as they are compared."""

    titles: list[str]
    columns: list[str]
    delimiter: str
    lines: list[str]
    is_ended: bool

    def records(self) -> Iterator[Record]:
        found = records(self.lines, self.delimiter, is_ended=self.is_ended)
        next(found, None)
        return found


def compared(title: str) -> str:
    """A column's title without the differences that mean nothing: case, blanks, underscores."""
    folded = unicodedata.normalize("NFKC", title).casefold()
    return _BETWEEN_WORDS.sub(" ", clean(folded)).strip()


def read_header(lines: Sequence[bytes], *, is_ended: bool) -> Table:
    """The table in these lines; refuses what is not UTF-8 (a cut character is a cut file)."""
    rows = _decoded(lines, is_ended=is_ended)
    # What bytes call a character may be white space as text: then there is no header at all.
    number, first = next((row for row in enumerate(rows, 1) if row[1].strip()), (1, ""))
    candidates = [split_fields(first, delimiter) or [] for delimiter in DELIMITERS]
    titles = max(candidates, key=len)
    if len(titles) > MOST_FIELDS:
        raise Fault("too-many-columns", line=number, limit=MOST_FIELDS)
    delimiter = DELIMITERS[candidates.index(titles)]
    return Table(
        titles=[clean(title) for title in titles],
        columns=[compared(title) for title in titles],
        delimiter=delimiter,
        lines=rows,
        is_ended=is_ended,
    )


def _decoded(lines: Sequence[bytes], *, is_ended: bool) -> list[str]:
    try:
        return b"\n".join(lines).decode("utf-8").split("\n")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        is_cut = error.end == len(error.object) and error.reason == "unexpected end of data"
        if is_cut and not is_ended:
            raise Fault("cut-off", line=line) from None
        raise Fault("not-utf8", line=line) from None


def named_columns(table: Table, names: Mapping[str, str]) -> dict[str, int]:
    """Where each column that we know stands, by our name for it."""
    places: dict[str, int] = {}
    for place, column in enumerate(table.columns):
        name = names.get(column)
        if name is None:
            continue
        if name in places:
            raise Fault("repeated-column", name=quoted(table.titles[place]))
        places[name] = place
    return places


def line_of(
    record: Record, table: Table, places: Mapping[str, int], texts: Set[str], *, point: str | None
) -> Line:
    """One record as a Line, if it has as many fields as there are columns.

    `texts` names the columns in which a cut would be seen by nobody but change no number. A last
    record without a line break is only trusted where it ends in one of them.
    """
    width, found = len(table.columns), len(record.fields)
    if found < width:
        if not record.is_ended:
            raise Fault("cut-off", line=record.number)
        raise Fault("too-few-fields", found=found, expected=width)
    if any(extra.strip() for extra in record.fields[width:]):
        raise Fault("too-many-fields", found=found, expected=width)
    fields = {name: record.fields[place] for name, place in places.items()}
    labels = {name: table.titles[place] for name, place in places.items()}
    line = Line(record.number, fields, labels, point=point)
    if not record.is_ended:
        last = next((name for name, place in places.items() if place == width - 1), None)
        if last is not None and last not in texts:
            raise Fault("last-line-unsure", column=labels[last])
        line.note("no-last-line-break", last or "")
    return line

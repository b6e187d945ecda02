"""From bytes to lines: what is too large, of another kind or cut off is refused before parsing."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.pricelists.problems import Fault

MOST_BYTES = 16 * 1024 * 1024
MOST_LINE_BYTES = 64 * 1024
MOST_ARTICLES = 20_000
# Comments and faulty lines may come on top of the articles; cells may have several lines.
MOST_RECORDS = 3 * MOST_ARTICLES
MOST_LINES = 20 * MOST_ARTICLES
# What food must say can be long; more than this is a quotation mark that was forgotten.
MOST_LINES_OF_A_RECORD = 200
# A BNN 3 line has 70 fields, our own CSV 50 columns.
MOST_FIELDS = 500

_KINDS = (
    (b"PK\x03\x04", "ZIP/XLSX/ODS"),
    (b"%PDF", "PDF"),
    (b"\xd0\xcf\x11\xe0", "XLS"),
    (b"\x1f\x8b", "GZIP"),
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"{\\rtf", "RTF"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|head|body|\?xml|table|!--)", re.IGNORECASE)
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Record:
    """The fields of one logical line; `is_ended` is False if no line break follows it."""

    number: int
    fields: list[str]
    is_ended: bool = True


def whole_lines(content: bytes) -> tuple[list[bytes], bool]:
    """The lines of a file without their ends, and whether the last one has an end.

    Looks at sizes and first bytes before anything is copied, so that a hostile file costs little.
    """
    if len(content) > MOST_BYTES:
        raise Fault("file-too-large", megabytes=MOST_BYTES // 1024**2)
    _refuse_other_kinds(content)
    mark = b"\n" if b"\n" in content else b"\r"
    if content.count(mark) > MOST_LINES:
        raise Fault("too-many-lines", limit=MOST_LINES)
    _refuse_long_lines(content, mark)
    lines = content.removeprefix(BYTE_ORDER_MARK).split(mark)
    is_ended = lines[-1] == b""
    if is_ended:
        lines.pop()
    if mark == b"\n":
        lines = [line.removesuffix(b"\r") for line in lines]
    if not any(line.strip() for line in lines):
        raise Fault("empty")
    return lines, is_ended


UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def _refuse_other_kinds(content: bytes) -> None:
    for start, kind in _KINDS:
        if content.startswith(start):
            raise Fault("wrong-kind", kind=kind)
    if _MARKUP.match(content.removeprefix(BYTE_ORDER_MARK)):
        raise Fault("wrong-kind", kind="HTML/XML")
    if b"\x00" in content:
        raise Fault("wrong-kind", kind="UTF-16" if content.startswith(UTF_16) else "BIN")


def _refuse_long_lines(content: bytes, mark: bytes) -> None:
    start, number = 0, 1
    while start < len(content):
        end = content.find(mark, start, start + MOST_LINE_BYTES + 1)
        if end < 0:
            if len(content) - start > MOST_LINE_BYTES:
                raise Fault("line-too-long", line=number, kilobytes=MOST_LINE_BYTES // 1024)
            return
        start, number = end + 1, number + 1


def records(lines: list[str], delimiter: str, *, is_ended: bool) -> Iterator[Record]:
    """The records of a CSV file; a quoted field may hold line breaks and doubled quotes."""
    place = 0
    while place < len(lines):
        first, size = place, len(lines[place])
        record = _Fields(delimiter)
        while not record.goes_on_to_the_end_of(lines[place]):
            place += 1
            if place == len(lines):
                code = "open-quote" if is_ended else "cut-off"
                raise Fault(code, line=first + 1)
            if place - first >= MOST_LINES_OF_A_RECORD or size > MOST_LINE_BYTES:
                raise Fault("open-quote", line=first + 1)
            size += 1 + len(lines[place])
        place += 1
        if len(record.found) > MOST_FIELDS:
            raise Fault("too-many-columns", line=first + 1, limit=MOST_FIELDS)
        if any(field.strip() for field in record.found):
            yield Record(first + 1, record.found, is_ended or place < len(lines))


def split_fields(text: str, delimiter: str) -> list[str] | None:
    """The fields of one line, or None if a quoted field is still open at its end.

    Of more than 500 there is one too many, and the rest is not read.
    """
    record = _Fields(delimiter)
    return record.found if record.goes_on_to_the_end_of(text) else None


class _Fields:
    """The fields found so far of a record whose lines come one by one.

    No line is looked at twice, however many a quoted field has: a hostile file costs its length.
    """

    def __init__(self, delimiter: str) -> None:
        self.found: list[str] = []
        self._delimiter = delimiter
        self._quoted: list[str] | None = None

    def goes_on_to_the_end_of(self, line: str) -> bool:
        """Read the next line; whether the record ends with it, or has too many fields."""
        if self._quoted is None and '"' not in line:
            self.found = line.split(self._delimiter, MOST_FIELDS)
            return True
        place = 0
        while len(self.found) <= MOST_FIELDS:
            value = ""
            if self._quoted is None and line.startswith('"', place):
                self._quoted = []
                place += 1
            if self._quoted is not None:
                quote = _closing_quote(line, place)
                self._quoted.append(line[place:quote])
                if quote is None:
                    return False
                value = "\n".join(self._quoted).replace('""', '"')
                self._quoted = None
                place = quote + 1
            end = line.find(self._delimiter, place)
            if end < 0:
                self.found.append(value + line[place:])
                return True
            self.found.append(value + line[place:end])
            place = end + 1
        return True


def _closing_quote(line: str, start: int) -> int | None:
    place = start
    while True:
        quote = line.find('"', place)
        if quote < 0:
            return None
        if not line.startswith('"', quote + 1):
            return quote
        place = quote + 2

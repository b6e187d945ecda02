"""Bank statements: a bank's CSV read into the payments that came in. Pure; nothing is guessed."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from models.errors import Invalid
from models.words import N_
from services.buying.orders import MOST_MINOR
from services.pricelists.problems import Fault
from services.pricelists.reading import Record, records
from services.transfers.columns import NOT_BOOKED, OUTWARDS, Columns, recognised

MOST_BYTES = 2 * 1024 * 1024
MOST_LINES = 10_000
MOST_FIELD_CHARACTERS = 1000
# What no order costs nobody transfers for one; more is no amount of a line.
MOST_AMOUNT = Decimal(MOST_MINOR).scaleb(-2)
# German banks write a few lines about the account above the header.
MOST_PREAMBLE = 40
_DELIMITERS = (";", ",", "\t")
_DOES_NOT_END = N_("Line %(line)s does not end. The file may be cut off; fetch it again.")
_BROKEN_OFF = {
    "open-quote": _DOES_NOT_END,
    "cut-off": _DOES_NOT_END,
    "too-many-columns": N_(
        "Line %(line)s has more than %(limit)s columns. Export the file again, or choose another "
        "format of CSV."
    ),
}
_DAY_FIRST = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})([-/.]?)(\d{2})\2(\d{2})(?:[ T].*)?", re.ASCII)
_AMOUNT = re.compile(r"([+-]?)(\d{1,3}(?:([.,'])\d{3})*|\d+)(?:([.,])(\d{1,2}))?([+-]?)", re.ASCII)


class StatementUnreadable(Invalid):
    code = "statement-unreadable"


def _unreadable(message: str, **facts: object) -> StatementUnreadable:
    return StatementUnreadable(message, fields={"file": message}, **facts)


@dataclass(frozen=True)
class StatementLine:
    """One payment that came in: `amount` in major units, `currency` empty if the bank is silent.

    `digest` tells it from every other line of the account: of several that read alike, the
    second has another than the first, in every file that holds their whole day.
    """

    number: int
    booked_on: date
    amount: Decimal
    currency: str
    name: str
    text: str
    digest: str = ""


@dataclass(frozen=True)
class Statement:
    """What a file holds: what came in, how much went out or is not booked, what was unreadable."""

    incoming: Sequence[StatementLine]
    passed_over: int
    unreadable: Sequence[int]


def read(content: bytes) -> Statement:
    """The payments that came in, of a bank's CSV file.

    Semicolon, comma or tab; UTF-8, Windows-1252, or UTF-16 that begins with its mark; German,
    Dutch, Estonian or English headers, with lines about the account above them. Refuses with
    StatementUnreadable what is empty or too large, no CSV, without the columns needed, or ends
    within a quoted field.
    """
    lines = _lines(_text(content))
    rows, columns = _table(lines)
    incoming: list[StatementLine] = []
    passed_over = 0
    unreadable = []
    for row in rows:
        try:
            line = _line(row, columns)
        except ValueError:
            unreadable.append(row.number)
            continue
        if line is None:
            passed_over += 1
        else:
            incoming.append(line)
    return Statement(_with_digests(incoming), passed_over, unreadable)


def _text(content: bytes) -> str:
    if not content.strip():
        raise _unreadable(N_("This file is empty."))
    if len(content) > MOST_BYTES:
        raise _unreadable(
            N_("This file is larger than %(megabytes)s MB. Take a shorter period."),
            megabytes=MOST_BYTES // 1024**2,
        )
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\x00" in content or content.startswith((b"PK\x03\x04", b"%PDF")):
        raise _unreadable(N_("This is no CSV file. In your online banking, export it as CSV."))
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _unreadable(N_("This file is in an encoding that we cannot read. Save it as UTF-8."))


def _lines(text: str) -> list[str]:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(lines) > MOST_LINES:
        raise _unreadable(
            N_("This file has more than %(limit)s lines. Take a shorter period."), limit=MOST_LINES
        )
    return lines


def _table(lines: list[str]) -> tuple[Sequence[Record], Columns]:
    """The records below the header, with whatever separator the header is found."""
    for delimiter in _DELIMITERS:
        for place, line in enumerate(lines[:MOST_PREAMBLE]):
            try:
                header = next(records([line], delimiter, is_ended=True), None)
                columns = recognised(header.fields) if header else None
            except Fault:
                continue
            if columns is None:
                continue
            try:
                below = list(records(lines[place + 1 :], delimiter, is_ended=True))
            except Fault as fault:
                raise _unreadable(
                    _BROKEN_OFF[fault.code],
                    **{**fault.facts, "line": int(fault.facts["line"]) + place + 1},
                ) from None
            return [Record(row.number + place + 1, row.fields) for row in below], columns
    raise _unreadable(
        N_("We find no columns for the date, the amount and the name or the purpose in this file.")
    )


def _line(row: Record, columns: Columns) -> StatementLine | None:
    """One payment that came in, None for what did not; ValueError if it cannot be read."""
    state = _field(row, columns.state).casefold()
    if any(word in state for word in NOT_BOOKED):
        return None
    if columns.is_credit and not _field(row, columns.amount):
        return None
    amount = read_amount(_field(row, columns.amount))
    if amount <= 0 or _field(row, columns.direction).casefold() in OUTWARDS:
        return None
    text = " ".join(filter(None, (_field(row, place) for place in columns.texts)))
    return StatementLine(
        number=row.number,
        booked_on=read_day(_field(row, columns.date)),
        amount=amount,
        currency=_field(row, columns.currency).upper() or columns.currency_of_all,
        name=_field(row, columns.name)[:MOST_FIELD_CHARACTERS],
        text=text[:MOST_FIELD_CHARACTERS],
    )


def _field(row: Record, place: int) -> str:
    return " ".join(row.fields[place].split()) if 0 <= place < len(row.fields) else ""


def read_amount(text: str) -> Decimal:
    """What a bank means by "1.234,56", "1,234.56", "-12.5" or "12,50-".

    ValueError for what is no amount, or is larger than an order can be.
    """
    bare = re.sub(r"\s|EUR|€", "", text.upper())
    match = _AMOUNT.fullmatch(bare)
    if match is None or len(bare) > 20 or (match[1] and match[6]):
        raise ValueError(text)
    sign, whole, group, point, cents, sign_behind = match.groups(default="")
    if group and group == point:
        raise ValueError(text)
    number = Decimal(re.sub(r"\D", "", whole) + "." + (cents or "0"))
    if number > MOST_AMOUNT:
        raise ValueError(text)
    return -number if "-" in (sign, sign_behind) else number


def read_day(text: str) -> date:
    """The day of "31.12.2026", "31-12-26", "2026-12-31" or "20261231"; else ValueError."""
    if match := _DAY_FIRST.fullmatch(text):
        day, month, year = (int(part) for part in match.groups())
    elif match := _YEAR_FIRST.fullmatch(text):
        year, month, day = int(match[1]), int(match[3]), int(match[4])
    else:
        raise ValueError(text)
    return date(year + 2000 if year < 100 else year, month, day)


def _with_digests(lines: Iterable[StatementLine]) -> list[StatementLine]:
    seen: Counter[str] = Counter()
    told = []
    for line in lines:
        said = [line.booked_on.isoformat(), str(line.amount.normalize()), line.currency]
        words = json.dumps([*said, line.name.casefold(), line.text.casefold()])
        seen[words] += 1
        digest = hashlib.sha256(f"{words} {seen[words]}".encode()).hexdigest()
        told.append(StatementLine(**{**vars(line), "digest": digest}))
    return told

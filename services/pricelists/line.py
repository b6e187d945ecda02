"""One line of a list, its fields under common names, each read once and strictly."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from services.pricelists.article import LONGEST_TEXT
from services.pricelists.numbers import limited, read_date, read_decimal
from services.pricelists.problems import Fact, Fault, Problem, quoted

# Control characters would break pages, databases and spreadsheets; the marks that turn the
# direction of writing can make an article look like another one.
_UNWANTED = re.compile(
    "[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069\ufeff]"
)
_EAN = re.compile(r"[0-9]{8}|[0-9]{12,14}", re.ASCII)

LARGEST_PRICE = 1_000_000
LARGEST_COUNT = 1_000_000


class Line:
    """A line's fields by name; reading a faulty one raises Fault with the column in it."""

    def __init__(
        self,
        number: int,
        fields: Mapping[str, str],
        labels: Mapping[str, str],
        *,
        point: str | None,
    ) -> None:
        self.number = number
        self.fields = fields
        self.labels = labels
        self.point = point
        self.notes: list[Problem] = []

    def note(self, code: str, column: str, **facts: Fact) -> None:
        """Say something about this line without leaving it out."""
        self.notes.append(Problem(code, self.number, self.label(column), facts))

    def label(self, column: str) -> str:
        return self.labels.get(column, column)

    def has(self, column: str) -> bool:
        return bool(self.fields.get(column, "").strip())

    def text(self, column: str, *, longest: int = LONGEST_TEXT, required: bool = False) -> str:
        """The words of a field without control characters and needless blanks."""
        text = clean(self.fields.get(column, ""))
        if len(text) > longest:
            raise Fault("too-long", column=self.label(column), limit=longest)
        if required and not text:
            raise Fault("missing", column=self.label(column))
        return text

    def lines(self, column: str, *, longest: int) -> str:
        """The words of a field as `text` reads them, line by line."""
        text = clean_lines(self.fields.get(column, ""))
        if len(text) > longest:
            raise Fault("too-long", column=self.label(column), limit=longest)
        return text

    def decimal(self, column: str, *, most: int, decimals: int) -> Decimal | None:
        """The number in a field, or None where the field is empty."""
        text = self.fields.get(column, "").strip()
        if not text:
            return None
        try:
            return limited(read_decimal(text, point=self.point), most=most, decimals=decimals)
        except Fault as fault:
            raise Fault(fault.code, column=self.label(column), **fault.facts) from None

    def exact_minor(self, column: str) -> Decimal | None:
        """An amount in minor units, as finely as it was listed (four decimals at most)."""
        amount = self.decimal(column, most=LARGEST_PRICE, decimals=4)
        return None if amount is None else in_minor(amount)

    def minor(self, column: str) -> int | None:
        """An amount in whole minor units."""
        amount = self.decimal(column, most=LARGEST_PRICE, decimals=2)
        return None if amount is None else int(amount.scaleb(2))

    def count(self, column: str) -> int | None:
        """A whole number from 1 up, or None where the field is empty."""
        number = self.decimal(column, most=LARGEST_COUNT, decimals=4)
        if number is None:
            return None
        if number != number.to_integral_value():
            raise Fault("not-whole", column=self.label(column), text=format(number, "f"))
        if number < 1:
            raise Fault("zero", column=self.label(column))
        return int(number)

    def percent(self, column: str) -> int | None:
        """A percentage in basis points: "7", "7 %" and "7,00" are 700."""
        text = self.fields.get(column, "").strip()
        if not text:
            return None
        try:
            share = read_decimal(text.removesuffix("%"), point=self.point)
            return int(limited(share, most=100, decimals=2).scaleb(2))
        except Fault as fault:
            raise Fault(fault.code, column=self.label(column), **fault.facts) from None

    def day(self, column: str) -> date | None:
        text = self.fields.get(column, "").strip()
        if not text:
            return None
        try:
            return read_date(text)
        except Fault as fault:
            raise Fault(fault.code, column=self.label(column), **fault.facts) from None

    def period(self, first: str, last: str) -> tuple[date | None, date | None]:
        """Two days, either of which may be open, in their order."""
        start, end = self.day(first), self.day(last)
        if start and end and end < start:
            raise Fault("dates-reversed", column=self.label(last))
        return start, end

    def ean(self, column: str) -> str:
        """The article number of trade if its check digit is right, else nothing and a note."""
        text = self.fields.get(column, "").strip()
        if not text.strip("0"):
            return ""
        if _EAN.fullmatch(text) and _check_digit_fits(text):
            return text
        self.note("ean", column, text=quoted(clean(text)))
        return ""


def in_minor(amount: Decimal) -> Decimal:
    """An amount in hundredths, written without an exponent."""
    return Decimal(format(amount.scaleb(2), "f"))


def clean(text: str) -> str:
    """`text` composed, on one line, without control characters or doubled blanks."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return " ".join(_UNWANTED.sub(" ", text).split())


def clean_lines(text: str) -> str:
    """Each line of `text` as `clean` leaves it, without empty lines around them."""
    return "\n".join(clean(line) for line in text.split("\n")).strip("\n")


def _check_digit_fits(ean: str) -> bool:
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(ean[::-1]))
    return weighted % 10 == 0

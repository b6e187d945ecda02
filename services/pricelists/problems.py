"""What can be wrong with a price list: every code, its sentence, and what happens because of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from models.words import N_


class Severity(StrEnum):
    """What a problem does to the list it was found in."""

    FILE_REFUSED = "file-refused"
    LINE_LEFT_OUT = "line-left-out"
    NOTED = "noted"


Fact = str | int


@dataclass(frozen=True)
class Problem:
    """One sentence about one line, to be shown before anything is kept.

    `line_number` counts from 1 and is 0 for the file as a whole. `message` is a msgid whose
    placeholders are the keys of `facts`; `column` is the column as the file names it.
    """

    code: str
    line_number: int
    column: str = ""
    facts: Mapping[str, Fact] = field(default_factory=dict)

    @property
    def message(self) -> str:
        return SENTENCES[self.code][1]

    @property
    def severity(self) -> Severity:
        return SENTENCES[self.code][0]


class Fault(Exception):
    """Ends the reading of one line, or of the file; whoever knows the line makes it a Problem."""

    def __init__(self, code: str, *, column: str = "", **facts: Fact) -> None:
        super().__init__(code)
        self.code = code
        self.column = column
        self.facts = facts

    def on_line(self, number: int) -> Problem:
        return Problem(self.code, number, self.column, self.facts)


LONGEST_QUOTE = 40


def quoted(text: str) -> str:
    """Shorten what a line said so that a sentence can repeat it."""
    return text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"


_FILE, _LINE, _NOTE = Severity.FILE_REFUSED, Severity.LINE_LEFT_OUT, Severity.NOTED

FILE_TOO_LARGE = N_(
    "This file is larger than %(megabytes)s MB. Split the list and upload the parts."
)
SENTENCES: Mapping[str, tuple[Severity, str]] = {
    "empty": (_FILE, N_("This file is empty.")),
    "file-too-large": (_FILE, FILE_TOO_LARGE),
    "line-too-long": (
        _FILE,
        N_("Line %(line)s is longer than %(kilobytes)s KB. This does not look like a price list."),
    ),
    "too-many-columns": (
        _FILE,
        N_(
            "Line %(line)s has more than %(limit)s columns. Take away those that are empty, "
            "and upload the list again."
        ),
    ),
    "too-many-lines": (
        _FILE,
        N_("This list has more than %(limit)s lines. Split it and upload the parts."),
    ),
    "wrong-kind": (
        _FILE,
        N_("This is a file of the kind %(kind)s. Save the list as CSV or BNN and upload that."),
    ),
    "not-utf8": (
        _FILE,
        N_("Line %(line)s is not in UTF-8. Save the list as “CSV UTF-8” and upload it again."),
    ),
    "not-a-price-list": (
        _FILE,
        N_("This is no price list that we can read. It can be BNN 3, Foodsoft or our own CSV."),
    ),
    "missing-columns": (_FILE, N_("These columns are missing: %(columns)s.")),
    "repeated-column": (_FILE, N_("The column %(name)s is there twice.")),
    "open-quote": (
        _FILE,
        N_("A quotation mark opens in line %(line)s and does not close. Close it and try again."),
    ),
    "cut-off": (
        _FILE,
        N_("The file ends in the middle of line %(line)s. Fetch the whole list and try again."),
    ),
    "no-articles": (_FILE, N_("There is no article in this list.")),
    "bnn-version": (
        _FILE,
        N_("This list is in version %(version)s of the BNN format. We read version 3."),
    ),
    "currency": (_FILE, N_("%(text)s is no currency that we can read. We expect a code like EUR.")),
    "missing": (_LINE, N_("Fill in this field.")),
    "too-few-fields": (
        _LINE,
        N_("This line has %(found)s fields. It needs %(expected)s."),
    ),
    "too-many-fields": (
        _LINE,
        N_(
            "This line has %(found)s fields, but there are %(expected)s columns. "
            "Put quotation marks around text that holds the separator."
        ),
    ),
    "too-long": (_LINE, N_("This text is longer than %(limit)s characters.")),
    "not-a-number": (_LINE, N_("%(text)s is no number.")),
    "ambiguous-number": (
        _LINE,
        N_("%(text)s can be read in two ways. Write it without a thousands separator."),
    ),
    "negative": (_LINE, N_("%(text)s is below zero.")),
    "zero": (_LINE, N_("This number must be above zero.")),
    "too-large": (_LINE, N_("%(text)s is too large. The limit is %(limit)s.")),
    "too-precise": (_LINE, N_("%(text)s has more than %(limit)s decimals.")),
    "not-whole": (_LINE, N_("%(text)s must be a whole number.")),
    "not-a-date": (_LINE, N_("%(text)s is no date. Write it as 2026-12-31.")),
    "dates-reversed": (_LINE, N_("The period ends before it begins.")),
    "not-yes-or-no": (_LINE, N_("%(text)s must be yes or no.")),
    "unknown-change": (
        _LINE,
        N_("%(text)s is no mark of change that we know."),
    ),
    "unknown-vat": (
        _LINE,
        N_("We know no VAT rate for the code %(text)s."),
    ),
    "prices-disagree": (
        _LINE,
        N_("Give either the price with VAT or the price without it, not both."),
    ),
    "tier-incomplete": (_LINE, N_("Step %(step)s needs both a number of units and a price.")),
    "tier-order": (
        _LINE,
        N_("Step %(step)s must start at more units and cost less than the step before it."),
    ),
    "limits-reversed": (_LINE, N_("The largest number of units is below the smallest.")),
    "content-and-factor": (_LINE, N_("Give either the content or the factor, not both.")),
    "weight-missing": (
        _LINE,
        N_("Goods by weight need the usual weight of one unit: its content in kg."),
    ),
    "weight-unknown": (
        _NOTE,
        N_("The list sells this by weight, but %(unit)s does not say how much that is."),
    ),
    "unknown-ratio": (
        _LINE,
        N_("The list does not say how many %(unit)s one order unit holds."),
    ),
    "unreadable-ratio": (_LINE, N_("%(text)s is no ratio. We expect one like “10 Piece”.")),
    "case-not-whole": (
        _LINE,
        N_("One order unit holds %(text)s units. It must be a whole number."),
    ),
    "duplicate": (
        _LINE,
        N_("The order number %(order_number)s is already in line %(first_line)s."),
    ),
    "last-line-unsure": (
        _LINE,
        N_("The last line may be cut off. Add a line break at its end and upload the list again."),
    ),
    "no-last-line-break": (
        _NOTE,
        N_("The last line has no line break, so it may be cut off. Check its end."),
    ),
    "no-end-mark": (
        _NOTE,
        N_("The list has no end mark, so lines may be missing. What it does not name is kept."),
    ),
    "continued": (
        _NOTE,
        N_("This list goes on in file %(sequence)s. What it does not name is kept."),
    ),
    "lines-after-end": (_NOTE, N_("What follows the end mark was not read.")),
    "encoding-differs": (
        _NOTE,
        N_("The list says it is in %(declared)s, but it reads right in %(used)s, so we used that."),
    ),
    "header-date": (_NOTE, N_("%(text)s in the first line is no date. We left it out.")),
    "unknown-column": (_NOTE, N_("We do not know the column %(name)s and did not read it.")),
    "ean": (_NOTE, N_("%(text)s is no valid EAN. We left it out.")),
    "base-price-differs": (
        _NOTE,
        N_("The base price in the list does not fit the unit %(unit)s. We kept it as listed."),
    ),
    "deposit-unknown": (
        _NOTE,
        N_("The deposit article %(order_number)s is not in this list. Add the deposit yourself."),
    ),
    "granularity": (
        _NOTE,
        N_("The list allows parts of a unit (%(text)s). Here only whole units are ordered."),
    ),
}

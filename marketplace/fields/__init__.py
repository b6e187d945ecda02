"""Fields that take nothing for what it is not: strict numbers, exact money, aware times.

The same fields read forms and JSON. Messages are marked here and translated by whoever
answers (`marketplace.forms` for pages, `marketplace.api` for programs).
"""

from marketplace.fields.bounds import Length, OneOf, Range
from marketplace.fields.choices import Choice, Flag, Id
from marketplace.fields.moments import Day, Moment
from marketplace.fields.numbers import (
    LARGEST_COUNT,
    LARGEST_MINOR,
    Amount,
    Count,
    Decimals,
    MoneyOut,
)
from marketplace.fields.reading import Message, reads_a_form, reads_text
from marketplace.fields.texts import Email, Words

__all__ = [
    "LARGEST_COUNT",
    "LARGEST_MINOR",
    "Amount",
    "Choice",
    "Count",
    "Day",
    "Decimals",
    "Email",
    "Flag",
    "Id",
    "Length",
    "Message",
    "Moment",
    "MoneyOut",
    "OneOf",
    "Range",
    "Words",
    "reads_a_form",
    "reads_text",
]

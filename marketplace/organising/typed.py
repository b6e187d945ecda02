"""How kept values look in the boxes of a form, as people would type them."""

from datetime import datetime
from decimal import Decimal

from babel.numbers import format_decimal
from flask_babel import get_locale

from marketplace import filters
from models.money import Money


def moment(value: datetime | None) -> str:
    """The local time of the deal, as a box for day and time wants it."""
    return "" if value is None else value.astimezone(filters.zone()).strftime("%Y-%m-%dT%H:%M")


def amount(minor: int | None, currency: str) -> str:
    """An amount with the reader's decimal sign and without the signs of thousands."""
    if minor is None:
        return ""
    return filters.money_typed(Money(minor, currency))


def hundredths(value: int | None) -> str:
    """Basis points as a percentage: 700 is 7."""
    return "" if value is None else plain(Decimal(value) / 100, "0.##")


def thousandths(value: int | None) -> str:
    return "" if value is None else plain(Decimal(value) / 1000, "0.###")


def plain(value: Decimal, pattern: str) -> str:
    return format_decimal(value, format=pattern, locale=get_locale())

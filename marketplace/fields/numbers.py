"""Numbers and money, exactly as they were meant; nothing is rounded to fit."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any

from babel.numbers import NumberFormatError, parse_decimal
from flask_babel import get_locale
from marshmallow import ValidationError, fields

from marketplace import filters
from marketplace.fields.reading import Message, reads_text
from models.money import Money
from models.words import N_

# Nobody orders more, and no sum of ours runs over.
LARGEST_COUNT = 1_000_000
LARGEST_MINOR = 10**12
# No currency has more places after its point (`models.ledger.Currency`).
MOST_PLACES = 6


class Count(fields.Field[int]):
    """A whole number as people and programs write it; 3.5, "3e2" and true are none."""

    default_error_messages = {
        "required": N_("Please enter a number."),
        "null": N_("Please enter a number."),
        "invalid": N_("Please enter a whole number."),
        "too_small": N_("Please enter %(least)s or more."),
        "too_large": N_("Please enter %(most)s or less."),
    }

    def __init__(self, *, least: int = 0, most: int = LARGEST_COUNT, **kwargs: Any):
        self.least, self.most = least, most
        shape = {"type": "integer", "minimum": least, "maximum": most}
        super().__init__(metadata={**shape, **kwargs.pop("metadata", {})}, **kwargs)

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> Any:
        return value

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if isinstance(value, str) and reads_text() and re.fullmatch(r"\s*-?[0-9]{1,12}\s*", value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.make_error("invalid")
        if value < self.least:
            raise ValidationError(Message(self.error_messages["too_small"], least=self.least))
        if value > self.most:
            raise ValidationError(Message(self.error_messages["too_large"], most=self.most))
        return value


class Decimals(fields.Field[int]):
    """A number with at most `places` decimals, kept as a whole number of the smallest part."""

    default_error_messages = {
        "required": N_("Please enter a number."),
        "null": N_("Please enter a number."),
        "invalid": N_("Please enter a number, for example 7.5."),
        "negative": N_("Please enter a number of zero or more."),
        "too_large": N_("Please enter %(most)s or less."),
        "zero": N_("Please enter more than zero."),
    }

    def __init__(self, *, places: int, most: int, above_zero: bool = False, **kwargs: Any):
        self.places, self.most, self.above_zero = places, most, above_zero
        super().__init__(**kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        text = value.replace("%", "").strip() if isinstance(value, str) else ""
        if re.fullmatch(r"[-−][0-9]+([.,][0-9]+)?", text):
            raise self.make_error("negative")
        if not re.fullmatch(rf"[0-9]{{1,9}}([.,][0-9]{{1,{self.places}}})?", text):
            raise self.make_error("invalid")
        found = int(Decimal(text.replace(",", ".")).scaleb(self.places))
        if found > self.most:
            most = f"{Decimal(self.most).scaleb(-self.places).normalize():f}"
            raise ValidationError(Message(self.error_messages["too_large"], most=most))
        if self.above_zero and not found:
            raise self.make_error("zero")
        return found


class Amount(fields.Field[Money]):
    """Money: `{"amount": "12.50", "currency": "EUR"}` for programs, "12,50" on a page.

    A page says the currency beside the field; `currency` is that one. With None whoever sends
    the amount names its currency, and the act compares it with the deal's.
    """

    default_error_messages = {
        "required": N_("Please enter an amount."),
        "null": N_("Please enter an amount."),
        "invalid": N_("Please enter an amount, for example 12.50."),
        "negative": N_("Please enter an amount of zero or more."),
        "too_large": N_("This amount is too large."),
        "currency": N_("This is reckoned in %(currency)s."),
    }

    def __init__(self, *, currency: str | None = None, **kwargs: Any):
        self.currency = currency
        places = MOST_PLACES if currency is None else filters.exponent(currency)
        cents = rf"(\.[0-9]{{1,{places}}})?" if places else ""
        shape: dict[str, Any] = {
            "type": "object",
            "properties": {
                "amount": {"type": "string", "pattern": rf"^[0-9]{{1,10}}{cents}$"},
                "currency": {"type": "string", "pattern": "^[A-Za-z0-9]{1,16}$"}
                if currency is None
                else {"type": "string", "enum": [currency]},
            },
            "required": ["amount", "currency"],
            "additionalProperties": False,
        }
        super().__init__(metadata={**shape, **kwargs.pop("metadata", {})}, **kwargs)

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else filters.money_json(value)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Money:
        if isinstance(value, dict):
            amount, currency = self._plain(value)
        elif isinstance(value, str) and self.currency is not None and reads_text():
            amount, currency = self._typed(value), self.currency
        else:
            raise self.make_error("invalid")
        if amount < 0:
            raise self.make_error("negative")
        try:
            money = Money.from_decimal(amount, currency, filters.exponent(currency))
        except ValueError:
            raise self.make_error("invalid") from None
        if money.minor > LARGEST_MINOR:
            raise self.make_error("too_large")
        return money

    def _plain(self, value: dict[str, Any]) -> tuple[Decimal, str]:
        if set(value) != {"amount", "currency"} or not isinstance(value["amount"], str):
            raise self.make_error("invalid")
        currency = value["currency"]
        if self.currency is not None and currency != self.currency:
            raise ValidationError(Message(self.error_messages["currency"], currency=self.currency))
        if not isinstance(currency, str) or not re.fullmatch(r"[A-Za-z0-9]{1,16}", currency):
            raise self.make_error("invalid")
        if not re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,6})?", value["amount"]):
            raise self.make_error("invalid")
        return Decimal(value["amount"]), currency

    def _typed(self, value: str) -> Decimal:
        text = value.replace("€", "").replace("\xa0", " ").strip()
        if len(text) > 24:
            raise self.make_error("invalid")
        # 12.50 and 12,50 mean the same everywhere; only what has both signs is by language.
        if re.fullmatch(r"-?[0-9]+([.,][0-9]{1,2})?", text):
            return Decimal(text.replace(",", "."))
        # Babel would take "NaN", "1e9" and figures of other scripts for numbers too.
        if not re.fullmatch(r"-?[0-9][0-9.,'’ \u202f]*", text):
            raise self.make_error("invalid")
        try:
            return Decimal(parse_decimal(text, locale=get_locale(), strict=True))
        except (NumberFormatError, InvalidOperation):
            raise self.make_error("invalid") from None


class MoneyOut(fields.Field[Any]):
    """An amount that is told, in whichever currency it is."""

    SHAPE = {
        "type": "object",
        "properties": {"amount": {"type": "string"}, "currency": {"type": "string"}},
        "required": ["amount", "currency"],
        "additionalProperties": False,
    }

    def __init__(self, **kwargs: Any):
        super().__init__(metadata={**self.SHAPE, **kwargs.pop("metadata", {})}, **kwargs)

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else filters.money_json(value)

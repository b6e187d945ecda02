"""What price lists say of an article in the trade's codes, in words for those who buy it."""

import re
from decimal import Decimal

from flask import Flask
from flask_babel import get_locale, gettext, ngettext

from marketplace.filters import number
from models.words import N_

_AMOUNT = re.compile(r"([0-9]{1,6}(?:[.,][0-9]{1,3})?)\s*(g|kg|ml|cl|l|st|stk)\.?", re.IGNORECASE)
_PIECES = ("st", "stk")
# As people say them who sell; the rest of a trade's codes says nothing to anybody else.
QUALITIES = {
    "bio": N_("organic"),
    "kba": N_("organic"),
    "kbt": N_("organic"),
    "kbw": N_("organic, gathered wild"),
    "organic": N_("organic"),
}
_LONGEST_CODE = 3
# How price lists of the natural-food trade mark goods that no association has a seal for.
_MARK = re.compile(r"[A-Z]%")
_GROUP = re.compile(r"[0-9]{2,6}", re.ASCII)
# A thousand in one language is one in another: that is shown as it stands.
_THOUSANDS = re.compile(r"[0-9]+[.,][0-9]{3}")


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        unit=unit, origin=origin, quality=quality, maker=maker, category=category
    )


def unit(text: str) -> str:
    """500 g for "500g", 0,75 l for "0.75L" in German, 10 pieces for "10St"; else as typed."""
    found = _AMOUNT.fullmatch(text)
    if found is None or _THOUSANDS.fullmatch(found[1]):
        return text
    amount, of = Decimal(found[1].replace(",", ".")), found[2].lower()
    if of not in _PIECES:
        return f"{number(amount)}\N{NO-BREAK SPACE}{of}"
    if amount != int(amount):
        return text
    return str(ngettext("%(num)s piece", "%(num)s pieces", int(amount)))


def origin(text: str) -> str:
    """The country in the reader's language for its code of two letters; else as it was typed."""
    names = get_locale().territories
    codes = re.split(r"\s*[/,]\s*", text)
    if not all(len(code) == 2 and code.isupper() and code in names for code in codes):
        return text
    return ", ".join(names[code] for code in codes)


def quality(text: str) -> str:
    """The word for a mark that has one; else as it stands: the seals of others are names.

    Nothing for a letter with a percent sign, which is no name either.
    """
    if _MARK.fullmatch(text):
        return ""
    known = QUALITIES.get(text.lower())
    return text if known is None else str(gettext(known))


def maker(text: str) -> str:
    """The maker's name; nothing for the few small letters that stand for one in price lists."""
    return "" if len(text) <= _LONGEST_CODE and text.islower() else text


def category(text: str) -> str:
    """The category as it was typed; a number alone is said to be the one of a product group."""
    return str(gettext("Product group %(code)s", code=text)) if _GROUP.fullmatch(text) else text

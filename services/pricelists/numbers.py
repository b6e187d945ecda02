"""Numbers and dates as people and programs write them in lists; nothing is guessed or rounded."""

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction

from services.pricelists.problems import Fault, quoted

_NOISE = re.compile("[\\s€'’]")
_PLAIN = re.compile(r"[0-9]+(?:[.,][0-9]+)?", re.ASCII)
_POINT_GROUPS = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+", re.ASCII)
_COMMA_GROUPS = re.compile(r"[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+", re.ASCII)
_ONLY_GROUPS = re.compile(r"[0-9]{1,3}(?:(?:\.[0-9]{3}){2,}|(?:,[0-9]{3}){2,})", re.ASCII)
_TWO_READINGS = re.compile(r"[1-9][0-9]{0,2}([.,])[0-9]{3}", re.ASCII)
_DATE = re.compile(r"([0-9]{4})(-?)([0-9]{2})\2([0-9]{2})", re.ASCII)

MOST_DIGITS = 24


def read_decimal(text: str, *, point: str | None = None) -> Decimal:
    """The number that `text` means, from zero up.

    `point` is the decimal sign that the format prescribes. Without one, "1.234" may be a thousand
    or a little more than one, and is refused rather than guessed.
    """
    written = _NOISE.sub("", text)
    if len(written) > MOST_DIGITS:
        raise Fault("not-a-number", text=quoted(text))
    unsigned = written.lstrip("+-") if written[:2] not in ("--", "++", "+-", "-+") else written
    if _PLAIN.fullmatch(unsigned):
        ambiguous = _TWO_READINGS.fullmatch(unsigned)
        if ambiguous and ambiguous[1] != point:
            raise Fault("ambiguous-number", text=quoted(text))
        digits = unsigned.replace(",", ".")
    elif _POINT_GROUPS.fullmatch(unsigned):
        digits = unsigned.replace(".", "").replace(",", ".")
    elif _COMMA_GROUPS.fullmatch(unsigned):
        digits = unsigned.replace(",", "")
    elif _ONLY_GROUPS.fullmatch(unsigned):
        digits = unsigned.replace(".", "").replace(",", "")
    else:
        raise Fault("not-a-number", text=quoted(text))
    number = Decimal(digits)
    if written.startswith("-") and number:
        raise Fault("negative", text=quoted(text))
    return number


def limited(number: Decimal, *, most: int, decimals: int) -> Decimal:
    """`number` without idle zeros, if it is no larger and no finer than allowed."""
    text = format(number, "f")
    if number > most:
        raise Fault("too-large", text=quoted(text), limit=most)
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0")
    if len(fraction) > decimals:
        raise Fault("too-precise", text=quoted(text), limit=decimals)
    return Decimal(f"{whole}.{fraction}" if fraction else whole)


def read_date(text: str) -> date:
    """The day of "20260131" or "2026-01-31"."""
    match = _DATE.fullmatch(text.strip())
    if match is None:
        raise Fault("not-a-date", text=quoted(text))
    try:
        return date(int(match[1]), int(match[3]), int(match[4]))
    except ValueError:
        raise Fault("not-a-date", text=quoted(text)) from None


def as_decimal(number: Fraction) -> Decimal | None:
    """`number` as a decimal, or None if no decimal is equal to it."""
    rest, exponent = number.denominator, 0
    for prime in (2, 5):
        power = 0
        while rest % prime == 0:
            rest //= prime
            power += 1
        exponent = max(exponent, power)
    if rest != 1:
        return None
    digits = number.numerator * 10**exponent // number.denominator
    return Decimal(digits).scaleb(-exponent)

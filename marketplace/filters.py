"""How numbers, money and times are written: by the reader's language, with Babel."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from babel.dates import (
    format_date,
    format_skeleton,
    format_time,
    format_timedelta,
    get_timezone,
    get_timezone_name,
)
from babel.numbers import (
    format_currency,
    format_decimal,
    format_percent,
    get_currency_precision,
)
from flask import Flask, g, has_app_context
from flask_babel import get_locale, gettext
from markupsafe import Markup

from marketplace import db
from marketplace.markdown import markdown
from models.money import Money
from services import reference


def init_app(app: Flask) -> None:
    app.jinja_env.filters.update(
        clock=clock,
        date=date_,
        datetime=datetime_,
        day=day,
        markdown=markdown,
        money=money,
        month=month,
        number=number,
        percent=percent,
        period=period,
        soon=soon,
        time=time_,
        weight=weight,
        when=when,
    )


# Places after the point, by currency; what is missing is read once, as no row ever changes.
_exponents = {code: places for code, places, _ in reference.CURRENCIES}


def exponent(currency: str) -> int:
    """Places after the decimal point: what the instance's own table says of its currencies."""
    if currency not in _exponents and has_app_context():
        _exponents.update(reference.exponents(db.session()))
    return _exponents.get(currency, get_currency_precision(currency))


def money(amount: Money | None) -> str:
    """€12.50 in English, 12,50 € in German; nothing for nothing known."""
    if amount is None:
        return ""
    places = exponent(amount.currency)
    major = amount.to_decimal(places)
    if places == get_currency_precision(amount.currency):
        return format_currency(major, amount.currency, locale=get_locale())
    pattern = f"#,##0.{'0' * places} ¤¤" if places else "#,##0 ¤¤"
    return format_currency(
        major, amount.currency, format=pattern, locale=get_locale(), currency_digits=False
    )


def money_json(amount: Money) -> dict[str, str]:
    """`{"amount": "12.50", "currency": "EUR"}`: as the API says it."""
    major = amount.to_decimal(exponent(amount.currency))
    return {"amount": str(major), "currency": amount.currency}


def money_typed(amount: Money) -> str:
    """12.50 in English, 12,50 in German: as people type it into a field beside its currency."""
    places = exponent(amount.currency)
    pattern = "0." + "0" * places if places else "0"
    return format_decimal(amount.to_decimal(places), format=pattern, locale=get_locale())


def number(value: float | Decimal | None) -> str:
    return "" if value is None else format_decimal(value, locale=get_locale())


def weight(grams: int) -> str:
    """742 g, 1.55 kg: as a scale would say it."""
    if grams < 1000:
        return f"{number(grams)} g"
    return f"{number(Decimal(grams) / 1000)} kg"


def percent(basis_points: int | None) -> str:
    """1900 basis points are 19 %."""
    if basis_points is None:
        return ""
    return format_percent(
        Decimal(basis_points) / 10_000, locale=get_locale(), decimal_quantization=False
    )


def date_(value: date | datetime) -> str:
    """Friday 27 November 2026."""
    if isinstance(value, datetime):
        value = value.astimezone(zone()).date()
    return format_date(value, "full", locale=get_locale())


def day(value: date | datetime) -> str:
    """27 November 2026: where many stand in a column."""
    if isinstance(value, datetime):
        value = value.astimezone(zone()).date()
    return format_date(value, "long", locale=get_locale())


def month(value: date) -> str:
    """November 2026."""
    return format_skeleton("yMMMM", value, locale=get_locale())


def datetime_(value: datetime, place: str = "") -> str:
    """Friday 27 November 2026, 18:00 CET: as people write a moment, in the time of `place`.

    `place` names a time zone; without it, it is that of the page.
    """
    local = value.astimezone(zone(place))
    day = format_date(local.date(), "full", locale=get_locale())
    return f"{day}, {clock(value, place)}"


def soon(value: datetime) -> str:
    """Fri 27 Nov, 18:00: a moment of these weeks, where there is little room."""
    local = value.astimezone(zone())
    return f"{format_skeleton('MMMEd', local, locale=get_locale())}, {time_(value)}"


def time_(value: datetime) -> str:
    return format_time(value.astimezone(zone()), "HH:mm", locale=get_locale())


def clock(value: datetime, place: str = "") -> str:
    """18:00 CET: the time with its zone, for those who read it elsewhere."""
    local = value.astimezone(zone(place))
    return f"{format_time(local, 'HH:mm', locale=get_locale())} {zone_name(local)}"


def period(begins: datetime, ends: datetime) -> str:
    """Saturday 5 December 2026, 10:00 CET – 12:00; the day of the end only if it is another one."""
    is_same_day = begins.astimezone(zone()).date() == ends.astimezone(zone()).date()
    return f"{datetime_(begins)} – {time_(ends) if is_same_day else datetime_(ends)}"


def zone_name(local: datetime) -> str:
    """CET, MEZ: the zone's short name as the reader's language has it, else as its place has."""
    name = get_timezone_name(local, "short", locale=get_locale())
    if name[0] in "+-":
        # The language knows no name, only so many hours.
        name = local.tzname() or name
    return f"UTC{name}" if name[0] in "+-" else name


def when(value: datetime, now: datetime | None = None, place: str = "") -> Markup:
    """The moment with how far away it is, in a <time> that programs can read."""
    words = from_now(value - (now or datetime.now(UTC)))
    return Markup('<time datetime="{}">{} ({})</time>').format(
        value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), datetime_(value, place), words
    )


def from_now(span: timedelta) -> str:
    """In 13 days, 2 hours ago, just now: in whole minutes at least.

    So a page does not change with every second.
    """
    if abs(span) < timedelta(minutes=1):
        return str(gettext("just now") if span < timedelta(0) else gettext("now"))
    # Two of a unit at least: 13 days are not "2 weeks", an hour and a half not "1 hour"; yet a
    # minute is not "60 seconds". Whole days and hours, as on the cards: Babel would round them up.
    minutes = round(span.total_seconds() / 60)
    whole = next((unit for unit in (24 * 60, 60) if abs(minutes) >= 2 * unit), 1)
    return format_timedelta(
        timedelta(minutes=int(minutes / whole) * whole),
        granularity="minute",
        add_direction=True,
        locale=get_locale(),
        threshold=2,
    )


def zone(place: str = "") -> Any:
    """The time zone that moments are shown in: that of `place`, the page's deal, the instance."""
    return get_timezone(place or g.get("time_zone", "Europe/Berlin"))

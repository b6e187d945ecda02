"""The words of a series: how often, on which day, and why it waits."""

from zoneinfo import ZoneInfo

from babel.dates import format_date
from flask_babel import get_locale, gettext

from marketplace import filters
from models.money import Money
from models.series import Series

__all__ = ["rhythm", "why_held_up"]


def rhythm(series: Series, zone: str) -> str:
    """Every Thursday, every second Thursday, every fourth Thursday."""
    local = series.starts_at.astimezone(ZoneInfo(zone)).date()
    weekday = format_date(local, "EEEE", locale=get_locale())
    if series.every_weeks == 1:
        return str(gettext("every %(weekday)s", weekday=weekday))
    if series.every_weeks == 2:
        return str(gettext("every second %(weekday)s", weekday=weekday))
    return str(gettext("every fourth %(weekday)s", weekday=weekday))


def why_held_up(series: Series) -> list[str]:
    """Why the next round could not be opened, in the reader's language."""
    if series.held_up is None:
        return []
    facts = {name: _shown(fact) for name, fact in series.held_up["facts"].items()}
    messages = [str(gettext(one)) for one in series.held_up["more"] or [series.held_up["message"]]]
    return [one % facts if facts else one for one in messages]


def _shown(fact: object) -> str:
    if isinstance(fact, dict):
        return filters.money(Money(fact["minor"], fact["currency"]))
    return filters.number(fact) if isinstance(fact, int) else str(fact)

"""What a note on the board says of a deal: true for every reader until the deal changes."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from flask import url_for
from flask_babel import get_locale, gettext, ngettext
from markupsafe import Markup

from marketplace import filters
from marketplace.discovery.wording import KINDS
from marketplace.fragments import hole
from models.buying import GroupBuy, Stage
from models.collaborations import Collaboration, State
from models.money import Money

UNDER_WAY = (State.DECIDING, State.COLLECTING, State.RUNNING)


def note(deal: Collaboration, picture: str | None) -> dict[str, Any]:
    """The facts of `macros/cards.html`'s card; `picture` is the key of an uploaded cover."""
    return {
        "url": url_for("buying.show", slug=deal.slug),
        "kind": deal.kind,
        "kind_label": gettext(KINDS[deal.kind]),
        "slug": deal.slug,
        "title": deal.title,
        "lang": deal.lang,
        "state": deal.state,
        "stage": deal.stage,
        "is_tipped": deal.is_tipped,
        "is_paused": deal.is_paused,
        "standing": standing(deal),
        "value": deal.progress_basis_points,
        "threshold": 10_000,
        "facts": [fact for fact in (price(deal), place(deal), close(deal)) if fact],
        "organiser": deal.organiser,
        "picture_url": url_for("participants.picture", key=picture) if picture else None,
    }


def standing(deal: Collaboration) -> str:
    """One line of where it stands."""
    count = deal.commitments_count
    words: str
    if deal.state == State.COMPLETED:
        words = ngettext(
            "It happened: %(num)s took part.", "It happened: %(num)s took part.", count
        )
    elif deal.state == State.FAILED:
        words = gettext("It did not come about. Nobody paid anything.")
    elif deal.state == State.CANCELLED:
        words = gettext("It was called off.")
    elif deal.state in UNDER_WAY or deal.is_tipped:
        words = ngettext(
            "Enough have joined: %(num)s so far.", "Enough have joined: %(num)s so far.", count
        )
    elif deal.stage == Stage.SCHEDULED:
        words = gettext("Opens %(day)s", day=_day(deal.opens_at, deal))
    elif count == 0:
        words = gettext("Be the first to join.")
    else:
        words = ngettext(
            "%(share)s there: %(num)s has joined.",
            "%(share)s there: %(num)s have joined.",
            count,
            share=filters.percent(deal.progress_basis_points // 100 * 100),
        )
    return words


def price(deal: Collaboration) -> tuple[str, str] | None:
    """The price now and the next one; for many articles how many there are."""
    if not isinstance(deal, GroupBuy):
        return None
    if deal.price_now_minor is None:
        count = deal.articles_count
        return "money", ngettext("%(num)s article", "%(num)s articles", count)
    now = filters.money(Money(deal.price_now_minor, deal.currency))
    if deal.has_closed and not deal.is_tipped:
        return None
    if deal.has_closed or deal.price_next_minor is None or not deal.missing_units:
        return "money", gettext("%(now)s a unit", now=now)
    if not deal.is_tipped:
        return "money", ngettext(
            "%(now)s, if %(num)s more unit comes",
            "%(now)s, if %(num)s more units come",
            deal.missing_units,
            now=now,
        )
    return "money", ngettext(
        "%(now)s now, %(next)s with %(num)s more unit",
        "%(now)s now, %(next)s with %(num)s more units",
        deal.missing_units,
        now=now,
        next=filters.money(Money(deal.price_next_minor, deal.currency)),
    )


def place(deal: Collaboration) -> tuple[str, Markup] | None:
    if not deal.place_name:
        return None
    return "pin", Markup("{}{}").format(deal.place_name, hole("away"))


def close(deal: Collaboration) -> tuple[str, Markup | str]:
    """When it closes, in the time of its place; the days left differ by the day."""
    day = _day(deal.closes_at, deal)
    if deal.state == State.OPEN:
        return "clock", Markup("{}{}").format(gettext("Closes %(day)s", day=day), hole("left"))
    return "clock", gettext("Closed %(day)s", day=day)


def _day(moment: datetime, deal: Collaboration) -> str:
    local = moment.astimezone(ZoneInfo(deal.time_zone))
    return format_skeleton("MMMEd", local, locale=get_locale())

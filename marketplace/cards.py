"""Cards of deals in a list, kept in this process as long as nothing they show has changed.

What a card says is a function of the deal's version, the language and the theme. What depends
on the reader or the moment (distance, days left) is not in the kept part.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from threading import Lock
from typing import Generic, TypeVar

from flask import current_app
from flask_babel import gettext, ngettext
from markupsafe import Markup, escape
from sqlalchemy.orm import Session

from marketplace import context, filters, speech
from marketplace.discovery.noting import AWAY, LEFT, note
from services import discovery
from services.discovery import Found

Kept = TypeVar("Kept")


class Recent(Generic[Kept]):
    """What was made lately, at most `most` of it and for at most `seconds`."""

    def __init__(self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic):
        self._most, self._seconds, self._clock = most, seconds, clock
        self._kept: OrderedDict[Hashable, tuple[float, Kept]] = OrderedDict()
        self._lock = Lock()

    def get(self, key: Hashable) -> Kept | None:
        with self._lock:
            made_at, found = self._kept.get(key, (float("-inf"), None))
            if self._clock() - made_at > self._seconds:
                self._kept.pop(key, None)
                return None
            self._kept.move_to_end(key)
            return found

    def keep(self, key: Hashable, made: Kept) -> Kept:
        with self._lock:
            self._kept[key] = (self._clock(), made)
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
        return made


# An organiser's new name changes no deal's version, so cards grow old too.
_cards: Recent[Markup] = Recent(most=4_000, seconds=600)


def cards(session: Session, *lists: Sequence[Found], now: datetime) -> list[list[Markup]]:
    """The cards of each list; one statement reads all deals whose card is not at hand."""
    look = (context.choose_locale(), context.theme())
    language = speech.language()
    wanted = {(one.id, one.version, *look): one for found in lists for one in found}
    html = {key: kept for key in wanted if (kept := _cards.get(key)) is not None}
    missing = {one.id: key for key, one in wanted.items() if key not in html}
    # Without the context of pages: a card knows no reader, and need not ask who reads.
    template = current_app.jinja_env.get_template("discovery/card.html")
    for deal_id, (deal, picture) in discovery.cards(session, missing).items():
        # What a template of ours has rendered is escaped already.
        made = Markup(template.render(card=note(deal, picture)))  # noqa: S704
        html[missing[deal_id]] = _cards.keep(missing[deal_id], made)
    return [
        [
            completed(html[key], one, now, language)
            for one in found
            if (key := (one.id, one.version, *look)) in html
        ]
        for found in lists
    ]


def completed(html: Markup, found: Found, now: datetime, language: str) -> Markup:
    """The kept card with how far away it is for this reader, and how long it is open."""
    filled = str.replace(html, AWAY, away(found.distance_km, language))
    # Both parts are escaped, as the kept card is.
    return Markup(filled.replace(LEFT, left(found.closes_at - now, language)))  # noqa: S704  # nosec B704


def away(distance_km: float | None, language: str) -> Markup:
    if distance_km is None:
        return Markup()
    return _away(language, 0 if distance_km < 1 else round(distance_km))


def left(span: timedelta, language: str) -> Markup:
    """How long it is open, in the largest unit that is still exact enough to act on."""
    if span <= timedelta(0):
        return Markup()
    if span >= timedelta(days=2):
        return _left(language, "days", span.days)
    if span >= timedelta(hours=2):
        return _left(language, "hours", span // timedelta(hours=1))
    return _left(language, "minutes", max(1, span // timedelta(minutes=1)))


@lru_cache(maxsize=2_000)
def _away(_language: str, km: int) -> Markup:
    if km == 0:
        return escape(gettext(", less than 1 km away"))
    return escape(gettext(", %(km)s km away", km=filters.number(km)))


@lru_cache(maxsize=2_000)
def _left(_language: str, unit: str, count: int) -> Markup:
    # Babel would make two weeks of ten days.
    if unit == "days":
        words = ngettext("(in %(num)s day)", "(in %(num)s days)", count)
    elif unit == "hours":
        words = ngettext("(in %(num)s hour)", "(in %(num)s hours)", count)
    else:
        words = ngettext("(in %(num)s minute)", "(in %(num)s minutes)", count)
    return escape(f" {words}")

"""Cards of deals in a list, kept in this process as long as nothing they show has changed.

What a card says is a function of the deal's version, the language and the theme. What depends
on the reader or the moment (distance, days left) is not in the kept part.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from datetime import datetime, timedelta
from threading import Lock
from typing import Generic, TypeVar

from flask import current_app
from flask_babel import gettext, ngettext
from markupsafe import Markup
from sqlalchemy.orm import Session

from marketplace import context, filters
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
            completed(html[key], one, now)
            for one in found
            if (key := (one.id, one.version, *look)) in html
        ]
        for found in lists
    ]


def completed(html: Markup, found: Found, now: datetime) -> Markup:
    """The kept card with how far away it is for this reader, and how long it is open."""
    return html.replace(AWAY, away(found.distance_km)).replace(LEFT, left(found.closes_at, now))


def away(distance_km: float | None) -> str:
    words: str = ""
    if distance_km is not None and distance_km < 1:
        words = gettext(", less than 1 km away")
    elif distance_km is not None:
        words = gettext(", %(km)s km away", km=filters.number(round(distance_km)))
    return words


def left(closes_at: datetime, now: datetime) -> str:
    """How long it is open, in the largest unit that is still exact enough to act on."""
    span = closes_at - now
    words: str
    if span <= timedelta(0):
        return ""
    if span >= timedelta(days=2):
        # Babel would make two weeks of ten days.
        words = ngettext("(in %(num)s day)", "(in %(num)s days)", span.days)
    elif span >= timedelta(hours=2):
        hours = span // timedelta(hours=1)
        words = ngettext("(in %(num)s hour)", "(in %(num)s hours)", hours)
    else:
        minutes = max(1, span // timedelta(minutes=1))
        words = ngettext("(in %(num)s minute)", "(in %(num)s minutes)", minutes)
    return f" {words}"

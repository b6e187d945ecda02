"""Cards of deals in a list, kept in this process as long as nothing they show has changed.

A card is a fragment, kept by the deal's version. What depends on the reader or the moment
(distance, days left) is put in when it is shown.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from flask_babel import gettext, ngettext
from markupsafe import Markup, escape
from sqlalchemy.orm import Session

from marketplace import filters, fragments, speech
from marketplace.discovery.noting import note
from services import discovery
from services.discovery import Found

CARD = "discovery/card.html"


def cards(session: Session, *lists: Sequence[Found], now: datetime) -> list[list[Markup]]:
    """The cards of each list; one statement reads all deals whose card is not at hand."""
    kept, language = fragments.kept(), speech.language()
    wanted = {one.id: one.version for found in lists for one in found}
    made = {
        deal_id: card
        for deal_id, version in wanted.items()
        if (card := kept.at_hand(CARD, (deal_id, version))) is not None
    }
    for deal_id, (deal, picture) in discovery.cards(session, wanted.keys() - made.keys()).items():
        facts = {"card": note(deal, picture)}
        made[deal_id] = kept.make(CARD, (deal_id, wanted[deal_id]), facts)
    return [
        [
            made[one.id](
                away=away(one.distance_km, language), left=left(one.closes_at - now, language)
            )
            for one in found
            if one.id in made
        ]
        for found in lists
    ]


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

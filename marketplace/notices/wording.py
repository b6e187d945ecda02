"""The words of a notice: its text in the reader's language, its facts as people write them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext

from marketplace import filters
from models.money import Money
from services.notices import TEXTS


def notice_words(message: str, facts: Mapping[str, Any]) -> str:
    """The text called `message`, filled with `facts` (see `services.notices.Telling`)."""
    text: str = gettext(TEXTS[message])
    place = facts.get("zone", "")
    written = {name: shown(fact, place) for name, fact in facts.items()}
    if "title" in written:
        # A title may be half a sentence; without marks it would run into ours.
        written["title"] = gettext("“%(title)s”", title=written["title"])
    if "guest" in written:
        return str(gettext("For %(guest)s: %(text)s", guest=written["guest"], text=text % written))
    return text % written


def shown(fact: Any, place: str) -> str:
    """A fact as it stands in the text; moments in the time of `place`."""
    if isinstance(fact, Mapping):
        if "minor" in fact:
            return filters.money(Money(fact["minor"], fact["currency"]))
        if "moment" in fact:
            return filters.datetime_(datetime.fromisoformat(fact["moment"]), place)
        return str(gettext(fact["text"]))
    if isinstance(fact, int):
        return filters.number(fact)
    return str(fact)

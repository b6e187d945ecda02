"""How to hear of things: the ticks of a member, as the schema has them and as services do."""

from collections.abc import Mapping

from models.notices import NoticeKind
from services.notices import CHOOSABLE, Ways


def chosen_ways(ticks: Mapping[str, bool]) -> dict[NoticeKind, Ways]:
    return {kind: Ways(ticks[f"{kind}_page"], ticks[f"{kind}_mail"]) for kind in CHOOSABLE}


def ticks_of(ways: Mapping[NoticeKind, Ways]) -> dict[str, bool]:
    return {
        f"{kind}_{way}": ticked
        for kind, chosen in ways.items()
        for way, ticked in (("page", chosen.on_page), ("mail", chosen.by_mail))
    }

"""Circles: founding them, coming in and going, who runs them, by which rules, and their numbers."""

from services.circles.browsing import CircleFilters, CircleOrder, FoundCircle, all_public, browse
from services.circles.deciding import admit, decline, remove
from services.circles.digests import write_digests
from services.circles.doings import ALIVE, OVER, bring_to_an_end, done_in, take_part
from services.circles.finding import (
    Visit,
    belonging_of,
    by_link,
    find,
    held,
    known_by_id,
    locked,
    membership,
    open_to,
    run,
    standing_in,
)
from services.circles.founding import Description, archive, edit, end_due, found, reopen, suspend
from services.circles.house_rules import agree, current, set_rules, version, versions
from services.circles.inviting import best_inviters, brought_by, invite, link_of, renew_link
from services.circles.joining import join, leave
from services.circles.members import asking, history, members, who_run_it
from services.circles.money import Takings, takings
from services.circles.numbers import Numbers, numbers, reach
from services.circles.roles import appoint

__all__ = [
    "ALIVE",
    "OVER",
    "CircleFilters",
    "CircleOrder",
    "Description",
    "FoundCircle",
    "Numbers",
    "Takings",
    "Visit",
    "admit",
    "agree",
    "all_public",
    "appoint",
    "archive",
    "asking",
    "belonging_of",
    "best_inviters",
    "bring_to_an_end",
    "brought_by",
    "browse",
    "by_link",
    "current",
    "decline",
    "done_in",
    "edit",
    "end_due",
    "find",
    "found",
    "held",
    "history",
    "invite",
    "join",
    "known_by_id",
    "leave",
    "link_of",
    "locked",
    "members",
    "membership",
    "numbers",
    "open_to",
    "reach",
    "remove",
    "renew_link",
    "reopen",
    "run",
    "set_rules",
    "standing_in",
    "suspend",
    "take_part",
    "takings",
    "version",
    "versions",
    "who_run_it",
    "write_digests",
]

"""What can be done with a series: begin it, pause, skip, stop it, follow it, make its rounds."""

from services.series.finding import (
    AtDesk,
    Place,
    at_desk,
    changes_of,
    find,
    locked,
    newest,
    organised,
    place_of,
    rounds,
)
from services.series.following import follow, follows, tell_followers, unfollow
from services.series.making import Next, advance, due, hold_up, next_round
from services.series.planning import Rhythm, begin, change, pause, resume, skip, stop

__all__ = [
    "AtDesk",
    "Next",
    "Place",
    "Rhythm",
    "advance",
    "at_desk",
    "begin",
    "change",
    "changes_of",
    "due",
    "find",
    "follow",
    "follows",
    "hold_up",
    "locked",
    "newest",
    "next_round",
    "organised",
    "pause",
    "place_of",
    "resume",
    "rounds",
    "skip",
    "stop",
    "tell_followers",
    "unfollow",
]

"""What follows from which event. Each reaction may run again and then changes nothing more."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from models.events import Event

Reaction = Callable[[Session, Event, datetime], None]
REACTIONS: dict[str, list[Reaction]] = {}


def on(*kinds: str) -> Callable[[Reaction], Reaction]:
    """Have the function run after each event of these kinds: (session, event, now)."""

    def register(reaction: Reaction) -> Reaction:
        for kind in kinds:
            REACTIONS.setdefault(kind, []).append(reaction)
        return reaction

    return register

"""Events: each move is told once, in the transaction that makes it, and reacted to later."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from models.events import Event
from services import queue


@dataclass(frozen=True, kw_only=True)
class Happened:
    """The base of all events: by whom and on what. Subclasses are named in the past tense.

    Every further field of a subclass is kept as a fact and must be plain JSON.
    """

    by: int | None = None
    participant_id: int | None = None
    collaboration_id: int | None = None
    commitment_id: int | None = None
    circle_id: int | None = None
    reason: str = ""


_COLUMNS = frozenset(Happened.__dataclass_fields__)


def record(session: Session, happened: Happened, *, now: datetime) -> int:
    """Write the event and have the reactions to it run once the transaction is kept; its id."""
    [event_id] = record_many(session, [happened], now=now)
    return event_id


def record_many(session: Session, happened: Sequence[Happened], *, now: datetime) -> Sequence[int]:
    """Write many events in two statements: what one decision means for thousands."""
    if not happened:
        return []
    session.flush()
    ids = session.scalars(
        insert(Event).returning(Event.id, sort_by_parameter_order=True),
        [
            {
                "kind": type(one).__name__,
                "member_id": one.by,
                "participant_id": one.participant_id,
                "collaboration_id": one.collaboration_id,
                "commitment_id": one.commitment_id,
                "circle_id": one.circle_id,
                "reason": one.reason,
                "facts": {name: fact for name, fact in asdict(one).items() if name not in _COLUMNS},
                "happened_at": now,
            }
            for one in happened
        ],
    ).all()
    queue.defer_many(session, "react", [{"event_id": event_id} for event_id in ids])
    return ids

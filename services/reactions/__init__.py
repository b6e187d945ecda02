"""Reactions: what follows from an event, in a transaction of its own, at least once."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.events import Event
from services.reactions import (
    buying,
    circles,
    dialogue,
    disputes,
    invoices,
    opening,
    payments,
    payouts,
    revocations,
    series,
    transfers,
)
from services.reactions.registry import REACTIONS, on


def run(session: Session, event_id: int, *, now: datetime) -> None:
    """Run every reaction to the event; repeating it changes nothing more."""
    event = session.get(Event, event_id)
    if event is None:
        return
    for reaction in REACTIONS.get(event.kind, []):
        reaction(session, event, now)


__all__ = [
    "buying",
    "circles",
    "dialogue",
    "disputes",
    "invoices",
    "on",
    "opening",
    "payments",
    "payouts",
    "revocations",
    "run",
    "series",
    "transfers",
]

"""Deals to look for: rows with what lists show, without the history that leads to them."""

import itertools
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy
from models.collaborations import State

_numbers = itertools.count(1)


def deal(
    session: Session, organiser: Actor, title: str, *, now: datetime, **shown: Any
) -> GroupBuy:
    """An open public group buy in Bremerhaven that closes in a week."""
    number = next(_numbers)
    state = shown.get("state", State.OPEN)
    decided = None if state in (State.DRAFT, State.OPEN) else now
    made = GroupBuy(
        **{
            "slug": f"deal-{number}",
            "state": state,
            "title": title,
            "lang": "en",
            "link_key": f"key-{number}",
            "organiser_id": organiser.participant.id,
            "made_by_id": organiser.member.id,
            "currency": "EUR",
            "place_name": "Bremerhaven",
            "latitude": 53.55,
            "longitude": 8.58,
            "opens_at": now - timedelta(days=1),
            "closes_at": now + timedelta(days=7),
            "decided_at": decided,
            "price_now_minor": 1250,
            "price_next_minor": 1150,
            "missing_units": 3,
            "articles_count": 1,
            "made_at": now,
            **shown,
        }
    )
    session.add(made)
    session.flush()
    return made

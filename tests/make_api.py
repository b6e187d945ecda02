"""Programs to test with: tokens of members, with the header that sends them."""

import itertools
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from models.actors import Actor
from models.members import ApiToken, Scope
from services import secrets

_keys = itertools.count(1)


def bearer(
    session: Session, actor: Actor, *, now: datetime, scopes: Collection[Scope] = tuple(Scope)
) -> dict[str, str]:
    """The header of a program that acts as `actor` within `scopes`."""
    token = secrets.draw()
    acts_as_self = actor.participant.id == actor.member.participant_id
    session.add(
        ApiToken(
            token_hash=secrets.hashed(token),
            member_id=actor.member.id,
            acting_as_id=None if acts_as_self else actor.participant.id,
            name="Test",
            scopes=sorted(scopes),
            made_at=now,
        )
    )
    session.flush()
    return {"Authorization": f"Bearer {token}"}


def program(session: Session, client: FlaskClient, *, now: datetime) -> Callable[..., Any]:
    """Sends requests under `/api/v1` as a program of whoever is given, None for a stranger.

    Each POST has a key of its own unless one is given.
    """

    def ask(
        actor: Actor | None,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str = "",
        scopes: Collection[Scope] = tuple(Scope),
        **headers: str,
    ) -> Any:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if actor is not None:
            sent |= bearer(session, actor, now=now, scopes=scopes)
        if method == "POST":
            sent["Idempotency-Key"] = key or f"key-{next(_keys)}"
        return client.open(f"/api/v1{path}", method=method, json=body, headers=sent)

    return ask

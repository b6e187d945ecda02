"""Programs to test with: tokens of members, with the header that sends them."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy.orm import Session

from models.actors import Actor
from models.members import ApiToken, Scope
from services import secrets


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

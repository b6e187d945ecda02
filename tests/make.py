"""Things to test with: plain functions, sensible defaults, everything can be overridden."""

import itertools
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert
from sqlalchemy.orm import Session

from models.actors import Actor
from models.ledger import Currency
from models.members import Member
from models.participants import Membership, MembershipRole, Participant, ParticipantKind

_numbers = itertools.count(1)
BREMERHAVEN = (53.55, 8.58)


def currencies(connection: Connection) -> None:
    connection.execute(insert(Currency), [{"code": "EUR", "exponent": 2, "name": "Euro"}])


def participant(session: Session, name: str, *, now: datetime, **overrides: Any) -> Participant:
    made = Participant(
        **{
            "kind": ParticipantKind.PERSON,
            "slug": f"{name.lower()}-{next(_numbers)}",
            "name": name,
            "name_key": name.lower(),
            "place_name": "Bremerhaven",
            "latitude": BREMERHAVEN[0],
            "longitude": BREMERHAVEN[1],
            "joined_at": now,
            **overrides,
        }
    )
    session.add(made)
    session.flush()
    return made


def actor(session: Session, name: str, *, now: datetime, roles: list[str] | None = None) -> Actor:
    """A confirmed member who acts as themself. Their password is not set: they are signed in."""
    own = participant(session, name, now=now)
    email = f"{own.slug}@example.org"
    member = Member(
        participant=own,
        email=email,
        email_key=email,
        password_hash="",
        roles=roles or [],
        joined_at=now,
        confirmed_at=now,
    )
    session.add(member)
    session.flush()
    return Actor(member=member, participant=own)


def organisation(
    session: Session,
    name: str,
    *,
    owner: Actor,
    now: datetime,
    role: MembershipRole = MembershipRole.OWNER,
    **overrides: Any,
) -> Actor:
    """An organisation, as `owner` acts for it."""
    made = participant(
        session, name, now=now, **{"kind": ParticipantKind.ORGANISATION, **overrides}
    )
    session.add(
        Membership(organisation_id=made.id, member_id=owner.member.id, role=role, since_at=now)
    )
    session.flush()
    return Actor(
        member=owner.member,
        participant=made,
        memberships={**owner.memberships, made.id: role},
        organisations=(*owner.organisations, made),
    )


def later(moment: datetime, **span: float) -> datetime:
    return moment + timedelta(**span)

"""Sessions: which browser or program speaks for which member; each can be ended at once."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, delete, exists, select, update
from sqlalchemy.orm import Session

from models.actors import (
    Actor,
    AnyMember,
    AnyParticipant,
    RecognisedMember,
    RecognisedParticipant,
)
from models.base import Model
from models.errors import NotFound
from models.members import SESSION_ABSOLUTE, SESSION_IDLE, ApiToken, Member, MemberSession
from models.participants import MayNotActFor, Membership, Participant
from services import notices, secrets

# A session is marked as seen at most this often, so that reading pages does not write.
SEEN_EVERY = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Recognised:
    """A signed-in browser: its session, whom it acts as, when it was asked, what is unread."""

    actor: Actor
    asked_at: datetime
    session_id: int
    seen_at: datetime
    expires_at: datetime
    unread_count: int

    @property
    def is_alive(self) -> bool:
        """Whether the session still lived when it was asked."""
        now = self.asked_at
        return now < self.expires_at and now < self.seen_at + SESSION_IDLE


def start(session: Session, member: Member, *, user_agent: str, now: datetime) -> str:
    """Sign a browser in and return its token, which is known nowhere else."""
    token = secrets.draw()
    session.add(
        MemberSession(
            token_hash=secrets.hashed(token),
            member_id=member.id,
            user_agent=user_agent[:200],
            started_at=now,
            seen_at=now,
            expires_at=now + SESSION_ABSOLUTE,
        )
    )
    session.flush()
    return token


def recognise(session: Session, token: str, *, clock: ColumnElement[datetime]) -> Recognised | None:
    """Who is signed in with `token`: every page asks this first.

    It takes one statement, and a second one for those who belong to organisations. `clock` is
    read along with it and says whether the session still lives; None if it does not.
    """
    asked = {"token_hash": secrets.hashed(token)}
    # Past the session, which has no part in plain values.
    row = session.connection().execute(_by_token(clock), asked).one_or_none()
    if row is None:
        return None
    participant = RecognisedParticipant(*row[:_OF_MEMBER])
    member = RecognisedMember(participant, *row[_OF_MEMBER:_OF_SESSION])
    closed_at, acting_as_id, has_organisations, *rest = row[_OF_SESSION:]
    found = Recognised(Actor(member, participant), *rest)
    if not found.is_alive or closed_at is not None:
        return None
    if has_organisations:
        return replace(found, actor=actor_of(session, member, acting_as_id))
    return found


def _read(row: type[Model], values: type[Any]) -> list[ColumnElement[Any]]:
    """The columns that `values` takes from `row`, in its order."""
    columns = row.__table__.c
    return [columns[one.name] for one in fields(values) if one.name in columns]


_PARTICIPANT = _read(Participant, RecognisedParticipant)
_MEMBER = _read(Member, RecognisedMember)
_OF_MEMBER = len(_PARTICIPANT)
_OF_SESSION = _OF_MEMBER + len(_MEMBER)


@lru_cache(maxsize=4)
def _by_token(clock: ColumnElement[datetime]) -> Select[*tuple[Any, ...]]:
    """Putting the statement together costs as much as asking it, so that is done once."""
    signed_in, member = MemberSession.__table__, Member.__table__
    participant, membership = Participant.__table__, Membership.__table__
    has_organisations = exists().where(membership.c.member_id == signed_in.c.member_id)
    return (
        select(*_PARTICIPANT, *_MEMBER)
        .add_columns(member.c.closed_at, signed_in.c.acting_as_id, has_organisations)
        # From here on as `Recognised` has it.
        .add_columns(clock, signed_in.c.id, signed_in.c.seen_at, signed_in.c.expires_at)
        .add_columns(notices.unread_of(signed_in))
        .select_from(
            signed_in.join(member, member.c.id == signed_in.c.member_id).join(
                participant, participant.c.id == member.c.participant_id
            )
        )
        .where(signed_in.c.token_hash == bindparam("token_hash"))
    )


def is_seen(used: Recognised | ApiToken, *, now: datetime) -> bool:
    """Whether it was marked not long ago."""
    marked_at = used.seen_at if isinstance(used, Recognised) else used.used_at
    return marked_at is not None and now < marked_at + SEEN_EVERY


def mark_seen(session: Session, used: Recognised | ApiToken, *, now: datetime) -> None:
    """Keep the session alive, or say when the token was last used; does nothing if it is gone."""
    if isinstance(used, Recognised):
        session.execute(
            update(MemberSession).where(MemberSession.id == used.session_id).values(seen_at=now)
        )
    else:
        session.execute(update(ApiToken).where(ApiToken.id == used.id).values(used_at=now))


def end(session: Session, member: AnyMember, session_id: int) -> None:
    """Sign one of the member's browsers out; refuses with NotFound what is not theirs."""
    found = session.get(MemberSession, session_id)
    if found is None or found.member_id != member.id:
        raise NotFound
    session.delete(found)


def end_all(session: Session, member: AnyMember, *, but: int | None = None) -> None:
    """Sign the member out everywhere, except in the session `but`."""
    session.execute(
        delete(MemberSession).where(
            MemberSession.member_id == member.id, MemberSession.id != (but or 0)
        )
    )


def all_of(session: Session, member: AnyMember) -> Sequence[MemberSession]:
    return session.scalars(
        select(MemberSession).filter_by(member_id=member.id).order_by(MemberSession.seen_at.desc())
    ).all()


def act_as(signed_in: MemberSession, participant_id: int, actor: Actor) -> None:
    """Switch whom this browser acts as; refuses with MayNotActFor."""
    if not actor.may_act_for(participant_id):
        raise MayNotActFor
    own = participant_id == actor.member.participant_id
    choose(signed_in, None if own else participant_id)


def choose(signed_in: MemberSession, organisation_id: int | None) -> None:
    """Let this browser act for an organisation the caller knows the member belongs to."""
    signed_in.acting_as_id = organisation_id


def actor_of(session: Session, member: AnyMember, acting_as_id: int | None = None) -> Actor:
    """The member with their organisations; acts as themself if they left the chosen one."""
    memberships = session.scalars(
        select(Membership).filter_by(member_id=member.id).order_by(Membership.id)
    ).all()
    organisations: dict[int | None, AnyParticipant] = {
        one.organisation_id: one.organisation for one in memberships
    }
    return Actor(
        member=member,
        participant=organisations.get(acting_as_id, member.participant),
        memberships={one.organisation_id: one.role for one in memberships},
        organisations=tuple(organisations.values()),
    )


def actor_of_program(session: Session, token: ApiToken) -> Actor | None:
    """Whom a program acts for: the organisation it was let in for alone, else all of the member's.

    None if the member does not belong to that organisation any more.
    """
    actor = actor_of(session, token.member, token.acting_as_id)
    if token.acting_as_id is None:
        return actor
    return actor.bound() if actor.participant.id == token.acting_as_id else None


def find_api_token(session: Session, token: str) -> ApiToken | None:
    """The token a program sent, unless it was revoked."""
    found = session.scalar(select(ApiToken).filter_by(token_hash=secrets.hashed(token)))
    if found is None or found.revoked_at is not None or found.member.closed_at is not None:
        return None
    return found

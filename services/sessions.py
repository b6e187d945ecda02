"""Sessions: which browser or program speaks for which member; each can be ended at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import ColumnElement, Select, bindparam, delete, exists, select, update
from sqlalchemy.orm import Session

from models.actors import Actor
from models.errors import NotFound
from models.members import SESSION_ABSOLUTE, ApiToken, Member, MemberSession
from models.participants import MayNotActFor, Membership, Participant
from services import notices, secrets

# A session is marked as seen at most this often, so that reading pages does not write.
SEEN_EVERY = timedelta(minutes=15)


@dataclass(frozen=True)
class Recognised:
    """A signed-in browser: its session, whom it acts as, when it was asked, what is unread."""

    signed_in: MemberSession
    actor: Actor
    asked_at: datetime
    unread_count: int


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
    row = session.execute(_by_token(clock), asked).one_or_none()
    if row is None:
        return None
    found, now, has_organisations, unread = row
    if not found.is_alive(now) or found.member.closed_at is not None:
        return None
    if has_organisations:
        actor = actor_of(session, found.member, found.acting_as_id)
    else:
        actor = Actor(member=found.member, participant=found.member.participant)
    return Recognised(found, actor, now, unread)


@lru_cache(maxsize=4)
def _by_token(clock: ColumnElement[datetime]) -> Select[MemberSession, datetime, bool, int]:
    """Putting the statement together costs as much as asking it, so that is done once."""
    belongs = exists().where(Membership.member_id == MemberSession.member_id)
    unread = notices.unread_of(MemberSession.member_id)
    return select(MemberSession, clock, belongs, unread).where(
        MemberSession.token_hash == bindparam("token_hash")
    )


def is_seen(used: MemberSession | ApiToken, *, now: datetime) -> bool:
    """Whether it was marked not long ago."""
    marked_at = used.seen_at if isinstance(used, MemberSession) else used.used_at
    return marked_at is not None and now < marked_at + SEEN_EVERY


def mark_seen(session: Session, used: MemberSession | ApiToken, *, now: datetime) -> None:
    """Keep the session alive, or say when the token was last used; does nothing if it is gone."""
    if isinstance(used, MemberSession):
        session.execute(
            update(MemberSession).where(MemberSession.id == used.id).values(seen_at=now)
        )
    else:
        session.execute(update(ApiToken).where(ApiToken.id == used.id).values(used_at=now))


def end(session: Session, member: Member, session_id: int) -> None:
    """Sign one of the member's browsers out; refuses with NotFound what is not theirs."""
    found = session.get(MemberSession, session_id)
    if found is None or found.member_id != member.id:
        raise NotFound
    session.delete(found)


def end_all(session: Session, member: Member, *, but: int | None = None) -> None:
    """Sign the member out everywhere, except in the session `but`."""
    session.execute(
        delete(MemberSession).where(
            MemberSession.member_id == member.id, MemberSession.id != (but or 0)
        )
    )


def all_of(session: Session, member: Member) -> Sequence[MemberSession]:
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


def actor_of(session: Session, member: Member, acting_as_id: int | None = None) -> Actor:
    """The member with their organisations; acts as themself if they left the chosen one."""
    memberships = session.scalars(
        select(Membership).filter_by(member_id=member.id).order_by(Membership.id)
    ).all()
    organisations: dict[int | None, Participant] = {
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

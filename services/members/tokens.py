"""Personal API tokens: keys a member gives to their own programs, each with its scopes."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actors import Actor, AnyMember
from models.errors import NotFound
from models.members import ApiToken, Scope
from services import events, secrets
from services.members.happened import TokenMade, TokenRevoked
from services.members.lookup import locked
from services.members.signing_in import check_password

# So that a token is recognised where it should not be, in a repository or a log.
PREFIX = "allmende_"


def make_token(
    session: Session,
    *,
    actor: Actor,
    name: str,
    scopes: Collection[Scope],
    current_password: str,
    now: datetime,
) -> tuple[ApiToken, str]:
    """A new token and its text, which is shown this once; it acts as whom the actor acts as.

    Refuses with WrongPassword, and with NotConfirmed a member whose address is not confirmed.
    """
    actor.member.require_confirmed()
    # With the lock, else a key would be overlooked by whoever changes the password meanwhile.
    check_password(locked(session, actor.member.id), current_password)
    text = PREFIX + secrets.draw()
    acts_as_self = actor.participant.id == actor.member.participant_id
    token = ApiToken(
        token_hash=secrets.hashed(text),
        member_id=actor.member.id,
        acting_as_id=None if acts_as_self else actor.participant.id,
        name=name,
        scopes=sorted(scopes),
        made_at=now,
    )
    session.add(token)
    session.flush()
    events.record(
        session,
        TokenMade(by=actor.member.id, participant_id=actor.participant.id, scopes=token.scopes),
        now=now,
    )
    return token, text


def tokens_of(session: Session, member: AnyMember) -> Sequence[ApiToken]:
    """The member's tokens that still open something, the newest first."""
    return session.scalars(
        select(ApiToken)
        .where(ApiToken.member_id == member.id, ApiToken.revoked_at.is_(None))
        .order_by(ApiToken.id.desc())
    ).all()


def revoke_token(session: Session, member: AnyMember, token_id: int, *, now: datetime) -> None:
    """Take a token back at once; refuses with NotFound what is not theirs."""
    token = session.get(ApiToken, token_id)
    if token is None or token.member_id != member.id or token.revoked_at is not None:
        raise NotFound
    token.revoked_at = now
    events.record(
        session, TokenRevoked(by=member.id, participant_id=member.participant_id), now=now
    )

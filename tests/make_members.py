"""Members with passwords, and the mails they are sent, to test with."""

from datetime import datetime
from typing import Any

from sqlalchemy import DateTime, literal, select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.members import MemberSession
from models.notices import Mail
from services import passwords, sessions
from tests import make

PASSWORD = "seven bicycles in the hall"


def with_password(actor: Actor, password: str = PASSWORD) -> Actor:
    actor.member.password_hash = passwords.hashed(password)
    return actor


def unconfirmed(session: Session, name: str, *, now: datetime) -> Actor:
    made = with_password(make.actor(session, name, now=now))
    made.member.confirmed_at = None
    session.flush()
    return made


def mails_to(session: Session, address: str) -> list[Mail]:
    return list(session.scalars(select(Mail).filter_by(to_address=address).order_by(Mail.id)))


def templates_to(session: Session, address: str) -> list[str]:
    return [mail.template for mail in mails_to(session, address)]


def token_in(mail: Mail) -> str:
    """The token at the end of the mail's link."""
    path: Any = mail.facts["path"]
    return str(path).rsplit("/", 1)[1]


def recognised(session: Session, token: str, *, now: datetime) -> sessions.Recognised | None:
    """Who asks with `token` at `now`, as every page asks it."""
    return sessions.recognise(session, token, clock=literal(now, DateTime(timezone=True)))


def session_behind(session: Session, token: str, *, now: datetime) -> MemberSession | None:
    """The living session of a browser at `now`; None if it is over."""
    found = recognised(session, token, now=now)
    return None if found is None else session.get(MemberSession, found.session_id)

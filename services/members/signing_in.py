"""Signing in: one answer and one duration for an unknown address and for a wrong password."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.errors import NotFound
from models.members import Member, WrongCredentials, WrongPassword
from services import passwords, sessions
from services.members.lookup import by_email

DEMO_DOMAIN = "@demo.allmende.example"


def sign_in(
    session: Session, *, email: str, password: str, user_agent: str, now: datetime
) -> tuple[Member, str]:
    """The member and the token of a new session; refuses with WrongCredentials.

    Whoever changes the password ends every session, and one that is just being made would be
    overlooked. So the password is compared without the lock, which takes its time, and is asked
    for once more with it: it may be another one by then.
    """
    found = by_email(session, email)
    matched = found.password_hash if found else ""
    if not passwords.matches(matched, password) or found is None:
        raise WrongCredentials
    member = by_email(session, email, lock=True)
    if member is None or member.password_hash != matched:
        raise WrongCredentials
    if passwords.is_outdated(member.password_hash):
        member.password_hash = passwords.hashed(password)
    return member, sessions.start(session, member, user_agent=user_agent, now=now)


def check_password(member: Member, password: str, *, field: str = "current_password") -> None:
    """Ask a signed-in member for their password again; refuses with WrongPassword at `field`.

    Before anything is changed by which they sign in (OWASP ASVS 7.5.1).
    """
    if not passwords.matches(member.password_hash, password):
        raise WrongPassword(fields={field: WrongPassword.message})


def demo_members(session: Session) -> Sequence[Member]:
    """The members of the demo world whom a visitor of the demo may sign in as."""
    return session.scalars(
        select(Member)
        .where(Member.email_key.endswith(DEMO_DOMAIN), Member.closed_at.is_(None))
        .order_by(Member.id)
        .limit(12)
    ).all()


def sign_in_to_demo(
    session: Session, email: str, *, user_agent: str, now: datetime
) -> tuple[Member, str]:
    """Sign in as one of the demo's members without a password; NotFound for everybody else.

    The door lets nobody here outside the demo mode.
    """
    member = by_email(session, email)
    if member is None or not member.email_key.endswith(DEMO_DOMAIN):
        raise NotFound
    return member, sessions.start(session, member, user_agent=user_agent, now=now)

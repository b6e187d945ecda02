"""Joining: an address, a name and a password make a member; the mailbox confirms them."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.members import LinkNotValid, Member, Purpose
from models.operations import LegalText
from models.participants import ParticipantKind
from services import events, mailing, participants, passwords, paths, sessions
from services.locking import reserve
from services.members.agreeing import agree
from services.members.happened import EmailConfirmed, SignedUp
from services.members.links import find_link, make_link, use_up
from services.members.lookup import by_email, email_key, locked


def sign_up(
    session: Session,
    *,
    name: str,
    email: str,
    password: str,
    locale: str,
    terms: LegalText | None = None,
    now: datetime,
) -> None:
    """Take `email` in as a new member who acts as the person `name`, and mail them a link.

    They accept `terms`, if the instance has any. Returns the same and does the same work for an
    address that is known: then the mail says so, or brings the link again. Refuses with
    PasswordTooWeak.
    """
    passwords.refuse_weak(password, personal=(name, email))
    password_hash = passwords.hashed(password)
    reserve(session, f"email:{email_key(email)}")
    member = by_email(session, email, lock=True)
    if member is None:
        member = _new_member(session, name, email, password_hash, locale, now)
        agree(member, terms, now=now)
    if member.is_confirmed:
        mailing.write(
            session,
            key=f"already-member:{member.id}:{now.timestamp()}",
            member=member,
            to=member.email,
            locale=member.locale,
            template="members/already_member",
            facts={"name": member.display_name, "path": paths.SIGN_IN},
            now=now,
        )
    else:
        _mail_confirmation(session, member, password_hash=password_hash, now=now)


def send_confirmation(session: Session, member: Member, *, now: datetime) -> None:
    """Mail the link again to a member who is signed in; does nothing once they confirmed."""
    if not member.is_confirmed:
        _mail_confirmation(session, member, now=now)


def confirm_joining(
    session: Session, token: str, *, keep_session: int | None, now: datetime
) -> Member:
    """Confirm the address the link was mailed to, with the password of that sign-up.

    If somebody else had signed up with the address before, nothing of theirs stays: they are
    signed out, as every browser is but `keep_session`, and no other link opens anything.
    Refuses with LinkNotValid.
    """
    link = find_link(session, token, Purpose.CONFIRM_EMAIL, now=now)
    member = locked(session, link.member_id)
    link = find_link(session, token, Purpose.CONFIRM_EMAIL, lock=True, now=now)
    if member.closed_at is not None or link.email != member.email:
        raise LinkNotValid
    if link.password_hash is not None and link.password_hash != member.password_hash:
        member.password_hash = link.password_hash
        keep_session = None
    sessions.end_all(session, member, but=keep_session)
    use_up(session, member, *Purpose, now=now)
    member.confirm(now)
    events.record(
        session, EmailConfirmed(by=member.id, participant_id=member.participant_id), now=now
    )
    return member


def _new_member(
    session: Session, name: str, email: str, password_hash: str, locale: str, now: datetime
) -> Member:
    person = participants.make(session, name, kind=ParticipantKind.PERSON, lang=locale, now=now)
    member = Member(
        participant=person,
        email=email,
        email_key=email_key(email),
        password_hash=password_hash,
        locale=locale,
        roles=[],
        joined_at=now,
    )
    session.add(member)
    session.flush()
    events.record(session, SignedUp(by=member.id, participant_id=person.id), now=now)
    return member


def _mail_confirmation(
    session: Session, member: Member, *, password_hash: str | None = None, now: datetime
) -> None:
    link, token = make_link(
        session,
        member,
        Purpose.CONFIRM_EMAIL,
        email=member.email,
        password_hash=password_hash,
        now=now,
    )
    mailing.write(
        session,
        key=f"confirm-email:{link.id}",
        member=member,
        to=member.email,
        locale=member.locale,
        template="members/confirm_email",
        facts={"name": member.display_name, "path": paths.confirmation(token)},
        now=now,
    )

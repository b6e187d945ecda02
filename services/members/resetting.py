"""Passwords, forgotten or changed: whoever reads the mailbox, or knows the old one, sets it."""

from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from models.members import ApiToken, LinkNotValid, MailToken, Member, Purpose, TooManyTries
from services import events, mailing, passwords, paths, queue, sessions
from services.members import limits
from services.members.happened import PasswordChanged
from services.members.links import find_link, make_link, use_up
from services.members.lookup import by_email, locked
from services.members.signing_in import check_password


def ask_for_reset(session: Session, email: str) -> None:
    """Have a link mailed to the member with this address, if there is one.

    Whether there is one is only looked up by the job: the answer takes equally long.
    """
    queue.defer(session, "members.mail_reset", email=email)


def mail_reset(session: Session, email: str, *, now: datetime) -> None:
    """Mail a link to the member with this address; an unknown one is passed over in silence.

    So is one that was sent so many mails that one more would only be a nuisance.
    """
    member = by_email(session, email)
    if member is None:
        return
    try:
        limits.count_reset_mail(session, to=member.email, now=now)
    except TooManyTries:
        return
    link, token = make_link(session, member, Purpose.RESET_PASSWORD, email=member.email, now=now)
    mailing.write(
        session,
        key=f"reset-password:{link.id}",
        member=member,
        to=member.email,
        locale=member.locale,
        template="members/reset_password",
        facts={"name": member.display_name, "path": paths.reset(token)},
        now=now,
    )


def find_reset(session: Session, token: str, *, now: datetime) -> MailToken:
    """The link by which a password is set; refuses with LinkNotValid."""
    return find_link(session, token, Purpose.RESET_PASSWORD, now=now)


def reset(session: Session, token: str, *, password: str, now: datetime) -> Member:
    """Set a new password by a mailed link, and sign out every browser and program.

    The link proves the address, so it is confirmed too. Refuses with LinkNotValid and
    PasswordTooWeak; a weak password does not use the link up.
    """
    link = find_link(session, token, Purpose.RESET_PASSWORD, now=now)
    member = locked(session, link.member_id)
    link = find_link(session, token, Purpose.RESET_PASSWORD, lock=True, now=now)
    # A link that went to an address the member has left since opens nothing.
    if member.closed_at is not None or link.email != member.email:
        raise LinkNotValid
    _set_password(session, member, password, keep_session=None, now=now)
    member.confirm(now)
    return member


def change_password(
    session: Session,
    member: Member,
    *,
    current_password: str,
    password: str,
    keep_session: int | None,
    now: datetime,
) -> None:
    """Set a new password, and sign out every program and browser but that of `keep_session`.

    Refuses with WrongPassword and PasswordTooWeak.
    """
    member = locked(session, member.id)
    check_password(member, current_password)
    _set_password(session, member, password, keep_session=keep_session, now=now)


def _set_password(
    session: Session, member: Member, password: str, *, keep_session: int | None, now: datetime
) -> None:
    """Whoever knew the old password keeps nothing that they made with it."""
    passwords.refuse_weak(password, personal=(member.display_name, member.email))
    member.password_hash = passwords.hashed(password)
    use_up(session, member, *Purpose, now=now)
    sessions.end_all(session, member, but=keep_session)
    session.execute(
        update(ApiToken)
        .where(ApiToken.member_id == member.id, ApiToken.revoked_at.is_(None))
        .values(revoked_at=now)
    )
    changed = events.record(
        session, PasswordChanged(by=member.id, participant_id=member.participant_id), now=now
    )
    mailing.write(
        session,
        key=f"password-changed:{changed}",
        member=member,
        to=member.email,
        locale=member.locale,
        template="members/password_changed",
        facts={"name": member.display_name, "path": paths.RESET},
        now=now,
    )

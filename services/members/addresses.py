"""Changing the address: the new one confirms, the old one is told."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.errors import Invalid
from models.members import LinkNotValid, MailToken, Member, Purpose
from models.words import N_
from services import events, mailing, paths
from services.locking import reserve
from services.members.happened import EmailChanged
from services.members.joining import confirm_joining
from services.members.links import find_link, make_link, use_up
from services.members.lookup import by_email, email_key, locked
from services.members.signing_in import check_password


class SameEmail(Invalid):
    code = "same-email"
    message = N_("This is your address already.")


def ask_for_email(
    session: Session, member: Member, *, email: str, current_password: str, now: datetime
) -> None:
    """Mail a link to the new address; nothing changes until it is opened.

    If the address belongs to somebody else they are told instead, and the answer is the same.
    Refuses with NotConfirmed who has not shown that the present address is theirs: somebody else
    may yet do so. Refuses with WrongPassword and SameEmail.
    """
    member = locked(session, member.id)
    member.require_confirmed()
    check_password(member, current_password)
    if email_key(email) == member.email_key:
        raise SameEmail(fields={"email": SameEmail.message})
    holder = by_email(session, email)
    link, token = make_link(session, member, Purpose.CHANGE_EMAIL, email=email, now=now)
    facts = {"name": member.display_name, "path": paths.confirmation(token)}
    if holder is not None:
        facts = {"name": holder.display_name, "path": paths.SIGN_IN}
    mailing.write(
        session,
        key=f"change-email:{link.id}",
        member=holder or member,
        to=holder.email if holder else email,
        locale=holder.locale if holder else member.locale,
        template="members/address_in_use" if holder else "members/confirm_new_email",
        facts=facts,
        now=now,
    )


def find_confirmation(session: Session, token: str, *, now: datetime) -> MailToken:
    """The link by which an address is confirmed, first or new; refuses with LinkNotValid."""
    return find_link(session, token, Purpose.CONFIRM_EMAIL, Purpose.CHANGE_EMAIL, now=now)


def confirm(
    session: Session, token: str, *, keep_session: int | None = None, now: datetime
) -> Member:
    """Confirm the address that the link was mailed to; refuses with LinkNotValid.

    A first confirmation signs every browser out but that of `keep_session`.
    """
    link = find_confirmation(session, token, now=now)
    if link.purpose == Purpose.CHANGE_EMAIL:
        return confirm_new(session, token, now=now)
    return confirm_joining(session, token, keep_session=keep_session, now=now)


def confirm_new(session: Session, token: str, *, now: datetime) -> Member:
    """Make the address that the link was mailed to the member's own, and tell the old one.

    Refuses with LinkNotValid, also if the address became somebody else's in between, or the
    old one was never confirmed.
    """
    link = find_link(session, token, Purpose.CHANGE_EMAIL, now=now)
    new = link.email or ""
    reserve(session, f"email:{email_key(new)}")
    member = locked(session, link.member_id)
    find_link(session, token, Purpose.CHANGE_EMAIL, lock=True, now=now)
    if member.closed_at is not None or not member.is_confirmed:
        raise LinkNotValid
    if by_email(session, new) is not None:
        raise LinkNotValid
    old = member.email
    member.email, member.email_key = new, email_key(new)
    member.confirmed_at = now
    use_up(session, member, *Purpose, now=now)
    changed = events.record(
        session, EmailChanged(by=member.id, participant_id=member.participant_id), now=now
    )
    mailing.write(
        session,
        key=f"email-changed:{changed}",
        member=member,
        to=old,
        locale=member.locale,
        template="members/email_changed",
        facts={"name": member.display_name, "email": new, "path": "/"},
        now=now,
    )
    return member

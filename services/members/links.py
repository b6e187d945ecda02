"""Links in mails: each good for one purpose, once, for a while; only its hash is kept."""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from models.members import LinkNotValid, MailToken, Member, Purpose
from services import secrets

GOOD_FOR = {
    Purpose.CONFIRM_EMAIL: timedelta(days=3),
    Purpose.CHANGE_EMAIL: timedelta(days=1),
    Purpose.RESET_PASSWORD: timedelta(hours=2),
}


def make_link(
    session: Session,
    member: Member,
    purpose: Purpose,
    *,
    email: str | None = None,
    password_hash: str | None = None,
    now: datetime,
) -> tuple[MailToken, str]:
    """A new link and the token in it, which only the mail knows."""
    token = secrets.draw()
    link = MailToken(
        token_hash=secrets.hashed(token),
        member_id=member.id,
        purpose=purpose,
        email=email,
        password_hash=password_hash,
        made_at=now,
        expires_at=now + GOOD_FOR[purpose],
    )
    session.add(link)
    session.flush()
    return link, token


def find_link(
    session: Session, token: str, *purposes: Purpose, lock: bool = False, now: datetime
) -> MailToken:
    """The link behind `token`; refuses with LinkNotValid what is used, too old or for another."""
    query = select(MailToken).filter_by(token_hash=secrets.hashed(token))
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    link = session.scalar(query)
    if link is None or link.purpose not in purposes or not link.is_good(now):
        raise LinkNotValid
    return link


def use_up(session: Session, member: Member, *purposes: Purpose, now: datetime) -> None:
    """None of the member's links for `purposes` opens anything any more."""
    session.execute(
        update(MailToken)
        .where(
            MailToken.member_id == member.id,
            MailToken.purpose.in_(purposes),
            MailToken.used_at.is_(None),
        )
        .values(used_at=now)
    )

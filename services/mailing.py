"""Mailing: each mail is written once for its key, with the act that caused it, and sent by a job.

A worker takes a mail (`take`), sends it outside of any transaction and says how that went
(`mark_sent`, `put_off`, `give_up`, `refuse`). Two workers never send one mail at the same time.
A worker that dies after the server accepted a mail and before it said so sends it again: mail is
delivered at least once, and its Message-ID, made from the key, lets readers see one mail.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.base import Json
from models.errors import NotFound
from models.members import Member
from models.notices import Mail, MailState
from services import queue

KEPT = timedelta(days=90)


@dataclass(frozen=True)
class Letter:
    """`emails/<template>.jinja` for one address, in the language `locale`, once for its key.

    `facts` are plain JSON; `facts["path"]` becomes the link of the mail. The text is made when
    it is sent.
    """

    key: str
    member: Member | None
    to: str
    locale: str
    template: str
    facts: Json


def write(
    session: Session,
    *,
    key: str,
    member: Member | None,
    to: str,
    locale: str,
    template: str,
    facts: Json,
    now: datetime,
) -> None:
    """Have one letter sent; what was written before under `key` stands."""
    write_many(session, [Letter(key, member, to, locale, template, facts)], now=now)


def write_many(session: Session, letters: Sequence[Letter], *, now: datetime) -> None:
    """Have these letters sent; what was written before under one of their keys stands."""
    if not letters:
        return
    written = session.scalars(
        insert(Mail).on_conflict_do_nothing(index_elements=["key"]).returning(Mail.id),
        [
            {
                "key": one.key,
                "member_id": one.member.id if one.member else None,
                "to_address": one.to,
                "locale": one.locale,
                "template": one.template,
                "facts": one.facts,
                "made_at": now,
            }
            for one in letters
        ],
    ).all()
    queue.defer_many(session, "mail.send", [{"mail_id": one} for one in written])


def take(session: Session, mail_id: int, *, now: datetime) -> Mail | None:
    """The mail, for the caller alone to send; None if it is not to be sent now.

    If another worker has it, a later job looks whether that one finished.
    """
    mail = _locked(session, mail_id)
    if mail is None or mail.state != MailState.WAITING:
        return None
    if mail.is_taken(now):
        queue.defer(session, "mail.send", at=mail.taken_until_at, mail_id=mail_id)
        return None
    mail.take(now)
    return mail


def mark_sent(session: Session, mail_id: int, *, now: datetime) -> None:
    """Say that the server has accepted the mail."""
    mail = _locked(session, mail_id)
    if mail is not None and mail.state == MailState.WAITING:
        mail.mark_sent(now)


def put_off(session: Session, mail_id: int, failure: str, *, now: datetime) -> None:
    """Try again later, with growing pauses; after the last try the mail has failed."""
    mail = _locked(session, mail_id)
    if mail is not None and mail.state == MailState.WAITING:
        again_at = mail.put_off(failure[:500], now)
        if again_at is not None:
            queue.defer(session, "mail.send", at=again_at, mail_id=mail_id)


def give_up(session: Session, mail_id: int, failure: str) -> None:
    """Keep why the mail can never be sent: refused for good (RFC 5321, 5yz) or not writable.

    Its address may be a good one; for one that is not there is `refuse`.
    """
    mail = _locked(session, mail_id)
    if mail is not None and mail.state == MailState.WAITING:
        mail.give_up(failure[:500])


def refuse(session: Session, mail_id: int, failure: str) -> None:
    """Keep that the mail's address takes no mail; no notices are mailed there any more."""
    mail = _locked(session, mail_id)
    if mail is not None and mail.state == MailState.WAITING:
        mail.mark_bounced(failure[:500])


def send_again(session: Session, mail_id: int) -> bool:
    """Let a mail that failed or bounced begin anew, as if its address had never refused it.

    False: what it said is forgotten, so only its address is tried again, by what comes next.
    Refuses with NotFound, and with NotInThisState what waits or was sent.
    """
    mail = _locked(session, mail_id)
    if mail is None:
        raise NotFound
    mail.begin_again()
    if not mail.facts:
        session.delete(mail)
        return False
    queue.defer(session, "mail.send", mail_id=mail.id)
    return True


def mark_bounced(session: Session, address: str, failure: str) -> int:
    """Say that mail to `address` came back; how many mails that concerns.

    Notices are no longer mailed there until the member gives another address.
    """
    sent = session.scalars(
        select(Mail)
        .where(func.lower(Mail.to_address) == address.lower(), Mail.state == MailState.SENT)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).all()
    for mail in sent:
        mail.mark_bounced(failure[:500])
    return len(sent)


def bounced_among(session: Session, addresses: Sequence[str]) -> set[str]:
    """Those of the addresses from which mail came back, or which never took it."""
    return set(
        session.scalars(
            select(Mail.to_address)
            .where(Mail.to_address.in_(addresses), Mail.state == MailState.BOUNCED)
            .distinct()
        )
    )


def failed(session: Session, *, limit: int = 20) -> Sequence[Mail]:
    """The newest mails that were given up or came back."""
    return session.scalars(
        select(Mail)
        .where(Mail.state.in_([MailState.FAILED, MailState.BOUNCED]))
        .order_by(Mail.id.desc())
        .limit(limit)
    ).all()


def count_by_state(session: Session) -> dict[MailState, int]:
    rows = session.execute(select(Mail.state, func.count()).group_by(Mail.state))
    return {row[0]: row[1] for row in rows}


def forget_old(session: Session, *, now: datetime) -> None:
    """Delete mails sent or given up three months ago: nobody needs their text any more.

    Of those that came back the address stays, for no notice is mailed there.
    """
    before = now - KEPT
    sent = (Mail.state == MailState.SENT) & (Mail.sent_at < before)
    given_up = (Mail.state == MailState.FAILED) & (Mail.made_at < before)
    came_back = (Mail.state == MailState.BOUNCED) & (Mail.made_at < before)
    for statement in (
        delete(Mail).where(sent | given_up),
        update(Mail).where(came_back, Mail.facts != {}).values(facts={}),
    ):
        session.execute(statement.execution_options(synchronize_session=False))


def _locked(session: Session, mail_id: int) -> Mail | None:
    return session.scalar(
        select(Mail)
        .filter_by(id=mail_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )

"""Notices: telling members what concerns them, once for each event, by the ways they chose."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import FromClause, ScalarSelect, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.actors import AnyMember
from models.base import Json
from models.errors import NotFound
from models.events import Event
from models.members import Member
from models.notices import Notice, NoticeKind, Preference
from services import mailing
from services.notices.texts import TEXTS, placeholders

# Statements of reasons and word about the own account reach everyone (Regulation 2022/2065
# Art. 17); nobody can switch them off.
ALWAYS_TOLD = (NoticeKind.MODERATION, NoticeKind.ACCOUNT)
CHOOSABLE = tuple(kind for kind in NoticeKind if kind not in ALWAYS_TOLD)
# What is a mail and nothing else.
MAIL_ALONE = (NoticeKind.DIGEST,)


# Beyond, nobody wants to know how many.
MOST_COUNTED = 100


@dataclass(frozen=True)
class Telling:
    """What is told: a text by its name, the facts that fill it, and where to read more.

    Facts are plain JSON. Money is `{"minor": 1250, "currency": "EUR"}`, a moment
    `{"moment": "2026-11-27T17:00:00+00:00"}`, a marked text of ours `{"text": "…"}`; they are
    written in the reader's language. The fact `zone` names the time zone of the moments.
    The fact `words` is quoted below the text as a member wrote it; `guest` is whom it is for, where
    somebody else reads it for them.
    """

    kind: NoticeKind
    message: str
    facts: Json = field(default_factory=dict)
    path: str = ""
    by_mail: bool = True

    def __post_init__(self) -> None:
        missing = placeholders(self.message) - set(self.facts)
        if missing:
            raise ValueError(f"The text {self.message} lacks {', '.join(sorted(missing))}.")

    @property
    def plain(self) -> Json:
        """As a job carries it to the next batch."""
        return asdict(self)

    @classmethod
    def of_plain(cls, plain: Mapping[str, Any]) -> "Telling":
        return cls(**{**plain, "kind": NoticeKind(plain["kind"])})


@dataclass(frozen=True)
class Ways:
    """How a member hears of one kind of notice."""

    on_page: bool = True
    by_mail: bool = True


def tell_all(
    session: Session, event: Event, members: Sequence[Member], telling: Telling, *, now: datetime
) -> None:
    """Tell each of `members` of `event`; whoever has been told hears nothing new.

    Members who left or never confirmed their address are passed over.
    """
    told = [one for one in members if one.confirmed_at is not None and one.closed_at is None]
    if not told:
        return
    ways = _ways(session, [member.id for member in told], telling.kind)
    on_page = [member for member in told if ways.get(member.id, Ways()).on_page]
    if on_page:
        # The rows as parameters: in VALUES they would have the statement compiled anew each time.
        # With RETURNING all of them are sent in one.
        session.execute(
            insert(Notice).on_conflict_do_nothing().returning(Notice.id),
            [_row(event, member, telling, now) for member in on_page],
        )
    by_mail = [member for member in told if ways.get(member.id, Ways()).by_mail]
    if telling.by_mail and by_mail:
        _mail(session, event, by_mail, telling, now)


def _row(event: Event, member: Member, telling: Telling, now: datetime) -> Json:
    return {
        "member_id": member.id,
        "event_id": event.id,
        "kind": telling.kind,
        "message": telling.message,
        "facts": telling.facts,
        "path": telling.path,
        "made_at": now,
    }


def _mail(
    session: Session, event: Event, members: Sequence[Member], telling: Telling, now: datetime
) -> None:
    bounced = mailing.bounced_among(session, [member.email for member in members])
    letters = [
        mailing.Letter(
            key=f"notice:{event.id}:{member.id}:{telling.message}",
            member=member,
            to=member.email,
            locale=member.locale,
            template="notice",
            facts={
                "name": member.display_name,
                "kind": telling.kind,
                "message": telling.message,
                "told": telling.facts,
                "path": telling.path,
            },
        )
        for member in members
        if member.email not in bounced
    ]
    mailing.write_many(session, letters, now=now)


def inbox(
    session: Session, member: AnyMember, *, before: int | None = None, limit: int = 30
) -> tuple[Sequence[Notice], int | None]:
    """The member's notices, newest first, and where the older ones begin, if there are any."""
    query = select(Notice).where(Notice.member_id == member.id)
    if before is not None:
        query = query.where(Notice.id < before)
    found = session.scalars(query.order_by(Notice.id.desc()).limit(limit + 1)).all()
    return found[:limit], found[limit - 1].id if len(found) > limit else None


def open_one(session: Session, member: AnyMember, notice_id: int, *, now: datetime) -> Notice:
    """The notice, read from now on; refuses with NotFound what is not the member's."""
    notice = session.get(Notice, notice_id)
    if notice is None or notice.member_id != member.id:
        raise NotFound
    if notice.read_at is None:
        notice.read_at = now
    return notice


def mark_all_read(session: Session, member: AnyMember, *, now: datetime) -> None:
    session.execute(
        update(Notice)
        .where(Notice.member_id == member.id, Notice.read_at.is_(None))
        .values(read_at=now)
    )


def unread_of(of_members: FromClause) -> ScalarSelect[int]:
    """How many notices a member has not read, up to 100, as part of a statement that names them."""
    notice = Notice.__table__.c
    unread = select(notice.id).where(
        notice.member_id == of_members.c.member_id, notice.read_at.is_(None)
    )
    counted = unread.limit(MOST_COUNTED).correlate(of_members).lateral()
    return select(func.count()).select_from(counted).correlate(of_members).scalar_subquery()


def preferences(session: Session, member: AnyMember) -> dict[NoticeKind, Ways]:
    """How the member hears of each kind that can be chosen."""
    rows = session.scalars(select(Preference).filter_by(member_id=member.id))
    chosen = {row.kind: Ways(row.on_page, row.by_mail) for row in rows}
    return {kind: chosen.get(kind, Ways()) for kind in CHOOSABLE}


def prefer(session: Session, member_id: int, ways: Mapping[NoticeKind, Ways]) -> None:
    """Keep how a member wants to hear of the given kinds; what is always told stays so."""
    for kind, chosen in ways.items():
        if kind in CHOOSABLE:
            put = insert(Preference).values(
                member_id=member_id, kind=kind, on_page=chosen.on_page, by_mail=chosen.by_mail
            )
            session.execute(
                put.on_conflict_do_update(
                    index_elements=["member_id", "kind"],
                    set_={"on_page": put.excluded.on_page, "by_mail": put.excluded.by_mail},
                )
            )


def stop_mail(session: Session, member_id: int, kind: NoticeKind) -> None:
    """No more mail of this kind; on the page nothing changes (RFC 8058, one click)."""
    if session.get(Member, member_id) is None:
        raise NotFound
    before = session.get(Preference, (member_id, kind))
    prefer(session, member_id, {kind: Ways(before.on_page if before else True, by_mail=False)})


def _ways(session: Session, member_ids: Sequence[int], kind: NoticeKind) -> dict[int, Ways]:
    if kind in ALWAYS_TOLD:
        return {}
    rows = session.scalars(
        select(Preference).where(Preference.member_id.in_(member_ids), Preference.kind == kind)
    )
    return {row.member_id: Ways(row.on_page, row.by_mail) for row in rows}


__all__ = ["TEXTS", "Telling", "Ways", "tell_all"]

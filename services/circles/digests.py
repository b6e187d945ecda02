"""Digests: once a week a mail on what was said, begun and who came in one's circles."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from models.base import Json
from models.circles import Circle, CircleMembership, CircleState, MembershipState
from models.collaborations import Collaboration, State, Visibility
from models.dialogue import Message
from models.members import Member
from models.notices import NoticeKind, Preference
from services import mailing, paths, queue

BATCH = 200
WEEK = timedelta(days=7)
# Of each circle; who wants to see more looks there.
MOST_DEALS = 3


def write_digests(session: Session, *, until: datetime, now: datetime, after: int = 0) -> None:
    """Write the mails of the week before `until`, batch after batch; again, none is written twice.

    A circle in which nothing happened is left out, and whoever has no other gets no mail.
    """
    members = _readers(session, after)
    belonging = _circles_of(session, members)
    news = _news(session, {one for some in belonging.values() for one in some}, until)
    letters = [
        mailing.Letter(
            key=f"digest:{until:%G-%V}:{member.id}",
            member=member,
            to=member.email,
            locale=member.locale,
            template="digest",
            facts={
                "name": member.display_name,
                "kind": NoticeKind.DIGEST,
                "circles": told,
                "path": paths.CIRCLES,
            },
        )
        for member in members
        if (told := [news[one] for one in belonging.get(member.participant_id, ()) if one in news])
    ]
    bounced = mailing.bounced_among(session, [one.to for one in letters])
    mailing.write_many(session, [one for one in letters if one.to not in bounced], now=now)
    if len(members) == BATCH:
        queue.defer(session, "circles.write_digests", until=until.isoformat(), after=members[-1].id)


def _readers(session: Session, after: int) -> Sequence[Member]:
    """The next members who are in an open circle, and want the mail."""
    belongs = exists().where(
        CircleMembership.participant_id == Member.participant_id,
        CircleMembership.state == MembershipState.ACTIVE,
    )
    declines = exists().where(
        Preference.member_id == Member.id,
        Preference.kind == NoticeKind.DIGEST,
        Preference.by_mail.is_(False),
    )
    return session.scalars(
        select(Member)
        .where(
            Member.id > after,
            Member.confirmed_at.is_not(None),
            Member.closed_at.is_(None),
            belongs,
            ~declines,
        )
        .order_by(Member.id)
        .limit(BATCH)
    ).all()


def _circles_of(session: Session, members: Sequence[Member]) -> dict[int, list[int]]:
    """By participant, the ids of the open circles they are in, the oldest membership first."""
    rows = session.execute(
        select(CircleMembership.participant_id, CircleMembership.circle_id)
        .join(Circle, Circle.id == CircleMembership.circle_id)
        .where(
            CircleMembership.participant_id.in_([one.participant_id for one in members]),
            CircleMembership.state == MembershipState.ACTIVE,
            Circle.state == CircleState.OPEN,
        )
        .order_by(CircleMembership.id)
    )
    belonging: dict[int, list[int]] = {}
    for participant_id, circle_id in rows:
        belonging.setdefault(participant_id, []).append(circle_id)
    return belonging


def _news(session: Session, circle_ids: Collection[int], until: datetime) -> dict[int, Json]:
    """What happened in each of these within the week; nothing for those in which nothing did."""
    if not circle_ids:
        return {}
    is_shown = Message.hidden_at.is_(None)
    said = _counts(session, Message.circle_id, Message.made_at, circle_ids, until, is_shown)
    member = CircleMembership
    # Who founded it is no news to it.
    founded_at = select(Circle.made_at).where(Circle.id == member.circle_id).scalar_subquery()
    is_in = (member.state == MembershipState.ACTIVE) & (member.since_at > founded_at)
    came = _counts(session, member.circle_id, member.since_at, circle_ids, until, is_in)
    begun = _begun(session, circle_ids, until)
    lively = {*said, *came, *begun}
    return {
        circle.id: {
            "name": circle.name,
            "path": paths.circle(circle.slug),
            "messages": said.get(circle.id, 0),
            "members": came.get(circle.id, 0),
            "deals": begun.get(circle.id, []),
        }
        for circle in session.scalars(select(Circle).where(Circle.id.in_(lively)))
    }


def _counts(
    session: Session,
    circle_id: InstrumentedAttribute[Any],
    moment: InstrumentedAttribute[datetime],
    circle_ids: Collection[int],
    until: datetime,
    condition: ColumnElement[bool],
) -> dict[int, int]:
    """How many rows of the week there are by circle."""
    rows = session.execute(
        select(circle_id, func.count())
        .where(circle_id.in_(circle_ids), moment > until - WEEK, moment <= until, condition)
        .group_by(circle_id)
    )
    counts: dict[int, int] = dict(iter(rows))
    return counts


def _begun(session: Session, circle_ids: Collection[int], until: datetime) -> dict[int, list[Json]]:
    """The newest of what opened in the week for all members, a few of each circle."""
    rows = session.scalars(
        select(Collaboration)
        .where(
            Collaboration.circle_id.in_(circle_ids),
            Collaboration.state != State.DRAFT,
            Collaboration.visibility.in_([Visibility.PUBLIC, Visibility.CIRCLE]),
            Collaboration.opens_at > until - WEEK,
            Collaboration.opens_at <= until,
        )
        .order_by(Collaboration.id.desc())
    )
    begun: dict[int, list[Json]] = {}
    for deal in rows:
        some = begun.setdefault(deal.circle_id or 0, [])
        if len(some) < MOST_DEALS:
            some.append({"title": deal.title, "path": paths.deal(deal.slug)})
    return begun

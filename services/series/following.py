"""Following: a member is told when a new round opens, until they say that it is enough."""

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy
from models.collaborations import Visibility
from models.events import Event
from models.members import Member
from models.notices import NoticeKind
from models.series import Follower, Series
from services import notices, paths, queue
from services.notices import Telling

BATCH = 200


def follow(session: Session, series: Series, *, actor: Actor, now: datetime) -> None:
    """Tell the member of every new round; doing it twice changes nothing."""
    session.execute(
        insert(Follower)
        .values(series_id=series.id, member_id=actor.member.id, since_at=now)
        .on_conflict_do_nothing()
    )


def unfollow(session: Session, series: Series, *, actor: Actor) -> None:
    session.execute(
        delete(Follower).where(
            Follower.series_id == series.id, Follower.member_id == actor.member.id
        )
    )


def follows(session: Session, series: Series, actor: Actor | None) -> bool:
    if actor is None:
        return False
    return session.get(Follower, (series.id, actor.member.id)) is not None


def tell_followers(
    session: Session, event: Event, deal: GroupBuy, *, now: datetime, after: int = 0
) -> None:
    """Tell the followers that a round opens, batch after batch; not who opened it themself.

    Those for whom a round is by name are told so anyway, and nobody else may know of it.
    """
    if deal.series_id is None or (deal.round_number or 0) < 2:
        return
    if deal.visibility == Visibility.NAMED:
        return
    members = session.scalars(
        select(Member)
        .join(Follower, Follower.member_id == Member.id)
        .where(Follower.series_id == deal.series_id, Member.id > after)
        .order_by(Member.id)
        .limit(BATCH)
    ).all()
    others = [one for one in members if one.id != event.member_id]
    notices.tell_all(session, event, others, _telling(deal, now), now=now)
    if len(members) == BATCH:
        queue.defer(session, "series.tell_more", event_id=event.id, after=members[-1].id)


def tell_more(session: Session, event_id: int, after: int, *, now: datetime) -> None:
    """Go on where a batch ended."""
    event = session.get_one(Event, event_id)
    deal = session.get_one(GroupBuy, event.collaboration_id)
    tell_followers(session, event, deal, now=now, after=after)


def _telling(deal: GroupBuy, now: datetime) -> Telling:
    is_linked = deal.visibility == Visibility.LINK
    path = paths.linked_deal(deal.slug, deal.link_key) if is_linked else paths.deal(deal.slug)
    facts = {"title": deal.title, "opens_at": _moment(deal.opens_at)}
    message = "round-opens"
    if deal.opens_at <= now:
        message, facts = "round-open", {"title": deal.title, "closes_at": _moment(deal.closes_at)}
    return Telling(NoticeKind.SERIES, message, facts, path)


def _moment(moment: datetime) -> dict[str, str]:
    return {"moment": moment.isoformat()}

"""Following: a member is told when a new round opens, until they say that it is enough."""

from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, select, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy
from models.collaborations import Commitment, Visibility
from models.events import Event
from models.members import Member
from models.notices import NoticeKind
from models.series import Follower, Series
from services import notices, paths, queue
from services.buying.happened import GroupBuyScheduled
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
    """Tell the followers that a round will open, or opens, batch after batch.

    Not who opened it themself. Those for whom a round is by name, or by their circle, are told so
    anyway, and nobody else may know of it. What only those with the link see is told to whom it
    was open before.
    """
    if deal.series_id is None or (deal.round_number or 0) < 2:
        return
    # Whoever is named, and whoever is in the circle, is told for that.
    if deal.visibility in (Visibility.NAMED, Visibility.CIRCLE):
        return
    members = session.scalars(
        select(Member)
        .join(Follower, Follower.member_id == Member.id)
        .where(Follower.series_id == deal.series_id, Member.id > after, _may_hear(session, deal))
        .order_by(Member.id)
        .limit(BATCH)
    ).all()
    others = [one for one in members if one.id != event.member_id]
    notices.tell_all(session, event, others, _telling(event, deal), now=now)
    if len(members) == BATCH:
        queue.defer(session, "series.tell_more", event_id=event.id, after=members[-1].id)


def _may_hear(session: Session, deal: GroupBuy) -> ColumnElement[bool]:
    """Which followers hear of this round: a series once public was followed by anybody.

    Its link goes to those of them who have ordered in it. Where every round was by link, all who
    follow had it.
    """
    before = select(GroupBuy.id).where(
        GroupBuy.series_id == deal.series_id,
        GroupBuy.round_number < deal.round_number,
        GroupBuy.visibility == Visibility.PUBLIC,
    )
    if deal.visibility != Visibility.LINK or session.scalar(before.limit(1)) is None:
        return true()
    rounds = select(GroupBuy.id).where(GroupBuy.series_id == deal.series_id)
    return exists().where(
        Commitment.made_by_id == Member.id, Commitment.collaboration_id.in_(rounds)
    )


def tell_more(session: Session, event_id: int, after: int, *, now: datetime) -> None:
    """Go on where a batch ended."""
    event = session.get_one(Event, event_id)
    deal = session.get_one(GroupBuy, event.collaboration_id)
    tell_followers(session, event, deal, now=now, after=after)


def _telling(event: Event, deal: GroupBuy) -> Telling:
    is_linked = deal.visibility == Visibility.LINK
    path = paths.linked_deal(deal.slug, deal.link_key) if is_linked else paths.deal(deal.slug)
    if event.kind == GroupBuyScheduled.__name__:
        message, moment = "round-opens", {"opens_at": _moment(deal.opens_at)}
    else:
        message, moment = "round-open", {"closes_at": _moment(deal.closes_at)}
    facts = {"title": deal.title, "zone": deal.time_zone, **moment}
    return Telling(NoticeKind.SERIES, message, facts, path)


def _moment(moment: datetime) -> dict[str, str]:
    return {"moment": moment.isoformat()}

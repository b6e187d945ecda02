"""Finding series: whoever may know of one of its rounds may know of the series."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, or_, select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.base import Json
from models.buying import GroupBuy
from models.collaborations import NotTheOrganiser, State, Visibility
from models.errors import NotFound
from models.events import Event
from models.series import Follower, Series
from models.words import N_
from services.knowing import known_by_belonging, may_know
from services.paging import Page, paged, position
from services.series import happened


@dataclass(frozen=True)
class Place:
    """Where a group buy stands in its series; rounds before and after that are open to see."""

    series: Series
    number: int
    before: GroupBuy | None
    after: GroupBuy | None
    is_followed: bool


@dataclass(frozen=True)
class AtDesk:
    """A series with the draft of its next round, if one waits to be opened."""

    series: Series
    draft: GroupBuy | None


def find(
    session: Session,
    slug: str | int,
    *,
    actor: Actor | None = None,
    link_key: str = "",
    lock: bool = False,
) -> Series:
    """The series at `slug`, if `actor` may know of it; programs know it by its id.

    Refuses with NotFound, in the same words, what does not exist and what must not be known.
    """
    query = select(Series)
    query = query.filter_by(id=slug) if isinstance(slug, int) else query.filter_by(slug=slug)
    if lock:
        query = query.with_for_update(key_share=True).execution_options(populate_existing=True)
    found = session.scalar(query)
    if found is None or not _may_know(session, found, actor, link_key):
        raise NotFound(N_("There is no such series, or it is not open to you."))
    return found


def organised(session: Session, slug: str | int, *, actor: Actor, lock: bool = False) -> Series:
    """The series at `slug` for those who run its newest round; refuses with NotTheOrganiser."""
    found = find(session, slug, actor=actor, lock=lock)
    if not newest(session, found).is_organised_by(actor):
        raise NotTheOrganiser
    return found


def locked(session: Session, series_id: int) -> Series:
    """The series for one act alone; for jobs, which may know of everything."""
    found = session.scalar(
        select(Series)
        .filter_by(id=series_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def newest(session: Session, series: Series, *, opened: bool = False) -> GroupBuy:
    """The newest round: with `opened`, the newest one that is no draft any more."""
    query = select(GroupBuy).filter_by(series_id=series.id)
    if opened:
        query = query.where(GroupBuy.state != State.DRAFT)
    query = query.order_by(GroupBuy.round_number.desc()).limit(1)
    # A series begins with a deal that was opened, and only drafts are ever thrown away.
    return session.scalars(query).unique().one()


def rounds(
    session: Session,
    series: Series,
    *,
    actor: Actor | None = None,
    after: str | None = None,
    limit: int = 24,
) -> Page[GroupBuy]:
    """The rounds that were opened, the newest first; refuses with CursorNotValid.

    Whoever may know of the newest may know of these: rounds for fewer people are left out.
    """
    visibility = newest(session, series, opened=True).visibility
    query = (
        select(GroupBuy)
        .where(
            GroupBuy.series_id == series.id,
            GroupBuy.state != State.DRAFT,
            _beside(visibility, actor),
        )
        .order_by(GroupBuy.round_number.desc())
        .limit(limit + 1)
    )
    since = position(after, int)
    if since is not None:
        query = query.where(GroupBuy.round_number < since[0])
    return paged(session.scalars(query).unique().all(), limit, lambda one: (one.round_number or 0,))


def place_of(session: Session, group_buy: GroupBuy, actor: Actor | None) -> Place | None:
    """Where the group buy stands in its series, if it belongs to one."""
    if group_buy.series_id is None or group_buy.round_number is None:
        return None
    followed = exists().where(
        Follower.series_id == Series.id,
        Follower.member_id == (actor.member.id if actor is not None else None),
    )
    series, is_followed = session.execute(
        select(Series, followed).where(Series.id == group_buy.series_id)
    ).one()
    # Numbers have no gaps: a draft that is thrown away gives its number to the next.
    beside = session.scalars(
        select(GroupBuy).where(
            GroupBuy.series_id == series.id,
            GroupBuy.state != State.DRAFT,
            _beside(group_buy.visibility, actor),
            GroupBuy.round_number.in_([group_buy.round_number - 1, group_buy.round_number + 1]),
        )
    ).unique()
    by_number = {one.round_number: one for one in beside}
    return Place(
        series,
        group_buy.round_number,
        by_number.get(group_buy.round_number - 1),
        by_number.get(group_buy.round_number + 1),
        is_followed,
    )


def _beside(visibility: Visibility, actor: Actor | None) -> ColumnElement[bool]:
    """Which rounds `actor` may know of who knows one of this visibility.

    Each round for named people has names of its own, and each may be in another circle.
    """
    is_for_few = GroupBuy.visibility.in_([Visibility.NAMED, Visibility.CIRCLE])
    return GroupBuy.visibility.in_({Visibility.PUBLIC, visibility}) & or_(
        ~is_for_few, known_by_belonging(actor)
    )


def at_desk(session: Session, group_buy: GroupBuy) -> AtDesk | None:
    """What those who run the group buy see of its series, if it belongs to one."""
    if group_buy.series_id is None:
        return None
    series = session.get_one(Series, group_buy.series_id)
    latest = newest(session, series)
    is_waiting = latest.state == State.DRAFT and latest.id != group_buy.id
    return AtDesk(series, latest if is_waiting else None)


def changes_of(session: Session, group_buy: GroupBuy) -> tuple[Sequence[Json], int]:
    """What the supplier's list changed against the round before, and how much of it in all."""
    if group_buy.series_id is None:
        return (), 0
    facts = session.scalar(
        select(Event.facts)
        .where(
            Event.collaboration_id == group_buy.id,
            Event.kind.in_([kind.__name__ for kind in happened.RoundMade.__subclasses__()]),
        )
        .order_by(Event.id)
        .limit(1)
    )
    return (facts["changes"], facts["changes_count"]) if facts else ((), 0)


def _may_know(session: Session, series: Series, actor: Actor | None, link_key: str) -> bool:
    if may_know(session, newest(session, series, opened=True), actor, link_key):
        return True
    return newest(session, series).is_organised_by(actor)

"""Rescheduling: where and when goods are fetched changes, and everyone concerned is told.

Another pick-up point takes nothing from anybody, so nobody has to agree to it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy, GroupBuyCommitment, PickupPoint, Stage
from models.collaborations import State
from models.errors import Conflict, Invalid, NotFound
from models.members import TooManyTries
from models.words import N_
from services import events, throttles
from services.buying import consenting, drafting, finding
from services.buying.describing import NewPickupPoint, guard_pickup
from services.buying.drafting import InReview
from services.events import Happened
from services.throttles import Limit, Try


class NothingToFetch(Conflict):
    code = "nothing-to-fetch"
    message = N_("There is nothing to fetch here any more.")


class HandOverHasBegun(Conflict):
    code = "hand-over-has-begun"
    message = N_("The hand-over has begun: where goods are fetched stays as it is.")


class PickupChosen(Conflict):
    code = "pickup-chosen"
    message = N_("Somebody wants to fetch their goods there. Change its place or time instead.")


class PickupChangedTooOften(TooManyTries):
    code = "pickup-changed-too-often"
    message = N_(
        "The pick-up was changed %(limit)s times within a day, and everyone who joined was told "
        "each time. You can change it again from %(until)s on."
    )


class LastPickup(Conflict):
    code = "last-pickup"
    message = N_("It is the only place where goods are fetched.")


# Each change is told to everyone who joined: a mistake is mended, nobody is mailed all day.
CHANGES = Limit("pickup-changes", 10, timedelta(days=1))


@dataclass(frozen=True, kw_only=True)
class PickupNamed(Happened):
    """What is told of a pick-up point."""

    pickup_point_id: int
    name: str
    address: str
    from_at: str
    until_at: str


@dataclass(frozen=True, kw_only=True)
class PickupChanged(PickupNamed):
    """A pick-up point has another place or time."""


@dataclass(frozen=True, kw_only=True)
class PickupAdded(PickupNamed):
    """Goods can be fetched at one more place or time."""


@dataclass(frozen=True, kw_only=True)
class PickupRemoved(Happened):
    """A pick-up point that nobody had chosen is gone."""

    name: str


def pickup_point(session: Session, group_buy: GroupBuy, point_id: int) -> PickupPoint:
    """One pick-up point of this group buy; refuses with NotFound."""
    point = session.get(PickupPoint, point_id)
    if point is None or point.group_buy_id != group_buy.id:
        raise NotFound
    return point


def move_pickup(
    session: Session,
    group_buy: GroupBuy,
    point: PickupPoint,
    given: NewPickupPoint,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Change place, time or note of a pick-up point, before and after the close.

    The caller holds the lock. Refuses with Invalid (naming the field) times that are over or lie
    before the close, with NothingToFetch when the group buy has ended, with InReview while its
    supplier is asked, and with PickupChangedTooOften.
    """
    if consenting.is_asked(group_buy):
        raise InReview
    if group_buy.state in (State.COMPLETED, State.FAILED, State.CANCELLED):
        raise NothingToFetch
    _guard_times(group_buy, given, now)
    for name, value in vars(given).items():
        setattr(point, name, value)
    group_buy.touch()
    session.flush()
    if group_buy.state != State.DRAFT:
        _count(session, group_buy, now)
        _tell(session, PickupChanged, group_buy, point, actor=actor, now=now)


def add_pickup(
    session: Session, group_buy: GroupBuy, given: NewPickupPoint, *, actor: Actor, now: datetime
) -> PickupPoint:
    """Offer one more pick-up point, in a draft and until the hand-over; those who joined are told.

    The caller holds the lock. Refuses with Invalid (naming the field) times that are over or lie
    before the close, with NothingToFetch, HandOverHasBegun, InReview, TooManyPickups, and with
    PickupChangedTooOften.
    """
    if group_buy.state == State.DRAFT:
        return drafting.add_pickup_point(session, group_buy, given)
    guard_ahead(group_buy)
    _guard_times(group_buy, given, now)
    _count(session, group_buy, now)
    point = drafting.new_pickup_point(session, group_buy, given)
    _tell(session, PickupAdded, group_buy, point, actor=actor, now=now)
    return point


def remove_pickup(
    session: Session, group_buy: GroupBuy, point_id: int, *, actor: Actor, now: datetime
) -> None:
    """Take a pick-up point away that nobody has chosen, in a draft and until the hand-over.

    The caller holds the lock. Refuses with NotFound, PickupChosen, LastPickup, NothingToFetch,
    HandOverHasBegun, and with InReview.
    """
    if group_buy.state == State.DRAFT:
        drafting.remove_pickup_point(session, group_buy, point_id)
        return
    guard_ahead(group_buy)
    point = pickup_point(session, group_buy, point_id)
    if point.id in chosen(session, group_buy):
        raise PickupChosen
    if not group_buy.ships and len(finding.pickup_points(session, group_buy)) == 1:
        raise LastPickup
    session.delete(point)
    group_buy.touch()
    events.record(
        session,
        PickupRemoved(by=actor.member.id, collaboration_id=group_buy.id, name=point.name),
        now=now,
    )


def chosen(session: Session, group_buy: GroupBuy) -> set[int]:
    """The ids of the pick-up points that stand in an order, whatever became of it."""
    rows = session.scalars(
        select(GroupBuyCommitment.pickup_point_id)
        .where(
            GroupBuyCommitment.collaboration_id == group_buy.id,
            GroupBuyCommitment.pickup_point_id.is_not(None),
        )
        .distinct()
    )
    return {one for one in rows if one is not None}


def may_change_points(group_buy: GroupBuy) -> bool:
    """Whether pick-up points can be added after the opening: until the hand-over begins."""
    return (
        group_buy.state in (State.OPEN, State.DECIDING, State.COLLECTING, State.RUNNING)
        and group_buy.stage != Stage.HANDING_OVER
    )


def guard_ahead(group_buy: GroupBuy) -> None:
    """Refuse with HandOverHasBegun or NothingToFetch once no pick-up points can be added."""
    if group_buy.stage == Stage.HANDING_OVER:
        raise HandOverHasBegun
    if not may_change_points(group_buy):
        raise NothingToFetch


def _count(session: Session, group_buy: GroupBuy, now: datetime) -> None:
    change = Try(CHANGES, str(group_buy.id))
    throttles.take_in_act(session, change, refusal=PickupChangedTooOften, now=now)


def _guard_times(group_buy: GroupBuy, given: NewPickupPoint, now: datetime) -> None:
    guard_pickup(group_buy, given)
    if given.until_at <= now:
        raise Invalid(fields={"until_at": N_("This lies in the past.")})


def _tell(
    session: Session,
    what: type[PickupNamed],
    group_buy: GroupBuy,
    point: PickupPoint,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    events.record(
        session,
        what(
            by=actor.member.id,
            collaboration_id=group_buy.id,
            pickup_point_id=point.id,
            name=point.name,
            address=point.address,
            from_at=point.from_at.isoformat(),
            until_at=point.until_at.isoformat(),
        ),
        now=now,
    )

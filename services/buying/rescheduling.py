"""Rescheduling: where and when goods are fetched changes, and everyone concerned is told."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy, PickupPoint
from models.collaborations import State
from models.errors import Conflict, Invalid, NotFound
from models.words import N_
from services import events
from services.buying import consenting
from services.buying.describing import NewPickupPoint, guard_pickup
from services.buying.drafting import InReview
from services.events import Happened


class NothingToFetch(Conflict):
    code = "nothing-to-fetch"
    message = N_("There is nothing to fetch here any more.")


@dataclass(frozen=True, kw_only=True)
class PickupChanged(Happened):
    """A pick-up point has another place or time."""

    pickup_point_id: int
    name: str
    address: str
    from_at: str
    until_at: str


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
    before the close, with NothingToFetch when the group buy has ended, and with InReview while
    its supplier is asked.
    """
    if consenting.is_asked(group_buy):
        raise InReview
    if group_buy.state in (State.COMPLETED, State.FAILED, State.CANCELLED):
        raise NothingToFetch
    guard_pickup(group_buy, given)
    if given.until_at <= now:
        raise Invalid(fields={"until_at": N_("This lies in the past.")})
    for name, value in vars(given).items():
        setattr(point, name, value)
    group_buy.touch()
    session.flush()
    if group_buy.state == State.DRAFT:
        return
    events.record(
        session,
        PickupChanged(
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

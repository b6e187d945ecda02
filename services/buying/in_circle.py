"""Group buys in a circle: done by one of its members, and for all of them or for everyone."""

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from models.buying import GroupBuy
from models.circles import Circle, CircleMembership, CircleState, MembershipState
from models.collaborations import Visibility
from models.errors import Invalid
from models.words import N_


class NotOfThisCircle(Invalid):
    code = "not-of-this-circle"
    message = N_("Only members of a circle organise in it, and only while it goes on.")


class NoCircleNamed(Invalid):
    code = "no-circle-named"
    message = N_("Please choose the circle it is for.")


def guard_circle(session: Session, group_buy: GroupBuy) -> None:
    """Refuse with NoCircleNamed or NotOfThisCircle, at `circle`, what no circle could have."""
    if group_buy.circle_id is None:
        if group_buy.visibility == Visibility.CIRCLE:
            raise NoCircleNamed(fields={"circle": NoCircleNamed.message})
        return
    belongs = exists().where(
        CircleMembership.circle_id == group_buy.circle_id,
        CircleMembership.participant_id == group_buy.organiser_id,
        CircleMembership.state == MembershipState.ACTIVE,
        Circle.id == CircleMembership.circle_id,
        Circle.state == CircleState.OPEN,
    )
    if not session.scalar(select(belongs)):
        raise NotOfThisCircle(fields={"circle": NotOfThisCircle.message})

"""Group buys in a circle: done by one of its members, and for all of them or for everyone."""

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

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


def guard_circle(
    session: Session, organiser_id: int, circle_id: int | None, visibility: Visibility
) -> None:
    """Refuse with NoCircleNamed or NotOfThisCircle, at `circle`, what no circle could have.

    Asked before it is written down: of a circle that does not exist nobody hears otherwise than
    of one that they may not know of.
    """
    if circle_id is None:
        if visibility == Visibility.CIRCLE:
            raise NoCircleNamed(fields={"circle": NoCircleNamed.message})
        return
    if not may_organise_in(session, organiser_id, circle_id):
        raise NotOfThisCircle(fields={"circle": NotOfThisCircle.message})


def may_organise_in(session: Session, organiser_id: int, circle_id: int) -> bool:
    """Whether the organiser belongs to the circle, and it goes on."""
    belongs = exists().where(
        CircleMembership.circle_id == circle_id,
        CircleMembership.participant_id == organiser_id,
        CircleMembership.state == MembershipState.ACTIVE,
        Circle.id == CircleMembership.circle_id,
        Circle.state == CircleState.OPEN,
    )
    return bool(session.scalar(select(belongs)))

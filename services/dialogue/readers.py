"""Readers: who may read a thread, asked anew each time somebody is told of it."""

from sqlalchemy import ColumnElement, any_, exists, false, or_, true
from sqlalchemy.orm import Session

from models.buying import GroupBuy
from models.circles import Circle, CircleMembership, CircleVisibility, MembershipState
from models.collaborations import (
    Collaboration,
    Commitment,
    CoOrganiser,
    CoOrganiserState,
    NamedGuest,
    State,
    Visibility,
)
from models.dialogue import Message
from models.members import Member, Role
from models.participants import Membership, Participant


def participants_reading(
    session: Session, message: Message, *, by_link: bool = False
) -> ColumnElement[bool]:
    """For statements: which participants read `message`, as it is said where they may know of it.

    With `by_link` also those who were there before and so had the link, if that lets in. A word
    to all is for those who take part, and who have not left.
    """
    if message.circle_id is not None:
        circle = session.get_one(Circle, message.circle_id)
        is_open = circle.visibility == CircleVisibility.PUBLIC and not circle.is_suspended
        return true() if is_open and not message.is_announcement else _in_circle(circle.id)
    deal = session.get_one(Collaboration, message.collaboration_id)
    takes_part = exists().where(
        Commitment.collaboration_id == deal.id,
        Commitment.participant_id == Participant.id,
        Commitment.state.not_in(Commitment.LEFT) if message.is_announcement else true(),
    )
    runs = Participant.id == deal.organiser_id
    if message.is_announcement:
        return or_(runs, takes_part)
    lies_open = (Visibility.PUBLIC, Visibility.LINK) if by_link else (Visibility.PUBLIC,)
    if deal.state != State.DRAFT and deal.visibility in lies_open:
        return true()
    named = exists().where(
        NamedGuest.collaboration_id == deal.id, NamedGuest.participant_id == Participant.id
    )
    supplier_id = deal.supplier_id if isinstance(deal, GroupBuy) else None
    is_supplier = Participant.id == supplier_id if supplier_id is not None else false()
    for_circle = deal.visibility == Visibility.CIRCLE
    is_in = _in_circle(deal.circle_id) if for_circle else false()
    return or_(runs, takes_part, named, is_supplier, is_in)


def members_reading(session: Session, message: Message) -> ColumnElement[bool]:
    """For statements: which members read it, by one of those for whom they act, or by a role."""
    acts_for = or_(
        Participant.id == Member.participant_id,
        exists().where(
            Membership.member_id == Member.id, Membership.organisation_id == Participant.id
        ),
    )
    reads = exists().where(acts_for, participants_reading(session, message, by_link=True))
    moderates = any_(Member.roles) == Role.MODERATOR.value
    co_organises = exists().where(
        CoOrganiser.collaboration_id == message.collaboration_id,
        CoOrganiser.member_id == Member.id,
        CoOrganiser.state == CoOrganiserState.ACCEPTED,
    )
    return or_(reads, moderates, co_organises)


def _in_circle(circle_id: int | None) -> ColumnElement[bool]:
    return exists().where(
        CircleMembership.circle_id == circle_id,
        CircleMembership.participant_id == Participant.id,
        CircleMembership.state == MembershipState.ACTIVE,
    )

"""Knowing: who may know that there is a deal; all others are told that there is none."""

from typing import Any

from sqlalchemy import ColumnElement, exists, false, or_, select, true
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy, Stage
from models.circles import CircleMembership, MembershipState
from models.collaborations import (
    Collaboration,
    Commitment,
    CoOrganiser,
    CoOrganiserState,
    NamedGuest,
    State,
    Visibility,
)


def may_know(
    session: Session, deal: Collaboration, actor: Actor | None, link_key: str = ""
) -> bool:
    """Whether `actor` may know of `deal`, with its thread and all else that is not for fewer.

    Everyone may whom its visibility lets in, those who have ever committed, its supplier and
    moderators; of a draft only those who organise it, and the supplier who is asked.
    """
    if deal.is_visible_to(actor, link_key):
        return True
    if actor is None:
        return False
    supplier_id = deal.supplier_id if isinstance(deal, GroupBuy) else None
    if deal.state == State.DRAFT:
        # The supplier who is asked reads what they would agree to.
        is_asked = deal.stage == Stage.IN_REVIEW
        return is_asked and supplier_id is not None and actor.may_manage(supplier_id)
    if actor.is_moderator:
        return True
    if deal.visibility == Visibility.CIRCLE and session.scalar(select(_is_in_circle(deal, actor))):
        return True
    if supplier_id is not None and actor.may_act_for(supplier_id):
        return True
    committed = exists().where(
        Commitment.collaboration_id == deal.id,
        Commitment.participant_id.in_([one.id for one in actor.participants]),
    )
    return bool(session.scalar(select(committed)))


def lies_open(link_key: str | ColumnElement[str]) -> ColumnElement[bool]:
    """For statements that lock: whether everyone, or who has the link, may know of the deal."""
    deal = Collaboration.__table__.c
    has_link = (deal.visibility == Visibility.LINK) & (deal.link_key == link_key)
    return (deal.state != State.DRAFT) & ((deal.visibility == Visibility.PUBLIC) | has_link)


def known_by_belonging(actor: Actor | None) -> ColumnElement[bool]:
    """For statements that find many: which opened group buys `actor` may know of that are not
    for everyone, nor for whoever has a link: those for named people, and those for a circle.

    As `may_know` says it of one.
    """
    if actor is None:
        return false()
    if actor.is_moderator:
        return true()
    own = [one.id for one in actor.participants]
    named = exists().where(
        NamedGuest.collaboration_id == GroupBuy.id, NamedGuest.participant_id.in_(own)
    )
    committed = exists().where(
        Commitment.collaboration_id == GroupBuy.id, Commitment.participant_id.in_(own)
    )
    in_circle = (GroupBuy.visibility == Visibility.CIRCLE) & _is_in_circle(GroupBuy, actor)
    runs: ColumnElement[bool] = GroupBuy.organiser_id.in_(
        [one for one in own if actor.may_manage(one)]
    )
    if not actor.is_bound:
        runs |= exists().where(
            CoOrganiser.collaboration_id == GroupBuy.id,
            CoOrganiser.member_id == actor.member.id,
            CoOrganiser.state == CoOrganiserState.ACCEPTED,
        )
    return or_(runs, named, in_circle, GroupBuy.supplier_id.in_(own), committed)


def _is_in_circle(deal: Any, actor: Actor) -> ColumnElement[bool]:
    """Whether one of those for whom `actor` acts belongs to the circle of `deal`."""
    return exists().where(
        CircleMembership.circle_id == deal.circle_id,
        CircleMembership.participant_id.in_([one.id for one in actor.participants]),
        CircleMembership.state == MembershipState.ACTIVE,
    )

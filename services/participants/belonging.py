"""Belonging: whether somebody still acts for an organisation when it comes to it."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actors import Actor, AnyParticipant
from models.participants import MayNotActFor, Membership


def guard_membership(session: Session, actor: Actor, buyer: AnyParticipant) -> None:
    """Refuse with MayNotActFor who left the organisation while they waited for the deal's lock."""
    if buyer.id not in actor.memberships:
        return
    still = (
        select(Membership.id)
        .where(Membership.organisation_id == buyer.id, Membership.member_id == actor.member.id)
        .with_for_update(read=True, key_share=True)
    )
    if session.scalar(still) is None:
        raise MayNotActFor

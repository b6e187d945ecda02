"""Knowing: who may know that there is a deal; all others are told that there is none."""

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy, Stage
from models.collaborations import Collaboration, Commitment, State


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
    if supplier_id is not None and actor.may_act_for(supplier_id):
        return True
    committed = exists().where(
        Commitment.collaboration_id == deal.id,
        Commitment.participant_id.in_([one.id for one in actor.participants]),
    )
    return bool(session.scalar(select(committed)))

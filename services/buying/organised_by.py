"""What somebody organises: as themself, for an organisation, or with others."""

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy
from models.collaborations import CoOrganiser, CoOrganiserState
from services import paging
from services.paging import Page


def page(
    session: Session, *, actor: Actor, after: str | None = None, limit: int = 24
) -> Page[GroupBuy]:
    """The group buys that `actor` runs, drafts among them, the newest first.

    Those of whom they act as, and those they agreed to run with others. Refuses with
    CursorNotValid.
    """
    helps = exists().where(
        CoOrganiser.collaboration_id == GroupBuy.id,
        CoOrganiser.state == CoOrganiserState.ACCEPTED,
        # A program of an organisation helps nobody in its member's name.
        CoOrganiser.member_id == (0 if actor.is_bound else actor.member.id),
    )
    own = GroupBuy.organiser_id == actor.participant.id
    runs_own = actor.may_manage(actor.participant.id)
    query = (
        select(GroupBuy)
        .where(or_(own, helps) if runs_own else helps)
        .order_by(GroupBuy.id.desc())
        .limit(limit + 1)
    )
    at = paging.position(after, int)
    if at is not None:
        query = query.where(GroupBuy.id < at[0])
    return paging.paged(session.scalars(query).all(), limit, lambda one: (one.id,))

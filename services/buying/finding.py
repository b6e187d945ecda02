"""Finding group buys and what belongs to them; strangers find only what they may know of."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from models.actors import Actor
from models.buying import Article, GroupBuy, GroupBuyCommitment, Line, PickupPoint
from models.collaborations import (
    NO_CARD,
    TERMS_NOT_ACCEPTED,
    CommitmentState,
    NotTheOrganiser,
)
from models.errors import NotFound
from models.words import N_
from services.knowing import lies_open, may_know
from services.locking import WHOLE_ROW

NOT_THERE = N_("There is no such group buy, or it is not open to you.")


def find(
    session: Session,
    slug: str | int,
    *,
    actor: Actor | None = None,
    link_key: str = "",
    lock: bool = False,
    also: Sequence[ExecutableOption] = (),
) -> GroupBuy:
    """The group buy at `slug`, if `actor` may know of it; with `lock`, for one act alone.

    Programs know it by its id. `also` names what is read in the same statement.

    Refuses with NotFound, in the same words, what does not exist and what must not be known.
    The lock lets others refer to the row (comments, events) while it is held.
    """
    if lock:
        found = sought(session, slug, lock=True, also=also, among=lies_open(link_key))
        if found is not None:
            return guard_known(session, found, actor, link_key)
        # Nobody waits for, or keeps waiting, those who deal with what they may not know of.
        guard_known(session, sought(session, slug), actor, link_key)
    return guard_known(session, sought(session, slug, lock=lock, also=also), actor, link_key)


def sought(
    session: Session,
    slug: str | int,
    *,
    lock: bool = False,
    also: Sequence[ExecutableOption] = (),
    among: ColumnElement[bool] | None = None,
) -> GroupBuy | None:
    """The group buy at `slug`, whoever may know of it: the caller asks that."""
    query = select(GroupBuy).options(*also)
    if among is not None:
        query = query.where(among)
    if isinstance(slug, int):
        query = query.where(GroupBuy.id == slug)
    else:
        query = query.where(GroupBuy.slug == slug)
    if lock:
        # A row this session has already read would otherwise keep its stale numbers, and the
        # last unit would be guarded with yesterday's count.
        query = query.with_for_update(key_share=True, of=WHOLE_ROW)
        query = query.execution_options(populate_existing=True)
    return session.scalars(query).unique().one_or_none()


def guard_known(
    session: Session, group_buy: GroupBuy | None, actor: Actor | None, link_key: str
) -> GroupBuy:
    """`group_buy`, if it exists and `actor` may know of it; else refuse with NotFound."""
    if group_buy is None or not may_know(session, group_buy, actor, link_key):
        raise NotFound(NOT_THERE)
    return group_buy


def locked(session: Session, group_buy_id: int) -> GroupBuy:
    """The group buy for one act alone; for jobs, which may know of everything."""
    found = session.scalar(
        select(GroupBuy)
        .where(GroupBuy.id == group_buy_id)
        .with_for_update(key_share=True, of=WHOLE_ROW)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def organised(session: Session, slug: str | int, *, actor: Actor, lock: bool = False) -> GroupBuy:
    """The group buy at `slug` for those who run it; refuses with NotTheOrganiser."""
    group_buy = find(session, slug, actor=actor, lock=lock)
    if not group_buy.is_organised_by(actor):
        raise NotTheOrganiser
    return group_buy


def articles(
    session: Session, group_buy: GroupBuy, ids: Iterable[int] | None = None
) -> Sequence[Article]:
    """The articles of a group buy in their order, with tiers: all, or those of `ids`."""
    query = (
        select(Article)
        .where(Article.group_buy_id == group_buy.id)
        .order_by(Article.position)
        .execution_options(populate_existing=True)
    )
    if ids is None:
        return session.scalars(query.options(selectinload(Article.tiers))).all()
    # Those of one order are few: their tiers come along in the same statement.
    query = query.where(Article.id.in_(list(ids))).options(joinedload(Article.tiers))
    return session.scalars(query).unique().all()


def commitment(
    session: Session, group_buy: GroupBuy, commitment_id: int, *, actor: Actor
) -> GroupBuyCommitment:
    """One commitment, for those who may act for whoever is bound by it; refuses with NotFound.

    What somebody is willing to pay is told to nobody else, not even to those who organise.
    """
    found = _commitment(session, group_buy, commitment_id)
    if found is None or not actor.may_act_for(found.participant_id):
        raise NotFound
    return found


def commitment_in(
    session: Session, group_buy: GroupBuy, commitment_id: int, *, actor: Actor
) -> GroupBuyCommitment:
    """One commitment, for the desk of those who run the group buy; refuses with NotFound."""
    found = _commitment(session, group_buy, commitment_id)
    if found is None or not group_buy.is_organised_by(actor):
        raise NotFound
    return found


def _commitment(
    session: Session, group_buy: GroupBuy, commitment_id: int
) -> GroupBuyCommitment | None:
    return session.scalar(
        select(GroupBuyCommitment)
        .where(
            GroupBuyCommitment.id == commitment_id,
            GroupBuyCommitment.collaboration_id == group_buy.id,
        )
        .options(selectinload(GroupBuyCommitment.lines).joinedload(Line.article))
        .execution_options(populate_existing=True)
    )


def commitments(
    session: Session, group_buy: GroupBuy, states: Iterable[CommitmentState]
) -> Sequence[GroupBuyCommitment]:
    """All commitments in `states` with their lines, in the order they were made.

    Whoever had not agreed to the terms at the close, or had given no card, was no part of the
    decision, and is passed over.
    """
    return session.scalars(
        select(GroupBuyCommitment)
        .where(
            GroupBuyCommitment.collaboration_id == group_buy.id,
            GroupBuyCommitment.state.in_(list(states)),
            GroupBuyCommitment.out_reason.not_in([TERMS_NOT_ACCEPTED, NO_CARD]),
        )
        .order_by(GroupBuyCommitment.place, GroupBuyCommitment.id)
        .options(
            selectinload(GroupBuyCommitment.lines),
            joinedload(GroupBuyCommitment.pickup_point),
        )
        .execution_options(populate_existing=True)
    ).all()


def pickup_points(session: Session, group_buy: GroupBuy) -> Sequence[PickupPoint]:
    return session.scalars(
        select(PickupPoint).filter_by(group_buy_id=group_buy.id).order_by(PickupPoint.from_at)
    ).all()

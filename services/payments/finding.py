"""Finding payments; each is seen by whoever pays it and by those who organise the deal."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import InstrumentedAttribute, Session, contains_eager

from models.actors import Actor
from models.buying import GroupBuy
from models.collaborations import Commitment, CommitmentState, State
from models.errors import NotFound
from models.participants import Participant
from models.payments import Payment
from services import events
from services.events import Happened
from services.paging import Page, paged, position


def of_commitment(session: Session, commitment_id: int, *, lock: bool = False) -> Payment | None:
    query = select(Payment).filter_by(commitment_id=commitment_id)
    if lock:
        query = query.with_for_update(key_share=True)
    return session.scalar(query.execution_options(populate_existing=lock))


def locked(session: Session, payment_id: int) -> Payment:
    """The payment, for one act alone, with its commitment as it is committed by then."""
    query = select(Payment).filter_by(id=payment_id).with_for_update(key_share=True)
    payment = session.scalar(query.execution_options(populate_existing=True))
    if payment is None:
        raise NotFound
    commitment_of(session, payment)
    return payment


def own(session: Session, commitment_id: int, *, actor: Actor, lock: bool = False) -> Payment:
    """The payment of a commitment, for whoever pays it; refuses everyone else with NotFound."""
    payment = of_commitment(session, commitment_id, lock=lock)
    if payment is None or not pays(session, payment, actor):
        raise NotFound
    commitment_of(session, payment)
    return payment


def of_actor(
    session: Session, actor: Actor, *, after: str | None = None, limit: int = 24
) -> Page[Payment]:
    """A page of the payments of everyone the member acts for, the newest first.

    Each comes with its commitment. Those of guests whom they keep are not among them. Refuses
    with CursorNotValid.
    """
    query = (
        select(Payment)
        .join(Payment.commitment)
        .where(Payment.participant_id.in_([one.id for one in actor.participants]))
        .order_by(Payment.id.desc())
        .limit(limit + 1)
        .options(contains_eager(Payment.commitment))
    )
    since = position(after, int)
    if since is not None:
        query = query.where(Payment.id < since[0])
    return paged(session.scalars(query).all(), limit, lambda one: (one.id,))


def pays(session: Session, payment: Payment, actor: Actor) -> bool:
    """Whether `actor` may pay this: as the participant, for them, or because they keep them."""
    if actor.may_act_for(payment.participant_id):
        return True
    keeper_id = session.get_one(Participant, payment.participant_id).kept_by_id
    # Guests are looked after by those who run deals for whoever keeps them.
    return keeper_id is not None and actor.may_manage(keeper_id)


def commitment_of(session: Session, payment: Payment) -> Commitment:
    """The commitment as it stands now: it may have been decided since it was read."""
    return session.scalars(
        select(Commitment)
        .where(Commitment.id == payment.commitment_id)
        .execution_options(populate_existing=True)
    ).one()


def deal_of(session: Session, payment: Payment) -> GroupBuy:
    return session.get_one(GroupBuy, payment.commitment.collaboration_id)


def owed_minor(payment: Payment) -> int:
    """What the commitment owes, in minor units: nothing unless it takes part."""
    commitment = payment.commitment
    return commitment.due_minor if commitment.state in Commitment.TAKING_PART else 0


def can_be_transferred(payment: Payment, deal: GroupBuy) -> bool:
    """Whether something is owed, in a way and at a time in which a transfer pays it."""
    is_due = payment.state in Payment.FROM_HAND_TO_HAND and deal.state in deal.PAYABLE
    return is_due and owed_minor(payment) > 0


def is_collected(session: Session, collaboration_id: int) -> bool:
    """Whether no card payment of those who take part is open any more."""
    return not session.scalar(select(exists(open_ones(collaboration_id))))


def open_ones(collaboration_id: int | InstrumentedAttribute[int]) -> Select[int]:
    """The card payments of those who take part that are still open, of one deal."""
    return (
        select(Payment.id)
        .join(Commitment, Commitment.id == Payment.commitment_id)
        .where(
            Commitment.collaboration_id == collaboration_id,
            Commitment.state == CommitmentState.IN,
            Payment.state.in_([*Payment.UNDER_WAY, *Payment.UNPAID]),
        )
    )


def is_collecting(deal: GroupBuy) -> bool:
    return deal.state == State.COLLECTING


def tell(
    session: Session,
    kind: type[Happened],
    payment: Payment,
    *,
    by: Actor | None = None,
    now: datetime,
    **facts: Any,
) -> None:
    """Record what happened to a payment, with what it belongs to."""
    events.record(
        session,
        kind(
            by=by.member.id if by else None,
            participant_id=payment.participant_id,
            collaboration_id=payment.commitment.collaboration_id,
            commitment_id=payment.commitment_id,
            **facts,
        ),
        now=now,
    )

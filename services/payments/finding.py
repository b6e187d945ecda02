"""Finding payments; each is seen by whoever pays it and by those who organise the deal."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy
from models.collaborations import Commitment, CommitmentState, State
from models.errors import NotFound
from models.participants import Participant
from models.payments import Payment, PaymentState
from services import events
from services.events import Happened

TAKING_PART = (CommitmentState.IN, CommitmentState.FULFILLED)


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


def pays(session: Session, payment: Payment, actor: Actor) -> bool:
    """Whether `actor` may pay this: as the participant, for them, or because they keep them."""
    if actor.may_act_for(payment.participant_id):
        return True
    keeper_id = session.get_one(Participant, payment.participant_id).kept_by_id
    return keeper_id is not None and actor.may_act_for(keeper_id)


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
    return commitment.due_minor if commitment.state in TAKING_PART else 0


@dataclass(frozen=True)
class Due:
    """What a commitment owes and how its payment stands, in minor units of its currency.

    `until_at` is the end of the collecting window, or until when a card has to be given.
    """

    commitment_id: int
    payment_id: int
    state: PaymentState
    is_by_card: bool
    amount_minor: int
    currency: str
    until_at: datetime | None
    refunded_minor: int

    @property
    def needs_me(self) -> bool:
        """Whether nothing goes on until the member does something."""
        return self.state in (PaymentState.AWAITING_CARD, *Payment.UNPAID)


def due_of(session: Session, participant_ids: Iterable[int]) -> dict[int, Due]:
    """How the payments of these participants stand, by commitment id, in one query."""
    rows = session.execute(
        select(Payment, Commitment.due_minor, Commitment.state, GroupBuy.collect_until_at)
        .join(Commitment, Commitment.id == Payment.commitment_id)
        .join(GroupBuy, GroupBuy.id == Commitment.collaboration_id)
        .where(Payment.participant_id.in_(list(participant_ids)))
    )
    return {
        payment.commitment_id: Due(
            commitment_id=payment.commitment_id,
            payment_id=payment.id,
            state=payment.state,
            is_by_card=payment.is_by_card,
            amount_minor=due_minor if state in TAKING_PART else 0,
            currency=payment.currency,
            until_at=(
                payment.card_due_at
                if payment.state == PaymentState.AWAITING_CARD
                else until_at
                if payment.state in Payment.UNPAID
                else None
            ),
            refunded_minor=payment.refunded_minor,
        )
        for payment, due_minor, state, until_at in rows
    }


def is_collected(session: Session, collaboration_id: int) -> bool:
    """Whether no card payment of those who take part is open any more."""
    open_ones = (
        select(Payment.id)
        .join(Commitment, Commitment.id == Payment.commitment_id)
        .where(
            Commitment.collaboration_id == collaboration_id,
            Commitment.state == CommitmentState.IN,
            Payment.state.in_([*Payment.UNDER_WAY, *Payment.UNPAID]),
        )
    )
    return not session.scalar(select(exists(open_ones)))


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

"""Expiring: an order for which no card is given in time gives its units back."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from models.buying import GroupBuy, GroupBuyCommitment
from models.collaborations import NO_CARD, Commitment, State
from models.payments import Payment, PaymentState
from services import payments
from services.buying import finding
from services.buying.changing import withdraw


def expire_card(session: Session, commitment_id: int, *, now: datetime) -> None:
    """Withdraw a commitment for which no card was given in time; otherwise do nothing.

    Takes the lock of the deal itself.
    """
    group_buy_id = session.scalar(
        select(GroupBuyCommitment.collaboration_id).where(GroupBuyCommitment.id == commitment_id)
    )
    if group_buy_id is None:
        return
    group_buy = finding.locked(session, group_buy_id)
    payment = payments.of_commitment(session, commitment_id, lock=True)
    if payment is None or not payments.is_overdue(payment, now):
        return
    commitment = session.scalars(
        select(GroupBuyCommitment)
        .where(GroupBuyCommitment.id == commitment_id)
        .options(selectinload(GroupBuyCommitment.lines))
        .execution_options(populate_existing=True)
    ).one()
    if commitment.is_alive:
        withdraw(session, group_buy, commitment, actor=None, reason=NO_CARD, now=now)


def open_pages(session: Session, group_buy_id: int, *, now: datetime) -> Sequence[str]:
    """The hosted pages that are open when a group buy is to close.

    Whether a card was given there is asked before it is decided without those who gave none.
    """
    return session.scalars(
        select(Payment.checkout_key)
        .join(Commitment, Commitment.id == Payment.commitment_id)
        .join(GroupBuy, GroupBuy.id == Commitment.collaboration_id)
        .where(
            GroupBuy.id == group_buy_id,
            GroupBuy.state == State.OPEN,
            ~GroupBuy.is_paused,
            GroupBuy.closes_at <= now,
            Commitment.state.in_(Commitment.ALIVE),
            Payment.state == PaymentState.AWAITING_CARD,
            Payment.checkout_key != "",
        )
    ).all()

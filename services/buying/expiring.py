"""Expiring: an order for which no card is given in time gives its units back."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from models.buying import GroupBuyCommitment
from models.collaborations import NO_CARD
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

"""Reimbursing: the organiser is sent from a charge what its card did not take back."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.buying import GroupBuy
from models.payments import Refund
from models.payouts import Remittance
from services import queue


def reimburse(session: Session, group_buy: GroupBuy, refund: Refund, *, now: datetime) -> None:
    """Have the organiser sent what was handed back in their name; once for a refund.

    Its money never left the gateway. The caller holds the lock of the refund.
    """
    wanted = Remittance(
        payment_id=refund.payment_id,
        participant_id=group_buy.organiser_id,
        collaboration_id=group_buy.id,
        refund_id=refund.id,
        is_share=False,
        is_reserve=False,
        currency=group_buy.currency,
        amount_minor=refund.amount_minor,
        wanted_at=now,
        due_at=now,
    )
    session.add(wanted)
    session.flush()
    queue.defer(session, "payouts.remit", remittance_id=wanted.id)


def reimbursed(session: Session, collaboration_id: int) -> int:
    """What organisers are or were sent for what they handed back, in minor units."""
    total = select(func.coalesce(func.sum(Remittance.amount_minor), 0)).where(
        Remittance.collaboration_id == collaboration_id, Remittance.refund_id.is_not(None)
    )
    return int(session.scalar(total) or 0)

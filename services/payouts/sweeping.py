"""Sweeping: what should have been sent on or taken back and was not is asked for again."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from models.chargebacks import Chargeback
from models.payouts import (
    ConnectedAccount,
    Remittance,
    RemittanceState,
    TakingBack,
    TakingBackState,
)
from services import queue
from services.patience import ask_again


def sweep(session: Session, *, now: datetime) -> None:
    """Have everything sent and taken back that should have been; each may be asked for again."""
    to_send = [{"remittance_id": one} for one in _remittances(session, now)]
    queue.defer_many(session, "payouts.remit", to_send)
    to_reverse = [{"taking_back_id": one} for one in _takings_back(session, now)]
    queue.defer_many(session, "payouts.reverse", to_reverse)


def _remittances(session: Session, now: datetime) -> Sequence[int]:
    """Those under way, and those that wait for nothing any more but to be sent."""
    can_receive = select(ConnectedAccount.id).where(
        ConnectedAccount.participant_id == Remittance.participant_id, ConnectedAccount.can_receive
    )
    may_go = (
        (Remittance.state == RemittanceState.WAITING)
        & can_receive.exists()
        & ~Chargeback.pending_on(Remittance.payment_id)
    )
    late = select(Remittance.id).where(or_(Remittance.state == RemittanceState.SENT, may_go))
    return ask_again(session, Remittance, Remittance.due_at, late, now=now)


def _takings_back(session: Session, now: datetime) -> Sequence[int]:
    late = select(TakingBack.id).where(
        TakingBack.state.in_([TakingBackState.WANTED, TakingBackState.SENT])
    )
    return ask_again(session, TakingBack, TakingBack.wanted_at, late, now=now)

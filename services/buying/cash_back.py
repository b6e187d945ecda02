"""Money to give back by hand: what was paid in cash or by transfer, and what no card took back."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from models.buying import GroupBuy
from models.collaborations import Commitment
from models.errors import NotFound
from models.participants import Participant
from models.payments import Instrument, Payment, Refund, RefundState


@dataclass(frozen=True)
class CashBack:
    """An amount, in minor units, that those who organise give back to somebody."""

    refund_id: int
    participant: Participant
    amount_minor: int
    by_transfer: bool
    card_failed: bool


def open_ones(session: Session, group_buy: GroupBuy) -> Sequence[CashBack]:
    """What is still to be given back, by name."""
    rows = session.execute(_wanted(group_buy).order_by(Participant.name_key, Refund.id))
    return [
        CashBack(
            refund.id,
            participant,
            refund.amount_minor,
            by_transfer=instrument == Instrument.TRANSFER,
            card_failed=refund.state == RefundState.FAILED,
        )
        for refund, participant, instrument in rows
    ]


def count_open(session: Session, group_buy: GroupBuy) -> int:
    wanted = _wanted(group_buy).with_only_columns(Refund.id).subquery()
    return session.scalar(select(func.count()).select_from(wanted)) or 0


def find(session: Session, group_buy: GroupBuy, refund_id: int) -> Refund:
    """One refund of this group buy; refuses with NotFound that of another."""
    found = session.scalar(
        select(Refund)
        .join(Payment, Payment.id == Refund.payment_id)
        .join(Commitment, Commitment.id == Payment.commitment_id)
        .where(Refund.id == refund_id, Commitment.collaboration_id == group_buy.id)
    )
    if found is None:
        raise NotFound
    return found


def _wanted(group_buy: GroupBuy) -> Select[Refund, Participant, Instrument]:
    return (
        select(Refund, Participant, Payment.instrument)
        .join(Payment, Payment.id == Refund.payment_id)
        .join(Commitment, Commitment.id == Payment.commitment_id)
        .join(Participant, Participant.id == Payment.participant_id)
        .where(
            Commitment.collaboration_id == group_buy.id,
            or_(
                and_(Refund.intent_key == "", Refund.state == RefundState.WANTED),
                Refund.state == RefundState.FAILED,
            ),
        )
    )

"""Superseding: what the payer's bank gave back itself is not given back by us as well."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.chargebacks import Chargeback, ChargebackState
from models.collaborations import Commitment
from models.payments import Payment, Refund, RefundState


def borne_by_banks(session: Session, collaboration_id: int) -> dict[int, int]:
    """What banks have given back for good, by commitment of one deal, in minor units."""
    rows = session.execute(
        select(Payment.commitment_id, func.sum(Chargeback.borne_minor))
        .join(Chargeback, Chargeback.payment_id == Payment.id)
        .join(Commitment, Commitment.id == Payment.commitment_id)
        .where(Commitment.collaboration_id == collaboration_id)
        .group_by(Payment.commitment_id)
    )
    return {commitment_id: int(minor) for commitment_id, minor in rows}


def is_taken(session: Session, intent_key: str) -> bool:
    """Whether the payer's bank has the money of a charge now; an inquiry has not taken any."""
    taken = select(Chargeback.id).where(
        Chargeback.intent_key == intent_key, Chargeback.state.in_(Chargeback.TAKEN)
    )
    return bool(intent_key) and session.scalar(taken.limit(1)) is not None


def supersede_covered(session: Session, payment: Payment, intent_key: str, now: datetime) -> int:
    """End the refunds of a charge that were not sent, as far as its bank gave back the same money.

    One of which the bank gave a part is split, and the rest of it still goes back.

    What banks took for good and what is refunded come to no more than the charge; what they take
    beyond that is covered. How much of it such refunds were to give back so far, in minor units.
    The caller holds the locks of the charge's refunds.
    """
    taken = select(func.coalesce(func.sum(Chargeback.withdrawn_minor), 0)).filter_by(
        intent_key=intent_key, state=ChargebackState.LOST
    )
    refunds = session.scalars(
        select(Refund)
        .filter_by(intent_key=intent_key)
        .order_by(Refund.id)
        .execution_options(populate_existing=True)
    ).all()
    refunded_minor = sum(one.amount_minor for one in refunds)
    # A charge that came too late, or twice, is wanted back whole.
    charged_minor = payment.amount_minor if payment.intent_key == intent_key else refunded_minor
    covered_minor = max(0, int(session.scalar(taken) or 0) + refunded_minor - charged_minor)
    return _end(session, refunds, covered_minor, now)


def _end(session: Session, refunds: Sequence[Refund], covered_minor: int, now: datetime) -> int:
    done_minor = sum(one.amount_minor for one in refunds if one.state == RefundState.SUPERSEDED)
    for one in refunds:
        if one.state in (RefundState.WANTED, RefundState.FAILED):
            part_minor = min(one.amount_minor, covered_minor - done_minor)
            if part_minor == one.amount_minor:
                one.supersede(now)
            elif part_minor > 0:
                session.add(one.split_off(part_minor, now))
            done_minor += max(0, part_minor)
    session.flush()
    return done_minor

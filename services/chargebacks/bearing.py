"""Bearing: what a bank gave its cardholder for good counts as given back, by who was paid."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.buying import GroupBuy, GroupBuyCommitment
from models.chargebacks import Chargeback
from models.payments import Payment, PaymentState
from services import payments
from services.buying import returning
from services.payments.superseding import supersede_covered


def bear(
    session: Session,
    chargeback: Chargeback,
    payment: Payment,
    group_buy: GroupBuy,
    now: datetime,
) -> None:
    """Let what the bank gave the payer count as given back; whoever was paid gives it up.

    What was refunded before the bank took it is lost twice to the payer's good. It stays a debt
    of theirs in the books, for the operator to see.
    """
    superseded_minor = supersede_covered(session, payment, chargeback.intent_key, now)
    left_minor = chargeback.withdrawn_minor - superseded_minor
    commitment = session.get_one(GroupBuyCommitment, payment.commitment_id)
    is_its_charge = (
        payment.state == PaymentState.PAID and payment.intent_key == chargeback.intent_key
    )
    unrefunded_minor = payment.amount_minor - payment.refunded_minor if is_its_charge else 0
    borne_minor = max(0, min(left_minor, unrefunded_minor, commitment.due_minor))
    if not borne_minor:
        return
    chargeback.borne_minor = borne_minor
    payment.refunded_minor += borne_minor
    key, reason = f"chargeback:{chargeback.key}", "chargeback_lost"
    if group_buy.settled_at is not None:
        returning.give_up(
            session, group_buy, commitment, payment, borne_minor, key=key, reason=reason, now=now
        )
    payments.lower_due(
        session, commitment, borne_minor, step=f"chargeback-{chargeback.id}", reason=reason, now=now
    )
    group_buy.touch()

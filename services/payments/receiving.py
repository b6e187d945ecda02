"""Receiving: money that came in is booked once, and what is not owed goes straight back."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.ledger import AccountPurpose
from models.payments import Payment, PaymentState, Refund
from services import ledger, queue
from services.payments.finding import deal_of, is_collected, is_collecting, owed_minor, tell
from services.payments.happened import PaymentReceived
from services.payments.keys import charge_key
from services.payments.wanting_back import refund_excess, want_refund


def receive(
    session: Session, payment: Payment, intent_key: str, amount_minor: int, *, now: datetime
) -> None:
    """Book money that the gateway has taken; what is not owed goes straight back.

    The caller holds the payment's lock. A charge is booked once. One that comes too late, or a
    second one for the same payment, is given back whole.
    """
    if payment.state == PaymentState.PAID and payment.intent_key == intent_key:
        return
    key = charge_key(intent_key, "received")
    book_receipt(session, payment, AccountPurpose.GATEWAY, amount_minor, key=key, now=now)
    if payment.can_move(PaymentState.PAID) and amount_minor >= owed_minor(payment):
        payment.mark_paid(amount_minor, intent_key=intent_key, now=now)
        payment.end_checkout()
        tell(session, PaymentReceived, payment, amount_minor=amount_minor, now=now)
        key = charge_key(intent_key, "excess")
        refund_excess(session, payment, key=key, reason="not_owed", now=now)
        finish_if_collected(session, payment)
    else:
        want_refund(
            session,
            payment,
            amount_minor,
            intent_key=intent_key,
            key=_stray_key(intent_key),
            reason="not_owed",
            now=now,
        )


def goes_back(session: Session, intent_key: str) -> bool:
    """Whether a charge was received that nobody owed, so that the whole of it goes back."""
    return session.scalar(select(Refund.id).filter_by(key=_stray_key(intent_key))) is not None


def _stray_key(intent_key: str) -> str:
    return charge_key(intent_key, "stray")


def book_receipt(
    session: Session,
    payment: Payment,
    through: AccountPurpose,
    amount_minor: int,
    *,
    key: str,
    now: datetime,
) -> None:
    """Write into the books that money came in through the gateway or from hand to hand."""
    deal_id = payment.commitment.collaboration_id
    outside = ledger.deal_account(session, deal_id, through, payment.currency, now=now)
    own = ledger.own_account(session, payment.participant_id, payment.currency, now=now)
    ledger.transfer(
        session,
        {outside.id: -amount_minor, own.id: amount_minor},
        key=key,
        reason="payment",
        collaboration_id=deal_id,
        now=now,
    )


def finish_if_collected(session: Session, payment: Payment) -> None:
    """Have the collecting ended if this was the last payment that was open."""
    deal = deal_of(session, payment)
    if is_collecting(deal) and is_collected(session, deal.id):
        queue.defer(session, "buying.finish_collecting", group_buy_id=deal.id)

"""Giving back: what was paid beyond what is owed returns to its payer.

A refund is wanted once for its key and then sent by a job; a repeated job sends nothing twice.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.errors import NotFound
from models.ledger import AccountPurpose, Transfer
from models.payments import Payment, PaymentState, Refund, RefundState
from services import ledger, queue
from services.gateways import answers
from services.gateways.answers import GatewayRefused
from services.gateways.stripe import StripeGateway
from services.payments.finding import owed_minor, tell
from services.payments.happened import RefundFailed, RefundMade


def refund_excess(
    session: Session, payment: Payment, *, key: str, reason: str, now: datetime
) -> None:
    """Want back whatever is paid beyond what is owed. The caller holds the payment's lock."""
    if payment.state != PaymentState.PAID:
        return
    excess_minor = payment.amount_minor - payment.refunded_minor - owed_minor(payment)
    if excess_minor > 0:
        payment.refunded_minor += excess_minor
        want_refund(
            session,
            payment,
            excess_minor,
            intent_key=payment.intent_key,
            key=key,
            reason=reason,
            now=now,
        )


def want_refund(
    session: Session,
    payment: Payment,
    amount_minor: int,
    *,
    intent_key: str,
    key: str,
    reason: str,
    now: datetime,
) -> None:
    """Write down, once for `key`, that money goes back; cash is handed back by the organiser."""
    if session.scalar(select(Refund.id).filter_by(key=key)) is not None:
        return
    refund = Refund(
        payment_id=payment.id,
        key=key,
        reason=reason,
        intent_key=intent_key,
        amount_minor=amount_minor,
        wanted_at=now,
    )
    session.add(refund)
    session.flush()
    if intent_key:
        queue.defer(session, "payments.refund", refund_id=refund.id)


@dataclass(frozen=True)
class RefundCall:
    """One refund as it is sent to the gateway."""

    refund_id: int
    key: str
    intent_key: str
    amount_minor: int
    was_sent: bool
    # What went back of the same charge before, as far as the books know.
    done_minor: int


def begin_refund(session: Session, refund_id: int) -> RefundCall | None:
    """Say that the refund is being sent; None if there is nothing to send."""
    refund = _locked(session, refund_id)
    if not refund.intent_key or refund.state not in (RefundState.WANTED, RefundState.SENT):
        return None
    was_sent = refund.state == RefundState.SENT
    if not was_sent:
        refund.send()
    done_minor = session.scalar(
        select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
            Refund.intent_key == refund.intent_key, Refund.state == RefundState.SUCCEEDED
        )
    )
    return RefundCall(
        refund.id,
        f"refund:{refund.id}:1",
        refund.intent_key,
        refund.amount_minor,
        was_sent,
        int(done_minor or 0),
    )


def send_refund(gateway: StripeGateway, call: RefundCall) -> str | None:
    """Send money back; the gateway's name for it, or None if it refuses.

    One that was sent before, and whose answer was lost, is looked up first: keys are forgotten
    after a day. Raises GatewayUnreachable.
    """
    if call.was_sent:
        intent = gateway.read_intent(call.intent_key)
        if intent.refunded_minor >= call.done_minor + call.amount_minor:
            return call.intent_key
    try:
        made = gateway.refund(call.intent_key, call.amount_minor, key=call.key)
    except GatewayRefused:
        return None
    accepted = made.state in (answers.RefundState.SUCCEEDED, answers.RefundState.PENDING)
    return made.id if accepted else None


def record_refund(
    session: Session, call: RefundCall, gateway_key: str | None, *, now: datetime
) -> None:
    """Write down how a refund went; again, it does nothing."""
    refund = _locked(session, call.refund_id)
    if refund.state != RefundState.SENT:
        return
    if gateway_key is None:
        refund.fail()
        tell(session, RefundFailed, refund.payment, amount_minor=refund.amount_minor, now=now)
    else:
        finish_refund(session, refund, AccountPurpose.GATEWAY, gateway_key, now=now)


def finish_refund(
    session: Session,
    refund: Refund,
    through: AccountPurpose,
    gateway_key: str,
    *,
    now: datetime,
) -> None:
    """Book a refund that is done."""
    payment = refund.payment
    refund.succeed(gateway_key, now)
    deal_id = payment.commitment.collaboration_id
    outside = ledger.deal_account(session, deal_id, through, payment.currency, now=now)
    own = ledger.own_account(session, payment.participant_id, payment.currency, now=now)
    amounts = {own.id: -refund.amount_minor, outside.id: refund.amount_minor}
    key = f"refund:{refund.id}:done"
    received = _receipt(session, refund)
    if received is not None and ledger.is_opposite(received, amounts):
        ledger.reverse(session, received, key=key, reason="refund", now=now)
    else:
        ledger.transfer(
            session, amounts, key=key, reason="refund", collaboration_id=deal_id, now=now
        )
    tell(session, RefundMade, payment, amount_minor=refund.amount_minor, now=now)


def _receipt(session: Session, refund: Refund) -> Transfer | None:
    """The booking of the money that a refund gives back, if it is one that came at once."""
    source = f"intent:{refund.intent_key}" if refund.intent_key else f"payment:{refund.payment_id}"
    return session.scalar(
        select(Transfer).where(Transfer.key.in_([f"{source}:received", f"{source}:transferred"]))
    )


def _locked(session: Session, refund_id: int) -> Refund:
    refund = session.scalar(
        select(Refund)
        .filter_by(id=refund_id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if refund is None:
        raise NotFound
    return refund

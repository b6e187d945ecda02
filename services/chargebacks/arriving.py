"""What a payer's bank says of a charge, taken in: in any order, any often.

The bank's decision holds here. Nobody gets the same money back twice: what was on its way back
already is sent no more, and what the bank gave back counts as given back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.buying import GroupBuy, GroupBuyCommitment
from models.chargebacks import Chargeback, ChargebackState
from models.ledger import AccountPurpose, Transfer
from models.payments import Payment, Refund, RefundState
from models.payouts import Remittance, RemittanceState
from services import ledger, payments, queue
from services.buying import finding
from services.buying.settling import payee_id
from services.chargebacks.bearing import bear
from services.chargebacks.happened import ChargebackLost, ChargebackOpened, ChargebackWon
from services.events import Happened
from services.gateways import answers
from services.gateways.stripe import StripeGateway
from services.payments.finding import locked, tell

STATES = {
    answers.ChargebackState.INQUIRY: ChargebackState.INQUIRY,
    answers.ChargebackState.INQUIRY_UNDER_REVIEW: ChargebackState.INQUIRY_ANSWERED,
    answers.ChargebackState.OPEN: ChargebackState.OPEN,
    answers.ChargebackState.UNDER_REVIEW: ChargebackState.UNDER_REVIEW,
    answers.ChargebackState.WON: ChargebackState.WON,
    answers.ChargebackState.LOST: ChargebackState.LOST,
    answers.ChargebackState.CLOSED_INQUIRY: ChargebackState.CLOSED,
}


@dataclass(frozen=True)
class BankNews:
    """What the bank says of a charge, and how the charge stands at the gateway."""

    chargeback: answers.Chargeback
    charge: payments.News


def read(gateway: StripeGateway, chargeback_key: str) -> BankNews | None:
    """How a chargeback stands now; None if its charge is not one of ours."""
    seen = gateway.read_chargeback(chargeback_key)
    charge = payments.read_charge(gateway, seen.intent_id) if seen.intent_id else None
    return BankNews(seen, charge) if charge is not None else None


def read_of_charge(gateway: StripeGateway, intent_key: str) -> Sequence[BankNews]:
    """All that banks have asked about a charge of ours, the oldest first."""
    charge = payments.read_charge(gateway, intent_key)
    if charge is None:
        return []
    found = gateway.list_chargebacks(intent_key)
    return [BankNews(one, charge) for one in reversed(found)]


def take_in(session: Session, told: BankNews, *, now: datetime) -> None:
    """Bring a chargeback up to what its bank says; takes the lock of the deal itself.

    The charge itself may be news, too: the caller has taken it in before, in a transaction of its
    own, since what is booked for it locks accounts.
    """
    deal_id = session.scalar(
        select(GroupBuyCommitment.collaboration_id)
        .join(Payment, Payment.commitment_id == GroupBuyCommitment.id)
        .where(Payment.id == told.charge.payment_id)
    )
    if deal_id is None:
        return
    group_buy = finding.locked(session, deal_id)
    payment = locked(session, told.charge.payment_id)
    seen = told.chargeback
    chargeback = _kept(session, payment, seen, now)
    _lock(session, chargeback, payment, group_buy, now)
    was_inquiry = chargeback.is_inquiry
    _book(session, chargeback, payment, group_buy, seen.withdrawn_minor, now)
    has_moved = chargeback.move_on(STATES[seen.state], now)
    if has_moved and was_inquiry and chargeback.state == ChargebackState.OPEN:
        _tell(session, ChargebackOpened, chargeback, payment, now)
    elif has_moved and chargeback.state == ChargebackState.LOST:
        bear(session, chargeback, payment, group_buy, now)
        _tell(session, ChargebackLost, chargeback, payment, now)
    elif has_moved and chargeback.state == ChargebackState.WON:
        _tell(session, ChargebackWon, chargeback, payment, now)
    if has_moved and not chargeback.is_pending:
        _go_on(session, payment)


def _lock(
    session: Session, chargeback: Chargeback, payment: Payment, group_buy: GroupBuy, now: datetime
) -> None:
    """Lock all that a decision of the bank may move, in the order of every other act.

    Refunds and remittances of the charge, then the accounts between which it is booked.
    """
    for query in (
        select(Refund.id).filter_by(intent_key=chargeback.intent_key).order_by(Refund.id),
        select(Remittance.id).filter_by(payment_id=payment.id).order_by(Remittance.id),
    ):
        session.execute(query.with_for_update(key_share=True)).all()
    currency = group_buy.currency
    purposes = [AccountPurpose.GATEWAY, AccountPurpose.POT]
    if group_buy.fee_basis_points:
        purposes.append(AccountPurpose.FEES)
    deals = [
        ledger.deal_account(session, group_buy.id, purpose, currency, now=now).id
        for purpose in purposes
    ]
    people = [payment.participant_id, group_buy.organiser_id, payee_id(group_buy)]
    own = ledger.own_accounts(session, people, currency, now=now)
    ledger.lock(session, [*deals, *own.values()])


def _kept(
    session: Session, payment: Payment, seen: answers.Chargeback, now: datetime
) -> Chargeback:
    """The chargeback as it is known; one that is new begins, whatever became of it since."""
    known = session.scalar(select(Chargeback).filter_by(key=seen.id))
    if known is not None:
        known.answer_until_at = seen.evidence_due_at
        return known
    is_inquiry = seen.state in (
        answers.ChargebackState.INQUIRY,
        answers.ChargebackState.INQUIRY_UNDER_REVIEW,
        answers.ChargebackState.CLOSED_INQUIRY,
    )
    made = Chargeback(
        key=seen.id,
        payment_id=payment.id,
        intent_key=seen.intent_id or "",
        currency=seen.currency,
        amount_minor=seen.amount_minor,
        reason=seen.reason,
        state=ChargebackState.INQUIRY if is_inquiry else ChargebackState.OPEN,
        answer_until_at=seen.evidence_due_at,
        opened_at=seen.created_at,
    )
    session.add(made)
    session.flush()
    _tell(session, ChargebackOpened, made, payment, now)
    return made


def _book(
    session: Session,
    chargeback: Chargeback,
    payment: Payment,
    group_buy: GroupBuy,
    withdrawn_minor: int,
    now: datetime,
) -> None:
    """Write what the bank took from the gateway, or gave back: the payer owes it, or no more."""
    taken_minor = withdrawn_minor - chargeback.withdrawn_minor
    if taken_minor == 0 or (taken_minor < 0 and not chargeback.is_pending):
        return
    key = f"chargeback:{chargeback.key}"
    step = "withdrawn" if taken_minor > 0 else "reinstated"
    if session.scalar(select(Transfer.id).filter_by(key=f"{key}:{step}")) is not None:
        # A bank that takes it twice is for an operator: the gateway's list shows the difference.
        return
    currency = group_buy.currency
    outside = ledger.deal_account(session, group_buy.id, AccountPurpose.GATEWAY, currency, now=now)
    own = ledger.own_account(session, payment.participant_id, currency, now=now)
    amounts = {own.id: -taken_minor, outside.id: taken_minor}
    withdrawn = session.scalar(select(Transfer).filter_by(key=f"{key}:withdrawn"))
    is_opposite = withdrawn is not None and ledger.is_opposite(withdrawn, amounts)
    ledger.transfer(
        session,
        amounts,
        key=f"{key}:{step}",
        reason=f"chargeback_{step}",
        collaboration_id=group_buy.id,
        reverses=withdrawn if is_opposite else None,
        now=now,
    )
    chargeback.withdrawn_minor = withdrawn_minor


def _go_on(session: Session, payment: Payment) -> None:
    """What waited for the bank's decision is sent on, or given back, now."""
    waiting = session.scalars(
        select(Remittance.id).filter_by(payment_id=payment.id, state=RemittanceState.WAITING)
    )
    queue.defer_many(session, "payouts.remit", [{"remittance_id": one} for one in waiting])
    refunds = session.scalars(
        select(Refund.id).filter_by(payment_id=payment.id, state=RefundState.WANTED)
    )
    queue.defer_many(session, "payments.refund", [{"refund_id": one} for one in refunds])


def _tell(
    session: Session,
    kind: type[Happened],
    chargeback: Chargeback,
    payment: Payment,
    now: datetime,
) -> None:
    facts: dict[str, Any] = {
        "chargeback_id": chargeback.id,
        "amount_minor": chargeback.amount_minor,
    }
    if kind is ChargebackOpened:
        facts["is_inquiry"] = chargeback.is_inquiry
        until_at = chargeback.answer_until_at
        facts["until"] = until_at.isoformat() if until_at is not None else ""
    tell(session, kind, payment, now=now, **facts)

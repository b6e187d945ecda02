"""Payments: cards are waited for, members told; operators, of money that could not go back."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.events import Event
from models.members import Role
from models.notices import NoticeKind
from services import notices, paths, payments
from services.reactions.audience import with_role
from services.reactions.registry import on
from services.reactions.telling import (
    commitment_of,
    does_not_happen,
    money,
    tell_of_someone,
    tell_one,
    telling_of,
)

# Event about one payment: its text. An amount is the event's fact `amount_minor`.
OF_PAYMENTS = {
    "PaymentNeeded": "payment-needed",
    "PaymentDeclined": "payment-declined",
    "PaymentNeedsAction": "payment-needs-action",
    "PaymentReceived": "payment-received",
    "PaidByHandInstead": "paid-by-hand",
    "PaidDenied": "paid-denied",
    "DueWaived": "due-waived",
    "RefundMade": "refunded",
}


# These ask for money, which nobody owes for what does not happen.
ASKING = ("PaymentNeeded", "PaymentDeclined", "PaymentNeedsAction", "PaidByHandInstead")


@on("GroupBuyJoined", "PutOnWaitingList")
def await_card(session: Session, event: Event, now: datetime) -> None:
    # Here, and not where the order is written: there everyone waits for its lock.
    payments.await_card(session, commitment_of(session, event).id)


@on(*OF_PAYMENTS)
def tell_of_payment(session: Session, event: Event, now: datetime) -> None:
    commitment = commitment_of(session, event)
    deal = commitment.collaboration
    if event.kind in ASKING and does_not_happen(deal):
        return
    amount = money(event.facts.get("amount_minor", commitment.due_minor), deal)
    message = OF_PAYMENTS[event.kind]
    if event.facts.get("is_final"):
        message = f"{message}-finally"
    telling = telling_of(
        deal,
        NoticeKind.PAYMENT,
        message,
        path=paths.payment(commitment.id),
        amount=amount,
        due=amount,
    )
    tell_one(session, event, commitment, telling, now)


@on("CommitmentDropped")
def dropped(session: Session, event: Event, now: datetime) -> None:
    commitment = commitment_of(session, event)
    telling = telling_of(commitment.collaboration, NoticeKind.PAYMENT, "payment-dropped")
    tell_one(session, event, commitment, telling, now)
    tell_of_someone(session, event, commitment, "someone-dropped", now)


@on("RefundFailed")
def refund_failed(session: Session, event: Event, now: datetime) -> None:
    commitment = commitment_of(session, event)
    amount = money(event.facts["amount_minor"], commitment.collaboration)
    telling = telling_of(
        commitment.collaboration, NoticeKind.ACCOUNT, "refund-failed", amount=amount
    )
    notices.tell_all(session, event, with_role(session, Role.OPERATOR), telling, now=now)

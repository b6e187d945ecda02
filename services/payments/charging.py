"""Charging: each try has a key of its own, stored before the call, so that a crash repeats nothing.

A try is planned, then sent, then answered. Between sending and answering nobody knows whether
the money was taken: the same key asks again and finds what was done.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.payments import (
    AttemptState,
    GatewayCustomer,
    Instrument,
    Payment,
    PaymentAttempt,
    PaymentState,
)
from services import queue
from services.gateways.answers import (
    Charged,
    CurrencyNotChargeable,
    Declined,
    GatewayRefused,
    HoldLost,
    NeedsAction,
)
from services.gateways.calls import KEY_LIMIT
from services.gateways.stripe import StripeGateway
from services.payments.finding import (
    deal_of,
    is_collecting,
    locked,
    owed_minor,
    tell,
)
from services.payments.happened import PaymentDeclined, PaymentNeedsAction
from services.payments.letting_go import let_go
from services.payments.planning import plan_attempt
from services.payments.receiving import goes_back, receive

# Stripe's and our own counsel: four tries within a week (Visa forbids more than 15 in 30 days).
TRIES = (timedelta(0), timedelta(hours=48), timedelta(hours=96), timedelta(hours=144))

Answer = Charged | NeedsAction | Declined | HoldLost


@dataclass(frozen=True)
class ChargeCall:
    """One try as it is sent to the gateway; with `intent_key` a hold is taken."""

    payment_id: int
    attempt_id: int
    key: str
    amount_minor: int
    currency: str
    customer_key: str
    payment_method_key: str
    intent_key: str
    is_forgotten: bool


def begin_charge(session: Session, payment_id: int, *, now: datetime) -> ChargeCall | None:
    """Say that the planned try is being sent; None if there is nothing to send.

    One that was sent before and never answered is sent again under its own key.
    """
    payment = locked(session, payment_id)
    if payment.state != PaymentState.CHARGING:
        return None
    attempt = latest_attempt(session, payment)
    if attempt.state == AttemptState.PLANNED:
        # What is owed may have gone down since the try was planned.
        due_minor = min(attempt.amount_minor, owed_minor(payment))
        if due_minor == 0:
            payment.release()
            let_go(session, payment)
            return None
        attempt.amount_minor = payment.amount_minor = due_minor
        attempt.send(now)
        is_forgotten = False
    elif attempt.state == AttemptState.SENT:
        is_forgotten = now - attempt.sent_at > KEY_LIMIT
    else:
        return None
    customer = session.scalar(
        select(GatewayCustomer).filter_by(participant_id=payment.participant_id)
    )
    holds = payment.instrument == Instrument.HELD_ON_CARD
    return ChargeCall(
        payment_id=payment.id,
        attempt_id=attempt.id,
        key=attempt.key,
        amount_minor=attempt.amount_minor,
        currency=payment.currency,
        customer_key=customer.customer_key if customer else "",
        payment_method_key=payment.payment_method_key,
        intent_key=payment.intent_key if holds else "",
        is_forgotten=is_forgotten,
    )


def send_charge(gateway: StripeGateway, call: ChargeCall) -> Answer:
    """Make the call. Raises GatewayUnreachable: then nobody knows, and the key asks again."""
    if call.is_forgotten:
        # The key would charge anew. If money was taken, the gateway's message says so.
        return Declined(None, "no_answer", None, True)
    try:
        if call.intent_key:
            return gateway.capture(call.intent_key, call.amount_minor, key=call.key)
        return gateway.charge_off_session(
            call.customer_key,
            call.payment_method_key,
            call.amount_minor,
            call.currency,
            key=call.key,
            metadata={"payment": str(call.payment_id)},
        )
    except GatewayRefused as refused:
        return Declined(None, refused.code or "refused", None, True)
    except CurrencyNotChargeable:
        return Declined(None, "currency_not_supported", None, True)


def record_charge(session: Session, call: ChargeCall, answer: Answer, *, now: datetime) -> None:
    """Write down what a try came to; what was written before stands."""
    payment = locked(session, call.payment_id)
    attempt = session.get_one(PaymentAttempt, call.attempt_id, populate_existing=True)
    if attempt.state != AttemptState.SENT:
        return
    match answer:
        case Charged() if goes_back(session, answer.intent_id):
            # Made under this key in a time that a restored backup does not hold, and found since.
            attempt.answer(AttemptState.DECLINED, code="given_back", now=now)
            _try_anew(session, payment, now)
        case Charged():
            attempt.answer(AttemptState.SUCCEEDED, intent_key=answer.intent_id, now=now)
            receive(session, payment, answer.intent_id, answer.amount_minor, now=now)
        case HoldLost():
            attempt.answer(AttemptState.DECLINED, code="hold_lost", now=now)
            _try_anew(session, payment, now)
        case NeedsAction():
            intent_key = answer.intent_id or ""
            attempt.answer(AttemptState.NEEDS_ACTION, intent_key=intent_key, now=now)
            _not_now(session, payment, answer, now)
        case Declined():
            code = answer.decline_code or answer.code
            attempt.answer(AttemptState.DECLINED, code=code, now=now)
            _not_now(session, payment, answer, now)


def _try_anew(session: Session, payment: Payment, now: datetime) -> None:
    if payment.state == PaymentState.CHARGING:
        payment.charge_without_hold()
        plan_attempt(session, payment, now)


def _not_now(
    session: Session, payment: Payment, answer: NeedsAction | Declined, now: datetime
) -> None:
    if payment.state != PaymentState.CHARGING:
        return
    due_minor = owed_minor(payment)
    if due_minor == 0:
        payment.release()
        let_go(session, payment)
    elif isinstance(answer, NeedsAction):
        payment.need_action(answer.intent_id or "")
        tell(session, PaymentNeedsAction, payment, amount_minor=due_minor, now=now)
    else:
        next_try_at = None if answer.hard else _next_try_at(session, payment)
        payment.decline(answer.decline_code or answer.code, next_try_at)
        if next_try_at is not None:
            queue.defer(session, "payments.retry", at=next_try_at, payment_id=payment.id)
        tell(
            session,
            PaymentDeclined,
            payment,
            amount_minor=due_minor,
            is_final=next_try_at is None,
            now=now,
        )


def _next_try_at(session: Session, payment: Payment) -> datetime | None:
    if payment.attempts_count >= len(TRIES):
        return None
    first_at = session.scalars(
        select(PaymentAttempt.sent_at).filter_by(payment_id=payment.id, number=1)
    ).one()
    next_at = first_at + TRIES[payment.attempts_count]
    deal = deal_of(session, payment)
    is_too_late = (
        is_collecting(deal)
        and deal.collect_until_at is not None
        and next_at >= deal.collect_until_at
    )
    return None if is_too_late else next_at


def latest_attempt(session: Session, payment: Payment) -> PaymentAttempt:
    return session.scalars(
        select(PaymentAttempt)
        .filter_by(payment_id=payment.id)
        .order_by(PaymentAttempt.number.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    ).one()


def still_planned(session: Session, payments: Sequence[Payment]) -> set[int]:
    """The ids of those whose charge is asked for, but was surely not sent."""
    charging = [one.id for one in payments if one.state == PaymentState.CHARGING]
    if not charging:
        return set()
    return set(
        session.scalars(
            select(Payment.id)
            .join(
                PaymentAttempt,
                (PaymentAttempt.payment_id == Payment.id)
                & (PaymentAttempt.number == Payment.attempts_count),
            )
            .where(Payment.id.in_(charging), PaymentAttempt.state == AttemptState.PLANNED)
        )
    )

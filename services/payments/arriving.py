"""What the gateway knows, taken in: by return, by message or by asking, in any order, any often.

The state is always read from the gateway, never from a message or an address.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.collaborations import Commitment
from models.payments import CARD_LIMIT, GatewayCustomer, Payment, PaymentState
from services import queue
from services.gateways.answers import Card, CheckoutState, Intent, IntentState
from services.gateways.stripe import StripeGateway
from services.payments import wallets
from services.payments.finding import locked, owed_minor, tell
from services.payments.happened import CardPromised
from services.payments.planning import plan
from services.payments.promising import defer_expiry
from services.payments.receiving import receive


@dataclass(frozen=True)
class News:
    """What the gateway said of one payment. A page that was ended unused carries nothing."""

    payment_id: int
    checkout_key: str
    customer_key: str
    card: Card | None
    intent: Intent | None


def read_page(gateway: StripeGateway, checkout_key: str, *, close: bool = False) -> News | None:
    """What became of a hosted page; None while it is open or if it is not ours.

    With `close` it is ended first, so that nothing more can happen on it.
    """
    seen = (
        gateway.close_checkout(checkout_key, key=f"close:{checkout_key}")
        if close
        else gateway.read_checkout(checkout_key)
    )
    payment_id = seen.metadata.get("payment", "")
    if seen.state is CheckoutState.OPEN or not payment_id.isdecimal():
        return None
    return News(
        payment_id=int(payment_id),
        checkout_key=seen.id,
        customer_key=seen.customer_id or "",
        card=seen.card,
        intent=gateway.read_intent(seen.intent_id) if seen.intent_id else None,
    )


def read_charge(gateway: StripeGateway, intent_key: str) -> News | None:
    """How a charge or a hold stands; None if it is not ours."""
    intent = gateway.read_intent(intent_key)
    payment_id = intent.metadata.get("payment", "")
    if not payment_id.isdecimal():
        return None
    return News(int(payment_id), "", intent.customer_id or "", intent.card, intent)


def take_in(session: Session, news: News, *, now: datetime) -> int:
    """Bring the payment up to what the gateway knows; the id of its commitment."""
    payment = locked(session, news.payment_id)
    is_latest = bool(news.checkout_key) and payment.checkout_key == news.checkout_key
    if is_latest:
        payment.end_checkout()
    if news.card is not None and _is_theirs(session, payment, news):
        wallets.keep_card(session, payment.participant_id, news.card)
    if news.intent is not None:
        _take_in_charge(session, payment, news.intent, now)
    elif news.card is not None:
        _take_in_card(session, payment, news.card, is_latest, now)
    if news.card is not None and _stands_behind(payment, news.card, news.intent):
        payment.show_card(news.card.brand, news.card.last4)
    return payment.commitment_id


def _stands_behind(payment: Payment, card: Card, intent: Intent | None) -> bool:
    """Whether this is the card that is charged or was: a stray page may tell of another one."""
    paid_with_it = intent is not None and payment.intent_key == intent.id
    return paid_with_it or (
        payment.state != PaymentState.PAID and payment.payment_method_key == card.id
    )


def _is_theirs(session: Session, payment: Payment, news: News) -> bool:
    known = select(GatewayCustomer.customer_key).filter_by(participant_id=payment.participant_id)
    return session.scalar(known) == news.customer_key


def _take_in_card(
    session: Session, payment: Payment, card: Card, is_latest: bool, now: datetime
) -> None:
    if payment.state == PaymentState.AWAITING_CARD:
        payment.promise_card(card.id)
        tell(session, CardPromised, payment, now=now)
    elif is_latest and payment.state in Payment.UNPAID and owed_minor(payment):
        # It was saved on a page opened before the close: it is charged now. A page that was
        # taken in before tells of a card that was asked already, and asks it nothing again.
        payment.lose_hold()
        payment.payment_method_key = card.id
        plan(session, payment, owed_minor(payment), now=now)


def _take_in_charge(session: Session, payment: Payment, intent: Intent, now: datetime) -> None:
    match intent.state:
        case IntentState.CHARGED:
            receive(session, payment, intent.id, intent.taken_minor, now=now)
        case IntentState.HELD:
            _take_in_hold(session, payment, intent, now)
        case IntentState.CANCELLED:
            if payment.state == PaymentState.READY and payment.intent_key == intent.id:
                _hold_lapsed(session, payment, now)
        case _:
            # A declined or unfinished charge is known from its own answer.
            pass


def _take_in_hold(session: Session, payment: Payment, intent: Intent, now: datetime) -> None:
    if payment.intent_key == intent.id:
        return
    commitment: Commitment = payment.commitment
    card_key = intent.card.id if intent.card else ""
    if (
        payment.state == PaymentState.AWAITING_CARD
        and intent.held_minor >= commitment.worst_case_minor
    ):
        payment.promise_hold(
            intent.id,
            intent.held_minor,
            payment_method_key=card_key,
            capture_before_at=intent.capture_before,
        )
        tell(session, CardPromised, payment, now=now)
    elif payment.state in Payment.UNPAID and 0 < owed_minor(payment) <= intent.held_minor:
        payment.hold(
            intent.id,
            intent.held_minor,
            payment_method_key=card_key,
            capture_before_at=intent.capture_before,
        )
        plan(session, payment, owed_minor(payment), now=now)
    else:
        # Too little for an order that grew meanwhile, or too late.
        queue.defer(session, "payments.let_go", payment_id=payment.id, intent_key=intent.id)


def _hold_lapsed(session: Session, payment: Payment, now: datetime) -> None:
    if payment.payment_method_key:
        payment.lose_hold()
    else:
        payment.ask_again(now + CARD_LIMIT)
        defer_expiry(session, payment)

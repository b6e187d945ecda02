"""Hosted pages: where a card is given before the close, or what is owed is paid after it."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.payments import Payment, PaymentNotDue, PaymentState
from services.gateways.answers import Checkout, CheckoutState
from services.gateways.stripe import StripeGateway
from services.payments.finding import deal_of, locked, owed_minor, own
from services.payments.promising import holds


class Purpose(StrEnum):
    """What a hosted page is opened for."""

    SAVE_CARD = "save_card"
    HOLD = "hold"
    PAY = "pay"


@dataclass(frozen=True)
class CheckoutPlan:
    """A hosted page that is to be opened: for what, and under which key."""

    payment_id: int
    commitment_id: int
    participant_id: int
    number: int
    purpose: Purpose
    amount_minor: int
    currency: str
    title: str
    consent: str
    # The page that was opened before, and an earlier charge that still waits for its cardholder.
    earlier_key: str
    stale_intent_key: str

    @property
    def key(self) -> str:
        return f"checkout:{self.payment_id}:{self.number}"

    @property
    def metadata(self) -> dict[str, str]:
        return {
            "payment": str(self.payment_id),
            "purpose": self.purpose.value,
            "amount": str(self.amount_minor),
        }

    def is_served_by(self, earlier: Checkout) -> bool:
        """Whether a page that was opened before is still open and for the same."""
        return earlier.state is CheckoutState.OPEN and dict(earlier.metadata) == self.metadata


def plan_checkout(
    session: Session, commitment_id: int, *, consent: str, actor: Actor, now: datetime
) -> CheckoutPlan:
    """What page to open for whoever pays a commitment; refuses with PaymentNotDue, NotFound.

    `consent` are the words as they were shown; they are kept with the payment.
    """
    payment = own(session, commitment_id, actor=actor, lock=True)
    deal = deal_of(session, payment)
    if payment.state == PaymentState.AWAITING_CARD and payment.commitment.is_alive:
        purpose = Purpose.HOLD if holds(deal, now) else Purpose.SAVE_CARD
        amount_minor = payment.commitment.worst_case_minor
        payment.consent = consent
        if purpose is Purpose.HOLD and not amount_minor:
            purpose = Purpose.SAVE_CARD
    elif payment.state in Payment.UNPAID and owed_minor(payment):
        purpose, amount_minor = Purpose.PAY, owed_minor(payment)
    else:
        raise PaymentNotDue
    return CheckoutPlan(
        payment_id=payment.id,
        commitment_id=commitment_id,
        participant_id=payment.participant_id,
        number=payment.checkouts_count,
        purpose=purpose,
        amount_minor=amount_minor,
        currency=payment.currency,
        title=deal.title,
        consent=consent,
        earlier_key=payment.checkout_key,
        stale_intent_key=payment.intent_key if purpose is Purpose.PAY else "",
    )


def number_checkout(session: Session, plan: CheckoutPlan, *, anew: bool = False) -> CheckoutPlan:
    """Give the page its number: two who ask at once get the same, and so the same page.

    With `anew` the number of `plan` was used for a page of other terms, and the next is taken.
    """
    payment = locked(session, plan.payment_id)
    payment.number_checkout(after=plan.number if anew else 0)
    return replace(plan, number=payment.checkouts_count)


def open_checkout(
    gateway: StripeGateway,
    plan: CheckoutPlan,
    customer_key: str,
    *,
    success_url: str,
    cancel_url: str,
    locale: str,
) -> Checkout:
    """Open the page at the gateway. Raises GatewayUnreachable; the same key asks again."""
    if plan.purpose is Purpose.SAVE_CARD:
        return gateway.open_setup_checkout(
            customer_key,
            success_url=success_url,
            cancel_url=cancel_url,
            locale=locale,
            consent=plan.consent or None,
            key=plan.key,
            metadata=plan.metadata,
        )
    return gateway.open_payment_checkout(
        customer_key,
        title=plan.title,
        amount_minor=plan.amount_minor,
        currency=plan.currency,
        success_url=success_url,
        cancel_url=cancel_url,
        locale=locale,
        holds=plan.purpose is Purpose.HOLD,
        consent=plan.consent or None,
        key=plan.key,
        metadata=plan.metadata,
    )


def keep_checkout(session: Session, plan: CheckoutPlan, checkout_key: str) -> None:
    """Remember the page that was opened, unless another has taken its place."""
    payment = locked(session, plan.payment_id)
    if payment.checkouts_count == plan.number:
        payment.checkout_key = checkout_key


def forget_page(session: Session, checkout_key: str) -> None:
    """End a page that the gateway does not know: nothing can come of it any more."""
    payment = session.scalar(
        select(Payment)
        .filter_by(checkout_key=checkout_key)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    if payment is not None:
        payment.end_checkout()

"""Promising: before the close a card stands behind each commitment that is paid by card."""

from collections.abc import Collection, Set
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy
from models.chargebacks import Chargeback
from models.collaborations import Commitment
from models.payments import (
    CARD_LIMIT,
    GatewayCustomer,
    Instrument,
    NoSavedCard,
    Payment,
    PaymentNotDue,
    PaymentState,
    Refund,
    RefundState,
)
from services import queue
from services.payments import wallets
from services.payments.charging import still_planned
from services.payments.finding import deal_of, of_commitment, owed_minor, own, tell
from services.payments.happened import CardPromised
from services.payments.letting_go import let_go_many
from services.payments.locking import locked_payments

# A bank keeps a hold for seven days; a day is left for the close and its charges.
HOLD_MARGIN = timedelta(hours=24)
HOLD_LIMIT = timedelta(days=7) - HOLD_MARGIN
MOST_AT_ONCE = 500


@dataclass(frozen=True)
class Standing:
    """What the page of a payment says, amounts in minor units.

    `amount_minor` is the worst case before the decision, and what is owed after it. `holds`
    says that the worst case is held on the card until the close.
    """

    payment: Payment
    commitment: Commitment
    deal: GroupBuy
    amount_minor: int
    holds: bool
    saved_card: GatewayCustomer | None
    refunds: tuple[Refund, ...]
    # What the payer's bank has given back for good.
    kept_by_payer_minor: int

    @property
    def card_until_at(self) -> datetime:
        """By when a card has to be given, while none is: at the latest by the close."""
        return min(self.payment.card_due_at, self.deal.last_close_at)

    @property
    def stays_paid_minor(self) -> int:
        """What was paid and has not come back to its payer, from here or through their bank."""
        back = (
            one.amount_minor
            for one in self.refunds
            if one.state in (RefundState.SUCCEEDED, RefundState.SUPERSEDED)
        )
        return self.payment.amount_minor - sum(back) - self.kept_by_payer_minor


def standing(session: Session, commitment_id: int, *, actor: Actor, now: datetime) -> Standing:
    """How the payment of a commitment stands, for whoever pays it; refuses with NotFound."""
    payment = own(session, commitment_id, actor=actor)
    deal = deal_of(session, payment)
    customer = session.scalar(
        select(GatewayCustomer).filter_by(participant_id=payment.participant_id)
    )
    refunds = session.scalars(
        select(Refund).filter_by(payment_id=payment.id).order_by(Refund.id)
    ).all()
    return Standing(
        payment=payment,
        commitment=payment.commitment,
        deal=deal,
        amount_minor=(
            payment.commitment.worst_case_minor
            if payment.commitment.is_alive
            else owed_minor(payment)
        ),
        holds=holds(deal, now),
        saved_card=customer if customer and customer.payment_method_key else None,
        refunds=tuple(refunds),
        kept_by_payer_minor=_kept_by_payer_minor(session, payment),
    )


def _kept_by_payer_minor(session: Session, payment: Payment) -> int:
    borne = select(func.sum(Chargeback.borne_minor)).filter_by(payment_id=payment.id)
    return int(session.scalar(borne) or 0)


def holds(deal: GroupBuy, now: datetime) -> bool:
    """Whether the worst case can be held on a card until the deal is decided, come what may."""
    return deal.collecting_days > 0 and deal.last_close_at - now <= HOLD_LIMIT


def use_saved_card(
    session: Session, commitment_id: int, *, consent: str, actor: Actor, now: datetime
) -> None:
    """Let the participant's saved card stand behind a commitment.

    `consent` are the words as they were shown. Refuses with PaymentNotDue, NoSavedCard.
    """
    payment = own(session, commitment_id, actor=actor, lock=True)
    if payment.state != PaymentState.AWAITING_CARD or not payment.commitment.is_alive:
        raise PaymentNotDue
    customer = wallets.locked_customer(session, payment.participant_id)
    if customer is None or not customer.payment_method_key:
        raise NoSavedCard
    payment.promise_card(customer.payment_method_key)
    payment.show_card(customer.card_brand, customer.card_last4)
    payment.consent = consent
    if payment.checkout_key:
        queue.defer(
            session,
            "payments.let_go",
            payment_id=payment.id,
            checkout_key=payment.checkout_key,
        )
        payment.end_checkout()
    tell(session, CardPromised, payment, by=actor, now=now)


def release(session: Session, commitment_id: int, *, now: datetime) -> None:
    """Let go of whatever stands behind a commitment that will not be charged."""
    release_many(session, [commitment_id], now=now)


def release_many(session: Session, commitment_ids: Collection[int], *, now: datetime) -> None:
    """Let go of whatever stands behind these commitments, locked in one order for all.

    A charge that may have been sent stays until it is answered; then it is given back. So does
    what one side says was paid by hand, until the other says so or it is taken back. What is
    paid, or over already, is passed over.
    """
    found = locked_payments(session, commitment_ids)
    planned = still_planned(session, found)
    over = [
        one
        for one in found
        if one.can_move(PaymentState.RELEASED)
        and one.state != PaymentState.CONFIRMED_BY_ONE
        and (one.state != PaymentState.CHARGING or one.id in planned)
    ]
    for payment in over:
        payment.release()
    let_go_many(session, over)


def await_card(session: Session, commitment_id: int) -> None:
    """See to it that an order for which no card is given in time gives its units back."""
    payment = of_commitment(session, commitment_id)
    if payment is not None and payment.state == PaymentState.AWAITING_CARD:
        defer_expiry(session, payment)


def defer_expiry(session: Session, payment: Payment) -> None:
    """Look again when a card is due: without one the order is taken back."""
    queue.defer(
        session,
        "payments.expire",
        at=payment.card_due_at,
        commitment_id=payment.commitment_id,
    )


def is_outgrown(session: Session, commitment_id: int, worst_case_minor: int) -> bool:
    """Whether what is held on a card covers a worst case no more, so that another is needed."""
    payment = of_commitment(session, commitment_id, lock=True)
    return payment is not None and payment.is_too_small_for(worst_case_minor)


def outgrown(session: Session, commitment_id: int, worst_case_minor: int, *, now: datetime) -> None:
    """See to it that what is held on a card still covers the worst case after a change."""
    payment = of_commitment(session, commitment_id, lock=True)
    if payment is None or not payment.is_too_small_for(worst_case_minor):
        return
    queue.defer(session, "payments.let_go", payment_id=payment.id, intent_key=payment.intent_key)
    payment.ask_again(now + CARD_LIMIT)
    defer_expiry(session, payment)


def give_up_holds(session: Session, *, now: datetime) -> None:
    """Rely on the card itself where its bank would let the amount go before it is taken.

    A pause or a later close puts the decision off beyond what was reckoned with. The card was
    kept with the hold; what its holder agreed to pay at most stays the most.
    """
    lapsing = session.scalars(
        select(Payment)
        .join(Commitment, Commitment.id == Payment.commitment_id)
        .where(
            Payment.state == PaymentState.READY,
            Payment.instrument == Instrument.HELD_ON_CARD,
            Payment.payment_method_key != "",
            Payment.capture_before_at <= now + HOLD_MARGIN,
            Commitment.state.in_(Commitment.ALIVE),
        )
        .order_by(Payment.id)
        .limit(MOST_AT_ONCE)
        .with_for_update(key_share=True, of=Payment, skip_locked=True)
        .execution_options(populate_existing=True)
    ).all()
    let_go_many(session, lapsing)
    for payment in lapsing:
        payment.lose_hold()


def without_card(session: Session, collaboration_id: int) -> Set[int]:
    """The ids of the commitments that are to be paid by card, and for which none is given."""
    return frozenset(
        session.scalars(
            select(Payment.commitment_id)
            .join(Commitment, Commitment.id == Payment.commitment_id)
            .where(
                Commitment.collaboration_id == collaboration_id,
                Commitment.state.in_(Commitment.ALIVE),
                Payment.state == PaymentState.AWAITING_CARD,
            )
        )
    )


def is_overdue(payment: Payment, now: datetime) -> bool:
    """Whether the time to give a card is over."""
    return payment.state == PaymentState.AWAITING_CARD and now >= payment.card_due_at

"""From hand to hand: what is paid at pick-up counts once payer and payee have both said so."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager

from models.actors import Actor
from models.buying import GroupBuy
from models.collaborations import Commitment, NotTheOrganiser
from models.errors import NotFound
from models.ledger import AccountPurpose
from models.participants import Participant, ParticipantKind
from models.payments import (
    BankHasIt,
    Instrument,
    NotYourConfirmation,
    Payment,
    PaymentNotDue,
    PaymentState,
    Refund,
    RefundState,
)
from services import payouts
from services.payments.finding import commitment_of, deal_of, of_commitment, owed_minor, pays, tell
from services.payments.happened import (
    CashConfirmationTakenBack,
    CashConfirmed,
    PaidByHandInstead,
    PaidDenied,
    PaymentReceived,
)
from services.payments.keys import payment_key
from services.payments.letting_go import let_go
from services.payments.locking import lock_cash
from services.payments.own_debts import OwnReceipt, may_receive
from services.payments.receiving import book_receipt
from services.payments.refunding import finish_refund, locked_refund
from services.payments.superseding import is_taken
from services.payments.wanting_back import refund_excess

# After a week nobody is asked any more whether the cash that was received was paid.
SILENCE = timedelta(days=7)


def confirm_paid(session: Session, commitment_id: int, *, actor: Actor, now: datetime) -> None:
    """Say, as the payer, that what is owed was handed over.

    Refuses with NotYourConfirmation who does not pay it, with PaymentNotDue before the goods
    are due, after it was said, and if nothing is owed, with DeniedTwice; NotFound to strangers.
    """
    payment, deal = _found(session, commitment_id, actor)
    if not pays(session, payment, actor):
        raise NotYourConfirmation
    _guard_due(payment, deal)
    payment.confirm_by_payer(owed_minor(payment), now)
    _tell_confirmed(session, payment, actor, now)


def confirm_received(session: Session, commitment_id: int, *, actor: Actor, now: datetime) -> None:
    """Say, as one who organises, that what is owed was received.

    For a guest, who cannot say anything here, it counts for both. Refuses with PaymentNotDue,
    NotYourConfirmation and, what `may_receive` denies, OwnReceipt; NotFound to strangers.
    """
    payment, deal = _found(session, commitment_id, actor)
    if not deal.is_organised_by(actor):
        raise NotYourConfirmation
    if not may_receive(deal, payment.commitment, actor):
        raise OwnReceipt
    _guard_due(payment, deal)
    payer = session.get_one(Participant, payment.participant_id)
    payment.confirm_by_payee(
        owed_minor(payment), now, for_payer_too=payer.kind == ParticipantKind.GUEST
    )
    _tell_confirmed(session, payment, actor, now)


def deny_paid(session: Session, commitment_id: int, *, actor: Actor, now: datetime) -> None:
    """Say, as one who organises, that what the payer alone says was paid did not arrive.

    The payer can say once more that they have paid; what is denied again is for the moderators.
    Refuses with PaymentNotDue what the payer does not say, or both do, and with
    NotYourConfirmation; NotFound to strangers.
    """
    payment, deal = _found(session, commitment_id, actor)
    if not deal.is_organised_by(actor):
        raise NotYourConfirmation
    if payment.state != PaymentState.CONFIRMED_BY_ONE:
        raise PaymentNotDue
    amount_minor = payment.amount_minor
    payment.deny_by_payee()
    # What is owed no more cannot be said to be paid again: then it is for the moderators.
    is_final = payment.is_denied or not owed_minor(payment)
    if not owed_minor(payment):
        payment.release()
    tell(
        session,
        PaidDenied,
        payment,
        amount_minor=amount_minor,
        is_final=is_final,
        by=actor,
        now=now,
    )


def count_silence(
    session: Session, collaboration_id: int, *, then_paid: Collection[int] = (), now: datetime
) -> None:
    """Count as paid what was said to be received and nobody spoke of again for a week.

    Whoever says that they have the money speaks against themself. The caller holds the lock of
    the deal, and names the participants whom it pays afterwards.
    """
    found = session.scalars(
        select(Payment)
        .join(Payment.commitment)
        .where(
            Commitment.collaboration_id == collaboration_id,
            Payment.state == PaymentState.CONFIRMED_BY_ONE,
            Payment.confirmed_by_payee_at <= now - SILENCE,
        )
        .options(contains_eager(Payment.commitment))
        .order_by(Payment.id)
        .with_for_update(key_share=True, of=Payment)
        .execution_options(populate_existing=True)
    ).all()
    lock_cash(session, collaboration_id, found, then_paid=then_paid, now=now)
    for payment in found:
        payment.confirm_by_payer(owed_minor(payment), now)
        _receive(session, payment, now)


def pay_by_hand(session: Session, commitment_id: int, *, actor: Actor, now: datetime) -> None:
    """Have what no card brought paid at pick-up instead, once the goods are ordered.

    For the payer and for those who organise. Refuses with PaymentNotDue where the card can
    still be charged in time, or where the deal takes cards alone; NotFound to strangers.
    """
    payment, deal = _found(session, commitment_id, actor)
    is_open = payment.state in Payment.UNPAID and bool(owed_minor(payment))
    if not is_open or not deal.at_pickup or deal.state not in deal.PAYABLE:
        raise PaymentNotDue
    let_go(session, payment)
    payment.pay_by_hand()
    tell(session, PaidByHandInstead, payment, by=actor, now=now)


def take_back(session: Session, commitment_id: int, *, actor: Actor, now: datetime) -> None:
    """Take one's own wrong confirmation back, while the other has not confirmed.

    Refuses with NotYourConfirmation and PaymentNotDue; NotFound to strangers.
    """
    payment, deal = _found(session, commitment_id, actor)
    if payment.state != PaymentState.CONFIRMED_BY_ONE:
        raise PaymentNotDue
    by_payer = payment.confirmed_by_payer_at is not None
    mine = pays(session, payment, actor) if by_payer else deal.is_organised_by(actor)
    if not mine:
        raise NotYourConfirmation
    payment.take_confirmation_back()
    if not owed_minor(payment):
        payment.release()
    tell(session, CashConfirmationTakenBack, payment, by=actor, now=now)


def hand_back(session: Session, refund_id: int, *, actor: Actor, now: datetime) -> None:
    """Say, as one who organises, that money was given back.

    What came by transfer goes back by transfer, everything else in cash: what no card took back,
    too, and then the organiser is sent what stayed at the gateway. Refuses with PaymentNotDue, with
    BankHasIt what the payer's bank may give back, and with NotTheOrganiser the payer; NotFound to
    strangers.
    """
    commitment_id = session.scalar(
        select(Payment.commitment_id).join(Refund).where(Refund.id == refund_id)
    )
    if commitment_id is None:
        raise NotFound
    # First the payment, as whoever hears of its bank does, and then the refund.
    _, deal = _found(session, commitment_id, actor)
    refund = locked_refund(session, refund_id)
    if not deal.is_organised_by(actor):
        raise NotTheOrganiser
    if is_taken(session, refund.intent_key):
        raise BankHasIt
    if refund.state == RefundState.FAILED:
        refund.want_again()
    elif refund.state != RefundState.WANTED or refund.intent_key:
        raise PaymentNotDue
    by_transfer = refund.payment.instrument == Instrument.TRANSFER
    through = AccountPurpose.BANK if by_transfer else AccountPurpose.CASH
    finish_refund(session, refund, through, "", now=now)
    if refund.intent_key:
        payouts.reimburse(session, deal, refund, now=now)


def _found(session: Session, commitment_id: int, actor: Actor) -> tuple[Payment, GroupBuy]:
    payment = of_commitment(session, commitment_id, lock=True)
    if payment is None:
        raise NotFound
    commitment_of(session, payment)
    deal = deal_of(session, payment)
    if not (deal.is_organised_by(actor) or pays(session, payment, actor)):
        raise NotFound
    return payment, deal


def _guard_due(payment: Payment, deal: GroupBuy) -> None:
    # What one side says was paid can be answered, whatever has become of the debt since.
    is_open = deal.state in deal.PAYABLE and bool(owed_minor(payment))
    if payment.is_by_card or not (is_open or payment.state == PaymentState.CONFIRMED_BY_ONE):
        raise PaymentNotDue


def _tell_confirmed(session: Session, payment: Payment, actor: Actor, now: datetime) -> None:
    tell(session, CashConfirmed, payment, by=actor, now=now)
    if payment.state == PaymentState.PAID:
        _receive(session, payment, now)


def _receive(session: Session, payment: Payment, now: datetime) -> None:
    """Book cash that counts as paid; what is owed no more by now is wanted back."""
    amount_minor, key = payment.amount_minor, payment_key(payment.id, "received")
    book_receipt(session, payment, AccountPurpose.CASH, amount_minor, key=key, now=now)
    tell(session, PaymentReceived, payment, amount_minor=amount_minor, now=now)
    excess = payment_key(payment.id, "excess")
    refund_excess(session, payment, key=excess, reason="not_owed", now=now)

"""Owing less: what is owed goes down, and what was paid beyond it is wanted back."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from models.collaborations import Collaboration, Commitment
from models.ledger import Account, AccountPurpose, Entry, Transfer
from models.payments import Payment
from services import ledger
from services.payments.finding import of_commitment
from services.payments.refunding import refund_excess


def lower_due(
    session: Session,
    commitment: Commitment,
    amount_minor: int,
    *,
    key: str,
    reason: str,
    now: datetime,
) -> None:
    """Let a commitment owe `amount_minor` less; what is paid beyond the rest goes back.

    `key` makes it happen once; it begins with `commitment:{id}:`. The caller holds the lock of
    the deal.
    """
    if amount_minor == 0 or session.scalar(select(Transfer.id).filter_by(key=key)) is not None:
        return
    if not 0 < amount_minor <= commitment.due_minor:
        raise ValueError("What is owed goes down by at most all of it.")
    _unbook(session, commitment, amount_minor, key=key, reason=reason, now=now)
    commitment.due_minor -= amount_minor
    session.flush()
    payment = of_commitment(session, commitment.id, lock=True)
    if payment is not None:
        refund_excess(session, payment, key=f"{key}:refund", reason=reason, now=now)


def lower_dues(
    session: Session,
    collaboration: Collaboration,
    amounts_minor: Mapping[Commitment, int],
    *,
    step: str,
    reason: str,
    now: datetime,
) -> None:
    """`lower_due` for many commitments of one deal, under the key `commitment:{id}:{step}`.

    For an act that happens once, under the lock of the deal, with amounts above zero.
    """
    if not amounts_minor:
        return
    if any(not 0 < amount <= one.due_minor for one, amount in amounts_minor.items()):
        raise ValueError("What is owed goes down by at most all of it.")
    currency = collaboration.currency
    pot = ledger.deal_account(session, collaboration.id, AccountPurpose.POT, currency, now=now)
    own = ledger.own_accounts(
        session, [one.participant_id for one in amounts_minor], currency, now=now
    )
    ledger.transfer_many(
        session,
        [
            ledger.Movement(
                key=f"commitment:{one.id}:{step}",
                payer_id=pot.id,
                payee_id=own[one.participant_id],
                amount_minor=amount,
            )
            for one, amount in amounts_minor.items()
        ],
        reason=reason,
        currency=currency,
        collaboration_id=collaboration.id,
        now=now,
    )
    for commitment, amount in amounts_minor.items():
        commitment.due_minor -= amount
    session.flush()
    for payment in session.scalars(
        select(Payment)
        .where(Payment.commitment_id.in_([one.id for one in amounts_minor]))
        .order_by(Payment.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all():
        key = f"commitment:{payment.commitment_id}:{step}:refund"
        refund_excess(session, payment, key=key, reason=reason, now=now)


def give_back(session: Session, commitment_id: int, *, reason: str, now: datetime) -> None:
    """Reverse everything a commitment owes; what was paid for it goes back.

    The caller holds the lock of the deal and has taken the commitment out of it. A charge that
    is under way is given back when it comes through.
    """
    session.flush()
    commitment = session.get_one(Commitment, commitment_id)
    booked_minor = booked_due(session, commitment)
    key = f"commitment:{commitment_id}:given-back"
    if booked_minor:
        _unbook(session, commitment, booked_minor, key=key, reason=reason, now=now)
    payment = of_commitment(session, commitment_id, lock=True)
    if payment is not None:
        refund_excess(session, payment, key=f"{key}:refund", reason=reason, now=now)


def booked_due(session: Session, commitment: Commitment) -> int:
    """What the books say a commitment owes the pot, in minor units."""
    total = session.scalar(
        _bookings_of(commitment).with_only_columns(func.coalesce(func.sum(Entry.amount_minor), 0))
    )
    return int(total or 0)


def _bookings_of(commitment: Commitment) -> Select[Transfer]:
    """The transfers between a participant and the pot for one commitment."""
    return (
        select(Transfer)
        .join(Entry, Entry.transfer_id == Transfer.id)
        .join(Account, Account.id == Entry.account_id)
        .where(
            Transfer.key.startswith(f"commitment:{commitment.id}:"),
            Account.purpose == AccountPurpose.POT,
        )
    )


def _unbook(
    session: Session,
    commitment: Commitment,
    amount_minor: int,
    *,
    key: str,
    reason: str,
    now: datetime,
) -> None:
    """Write that so much less is owed: what was booked once is reversed if all of it goes."""
    made = session.scalars(_bookings_of(commitment).limit(2)).all()
    if len(made) == 1 and amount_minor in {abs(one.amount_minor) for one in made[0].entries}:
        ledger.reverse(session, made[0], key=key, reason=reason, now=now)
        return
    currency = session.get_one(Collaboration, commitment.collaboration_id).currency
    pot = ledger.deal_account(
        session, commitment.collaboration_id, AccountPurpose.POT, currency, now=now
    )
    own = ledger.own_account(session, commitment.participant_id, currency, now=now)
    ledger.transfer(
        session,
        {pot.id: -amount_minor, own.id: amount_minor},
        key=key,
        reason=reason,
        collaboration_id=commitment.collaboration_id,
        now=now,
    )

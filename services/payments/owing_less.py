"""Owing less: what is owed goes down, and what was paid beyond it is wanted back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from models.collaborations import Collaboration, Commitment, State
from models.ledger import Account, AccountPurpose, Entry, Transfer
from services import ledger, queue
from services.payments.finding import of_commitment
from services.payments.keys import booked_for, booking_key, is_booking
from services.payments.locking import lock_money
from services.payments.wanting_back import refund_excess, refund_excesses


def lower_due(
    session: Session,
    commitment: Commitment,
    amount_minor: int,
    *,
    step: str,
    reason: str,
    now: datetime,
) -> None:
    """Let a commitment owe `amount_minor` less; what is paid beyond the rest goes back.

    It happens once for each `step`. The caller holds the lock of the deal.
    """
    key = booking_key(commitment.id, step)
    if amount_minor == 0 or session.scalar(select(Transfer.id).filter_by(key=key)) is not None:
        return
    if not 0 < amount_minor <= commitment.due_minor:
        raise ValueError("What is owed goes down by at most all of it.")
    payment = of_commitment(session, commitment.id, lock=True)
    _unbook(session, commitment, amount_minor, key=key, reason=reason, now=now)
    commitment.due_minor -= amount_minor
    session.flush()
    deal = session.get_one(Collaboration, commitment.collaboration_id)
    _have_invoices_corrected(session, deal, [commitment])
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
    """`lower_due` for many commitments of one deal.

    For an act that happens once, under the lock of the deal, with amounts above zero.
    """
    if not amounts_minor:
        return
    if any(not 0 < amount <= one.due_minor for one, amount in amounts_minor.items()):
        raise ValueError("What is owed goes down by at most all of it.")
    found = lock_money(session, collaboration, amounts_minor, now=now)
    booked = _booked_dues(session, collaboration)
    _unbook_many(session, collaboration, amounts_minor, booked, step=step, reason=reason, now=now)
    for commitment, amount in amounts_minor.items():
        commitment.due_minor -= amount
    session.flush()
    _have_invoices_corrected(session, collaboration, amounts_minor)
    refund_excesses(session, dict.fromkeys(found, reason), step=step, now=now)


def give_back_many(
    session: Session,
    collaboration: Collaboration,
    reasons: Mapping[Commitment, str],
    *,
    now: datetime,
) -> None:
    """Reverse everything that these commitments of one deal owe; what was paid for it goes back.

    The caller holds the lock of the deal and has taken the commitments out of it. A charge that
    is under way is given back when it comes through. Again, it does nothing.
    """
    if not reasons:
        return
    found = lock_money(session, collaboration, reasons, now=now)
    booked = _booked_dues(session, collaboration)
    for reason in dict.fromkeys(reasons.values()):
        amounts = {
            one: booked[one.id].minor
            for one, why in reasons.items()
            if why == reason and one.id in booked and booked[one.id].minor
        }
        _unbook_many(
            session, collaboration, amounts, booked, step="given-back", reason=reason, now=now
        )
    by_id = {one.id: why for one, why in reasons.items()}
    why = {one: by_id[one.commitment_id] for one in found}
    _have_invoices_corrected(session, collaboration, reasons)
    refund_excesses(session, why, step="given-back", now=now)


def _have_invoices_corrected(
    session: Session, collaboration: Collaboration, commitments: Iterable[Commitment]
) -> None:
    """Once it is completed, what is owed is invoiced: what is owed less is credited."""
    if collaboration.state == State.COMPLETED:
        queue.defer_many(
            session, "invoices.correct", [{"commitment_id": one.id} for one in commitments]
        )


@dataclass(frozen=True)
class _Booked:
    """What the books say a commitment owes the pot; by one transfer alone, or by several."""

    minor: int
    transfer_id: int | None

    def undone_by(self, amount_minor: int) -> int | None:
        """The transfer that this amount is the whole opposite of, if there is one."""
        return self.transfer_id if amount_minor == self.minor else None


def _booked_dues(session: Session, collaboration: Collaboration) -> dict[int, _Booked]:
    """What each commitment of the deal owes by the books, by its id."""
    commitment_id = booked_for()
    rows = session.execute(
        select(
            commitment_id,
            func.sum(Entry.amount_minor),
            func.count(),
            func.min(Transfer.id),
        )
        .join(Transfer, Transfer.id == Entry.transfer_id)
        .join(Account, Account.id == Entry.account_id)
        .where(
            Account.collaboration_id == collaboration.id,
            Account.purpose == AccountPurpose.POT,
            is_booking(),
        )
        .group_by(commitment_id)
    )
    return {
        booked_id: _Booked(int(minor), int(first_id) if count == 1 else None)
        for booked_id, minor, count, first_id in rows
    }


def _unbook_many(
    session: Session,
    collaboration: Collaboration,
    amounts_minor: Mapping[Commitment, int],
    booked: Mapping[int, _Booked],
    *,
    step: str,
    reason: str,
    now: datetime,
) -> None:
    """Write that so much less is owed: what was booked once is reversed if all of it goes."""
    currency = collaboration.currency
    pot = ledger.deal_account(session, collaboration.id, AccountPurpose.POT, currency, now=now)
    own = ledger.own_accounts(
        session, [one.participant_id for one in amounts_minor], currency, now=now
    )
    ledger.transfer_many(
        session,
        [
            ledger.Movement(
                key=booking_key(one.id, step),
                payer_id=pot.id,
                payee_id=own[one.participant_id],
                amount_minor=amount,
                reverses_id=booked[one.id].undone_by(amount),
            )
            for one, amount in amounts_minor.items()
        ],
        reason=reason,
        currency=currency,
        collaboration_id=collaboration.id,
        now=now,
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
    """The same for one commitment."""
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


def _bookings_of(commitment: Commitment) -> Select[Transfer]:
    """The transfers between a participant and the pot for one commitment."""
    return (
        select(Transfer)
        .join(Entry, Entry.transfer_id == Transfer.id)
        .join(Account, Account.id == Entry.account_id)
        .where(
            # The deal has an index; the beginning of a key has none in every collation.
            Transfer.collaboration_id == commitment.collaboration_id,
            is_booking(commitment.id),
            Account.purpose == AccountPurpose.POT,
        )
    )

"""Owing less: what is owed goes down, and what was paid beyond it is wanted back."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.collaborations import Collaboration, Commitment
from models.ledger import Account, AccountPurpose, Entry, Transfer
from services import ledger
from services.payments.finding import of_commitment
from services.payments.locking import lock_money
from services.payments.wanting_back import refund_excess, refund_excesses


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
    payment = of_commitment(session, commitment.id, lock=True)
    _unbook(session, commitment, amount_minor, key=key, reason=reason, now=now)
    commitment.due_minor -= amount_minor
    session.flush()
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
    found = lock_money(session, collaboration, amounts_minor, now=now)
    _unbook_many(session, collaboration, amounts_minor, step=step, reason=reason, now=now)
    for commitment, amount in amounts_minor.items():
        commitment.due_minor -= amount
    session.flush()
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
            one: booked[one.id]
            for one, why in reasons.items()
            if why == reason and booked.get(one.id)
        }
        _unbook_many(session, collaboration, amounts, step="given-back", reason=reason, now=now)
    by_id = {one.id: why for one, why in reasons.items()}
    why = {one: by_id[one.commitment_id] for one in found}
    refund_excesses(session, why, step="given-back", now=now)


def _booked_dues(session: Session, collaboration: Collaboration) -> dict[int, int]:
    """What the books say each commitment owes the pot, in minor units, by its id."""
    of_commitment = func.split_part(Transfer.key, ":", 2)
    rows = session.execute(
        select(of_commitment, func.sum(Entry.amount_minor))
        .join(Transfer, Transfer.id == Entry.transfer_id)
        .join(Account, Account.id == Entry.account_id)
        .where(
            Account.collaboration_id == collaboration.id,
            Account.purpose == AccountPurpose.POT,
            Transfer.key.startswith("commitment:"),
        )
        .group_by(of_commitment)
    )
    return {int(commitment_id): int(minor) for commitment_id, minor in rows}


def _unbook_many(
    session: Session,
    collaboration: Collaboration,
    amounts_minor: Mapping[Commitment, int],
    *,
    step: str,
    reason: str,
    now: datetime,
) -> None:
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


def _unbook(
    session: Session,
    commitment: Commitment,
    amount_minor: int,
    *,
    key: str,
    reason: str,
    now: datetime,
) -> None:
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

"""Locking where money moves: payments in the order of their ids, then accounts in that of theirs.

Every act keeps to this order, so that no two of them ever wait for each other. Whoever moves the
money of many commitments takes all their locks first.
"""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.collaborations import Collaboration, Commitment
from models.ledger import AccountPurpose
from models.payments import Payment
from services import ledger


def lock_money(
    session: Session,
    collaboration: Collaboration,
    commitments: Collection[Commitment],
    *,
    now: datetime,
) -> Sequence[Payment]:
    """The payments of these commitments of one deal, locked, and the accounts that they move."""
    found = locked_payments(session, [one.id for one in commitments])
    payers = [one.participant_id for one in commitments]
    currency = collaboration.currency
    own = ledger.own_accounts(session, payers, currency, now=now)
    pot = ledger.deal_account(session, collaboration.id, AccountPurpose.POT, currency, now=now)
    ledger.lock(session, [pot.id, *own.values()])
    return found


def lock_cash(
    session: Session,
    collaboration_id: int,
    payments: Sequence[Payment],
    *,
    then_paid: Collection[int] = (),
    now: datetime,
) -> None:
    """Lock all accounts that cash for these payments of one deal moves, once they are locked.

    With those of the participants who are `then_paid` out of it.
    """
    if not payments:
        return
    currency = payments[0].currency
    people = [*(one.participant_id for one in payments), *then_paid]
    own = ledger.own_accounts(session, people, currency, now=now)
    pot = ledger.deal_account(session, collaboration_id, AccountPurpose.POT, currency, now=now)
    cash = ledger.deal_account(session, collaboration_id, AccountPurpose.CASH, currency, now=now)
    ledger.lock(session, [pot.id, cash.id, *own.values()])


def locked_payments(session: Session, commitment_ids: Collection[int]) -> Sequence[Payment]:
    """The payments of these commitments, locked in one order for all."""
    session.flush()
    return session.scalars(
        select(Payment)
        .where(Payment.commitment_id.in_(commitment_ids))
        .order_by(Payment.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()

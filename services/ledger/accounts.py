"""Accounts of the ledger: opened when first asked for, locked in the order of their ids."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.ledger import Account, AccountPurpose, BelowFloor


def own_account(session: Session, participant_id: int, currency: str, *, now: datetime) -> Account:
    """The participant's account in `currency`, opened if it is their first."""
    return _account(
        session,
        AccountPurpose.OWN,
        currency,
        owner_id=participant_id,
        collaboration_id=None,
        now=now,
    )


def own_accounts(
    session: Session, participant_ids: Sequence[int], currency: str, *, now: datetime
) -> dict[int, int]:
    """The account ids of many participants, by participant; opened where they are missing."""
    if not participant_ids:
        return {}
    # Rows as parameters: one long statement for thousands would be compiled anew each time.
    session.execute(
        insert(Account).on_conflict_do_nothing(),
        [
            {
                "owner_id": owner_id,
                "purpose": AccountPurpose.OWN,
                "currency": currency,
                "balance_minor": 0,
                "held_minor": 0,
                "opened_at": now,
            }
            for owner_id in sorted(set(participant_ids))
        ],
    )
    rows = session.execute(
        select(Account.owner_id, Account.id).where(
            Account.owner_id.in_(participant_ids),
            Account.purpose == AccountPurpose.OWN,
            Account.currency == currency,
        )
    )
    return {int(owner_id): account_id for owner_id, account_id in rows if owner_id is not None}


def deal_account(
    session: Session,
    collaboration_id: int,
    purpose: AccountPurpose,
    currency: str,
    *,
    now: datetime,
) -> Account:
    """The collaboration's account for `purpose`: one per deal, so that no hot row queues all."""
    return _account(
        session, purpose, currency, owner_id=None, collaboration_id=collaboration_id, now=now
    )


def instance_account(
    session: Session, purpose: AccountPurpose, currency: str, *, now: datetime
) -> Account:
    """The one account of the whole instance for `purpose`: who books on it makes others wait."""
    return _account(session, purpose, currency, owner_id=None, collaboration_id=None, now=now)


def _account(
    session: Session,
    purpose: AccountPurpose,
    currency: str,
    *,
    owner_id: int | None,
    collaboration_id: int | None,
    now: datetime,
) -> Account:
    wanted = select(Account).filter_by(
        owner_id=owner_id, collaboration_id=collaboration_id, purpose=purpose, currency=currency
    )
    account = session.scalar(wanted)
    if account is None:
        # Two who open the same account at once both end up with the one that was first.
        session.execute(
            insert(Account)
            .values(
                owner_id=owner_id,
                collaboration_id=collaboration_id,
                purpose=purpose,
                currency=currency,
                balance_minor=0,
                held_minor=0,
                opened_at=now,
            )
            .on_conflict_do_nothing()
        )
        account = session.scalars(wanted).one()
    return account


def locked(session: Session, account_ids: Sequence[int] | Mapping[int, int]) -> Sequence[Account]:
    # In id order, so that two transfers between the same accounts never wait for each other.
    return session.scalars(
        select(Account)
        .where(Account.id.in_(account_ids))
        .order_by(Account.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()


def lock(session: Session, account_ids: Collection[int]) -> None:
    """Take the locks of all these accounts at once, for an act that moves between them in turn."""
    session.execute(
        select(Account.id)
        .where(Account.id.in_(account_ids))
        .order_by(Account.id)
        .with_for_update(key_share=True)
    ).all()


def guard_floor(account: Account, amount_minor: int) -> None:
    if account.floor_minor is not None and (
        amount_minor < 0 and account.available_minor + amount_minor < account.floor_minor
    ):
        raise BelowFloor(available_minor=account.available_minor)

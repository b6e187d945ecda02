"""Holds: an amount is set aside on an account until it is posted by a transfer, or voided."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.ledger import Account, Hold, HoldState
from services.ledger.accounts import guard_floor, lock, locked


def hold(session: Session, account: Account, amount_minor: int, *, key: str, now: datetime) -> Hold:
    """Set `amount_minor` aside on `account`; the same key returns the hold made before."""
    earlier = session.scalar(select(Hold).filter_by(key=key))
    if earlier is not None:
        return earlier
    if account.floor_minor is not None:
        [account] = locked(session, [account.id])
        guard_floor(account, -amount_minor)
    made = Hold(key=key, account_id=account.id, amount_minor=amount_minor, made_at=now)
    session.add(made)
    session.flush()
    session.expire(account, ["held_minor"])
    return made


def hold_many(session: Session, holds: Mapping[str, tuple[int, int]], *, now: datetime) -> None:
    """Set aside, under each new key, an amount on an account without a floor: (account, minor)."""
    if holds:
        session.flush()
        session.execute(
            insert(Hold),
            [
                {
                    "key": key,
                    "account_id": account_id,
                    "amount_minor": amount_minor,
                    "state": HoldState.PENDING,
                    "made_at": now,
                }
                for key, (account_id, amount_minor) in holds.items()
            ],
        )


def void(session: Session, key: str) -> None:
    """Give back what is still held under `key`; what was posted or voided stays so."""
    held = session.scalar(
        select(Hold)
        .filter_by(key=key, state=HoldState.PENDING)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if held is not None:
        held.void()
        session.flush()


def void_many(session: Session, keys: Sequence[str]) -> None:
    """Give back what is still held under any of `keys`."""
    if keys:
        session.flush()
        held_on = select(Hold.account_id).where(Hold.key.in_(keys), Hold.state == HoldState.PENDING)
        # The held amounts of the accounts change with the holds, in whatever order these are read.
        lock(session, session.scalars(held_on).all())
        session.execute(
            update(Hold)
            .where(Hold.key.in_(keys), Hold.state == HoldState.PENDING)
            .values(state=HoldState.VOIDED)
            .execution_options(synchronize_session="fetch")
        )

"""Transfers: amounts move between accounts, and their sum is always zero."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.errors import Conflict
from models.ledger import Entry, Hold, HoldState, Transfer
from services.ledger.accounts import guard_floor, locked


def transfer(
    session: Session,
    amounts: Mapping[int, int],
    *,
    key: str,
    reason: str,
    collaboration_id: int | None = None,
    reverses: Transfer | None = None,
    now: datetime,
) -> Transfer:
    """Add `amounts` (account id: minor units, summing to zero) to their accounts.

    The same key returns the transfer that was made before, if it moved the same amounts.
    Refuses with BelowFloor what an account does not hold, Conflict if the key was used for
    another movement.
    """
    amounts = {account_id: amount for account_id, amount in amounts.items() if amount}
    if sum(amounts.values()) or len(amounts) < 2:
        raise ValueError("A transfer has at least two entries, and they sum to zero.")
    accounts = locked(session, amounts)
    earlier = session.scalar(select(Transfer).filter_by(key=key))
    if earlier is not None:
        if {entry.account_id: entry.amount_minor for entry in earlier.entries} != dict(amounts):
            raise Conflict(key=key)
        return earlier
    for account in accounts:
        guard_floor(account, amounts[account.id])
    made = Transfer(
        key=key,
        reason=reason,
        collaboration_id=collaboration_id,
        reverses_id=reverses.id if reverses else None,
        made_at=now,
        entries=[
            Entry(
                account_id=account.id, amount_minor=amounts[account.id], currency=account.currency
            )
            for account in accounts
        ],
    )
    session.add(made)
    session.flush()
    for account in accounts:
        session.expire(account, ["balance_minor"])
    return made


@dataclass(frozen=True)
class Movement:
    """An amount, in minor units, from one account to another; it may end a hold.

    `reverses_id` names the transfer that it is the whole opposite of.
    """

    key: str
    payer_id: int
    payee_id: int
    amount_minor: int
    ends_hold: str = ""
    reverses_id: int | None = None


def transfer_many(
    session: Session,
    movements: Sequence[Movement],
    *,
    reason: str,
    currency: str,
    collaboration_id: int | None = None,
    now: datetime,
) -> None:
    """Make many transfers of one reason in a handful of statements.

    For accounts without a floor, by acts that run once under a lock of their own: a key that
    was used before is refused by the database.
    """
    if not movements:
        return
    touched = {one.payer_id for one in movements} | {one.payee_id for one in movements}
    accounts = locked(session, tuple(touched))
    made = session.scalars(
        insert(Transfer).returning(Transfer.id, sort_by_parameter_order=True),
        [
            {
                "key": one.key,
                "reason": reason,
                "collaboration_id": collaboration_id,
                "reverses_id": one.reverses_id,
                "made_at": now,
            }
            for one in movements
        ],
    ).all()
    entries = []
    for one, transfer_id in zip(movements, made, strict=True):
        for account_id, amount in (
            (one.payer_id, -one.amount_minor),
            (one.payee_id, one.amount_minor),
        ):
            entries.append(
                {
                    "transfer_id": transfer_id,
                    "account_id": account_id,
                    "amount_minor": amount,
                    "currency": currency,
                }
            )
    session.execute(insert(Entry), entries)
    session.connection().execute(
        update(Hold)
        .where(Hold.key == bindparam("held_under"), Hold.state == HoldState.PENDING)
        .values(state=HoldState.POSTED, transfer_id=bindparam("by_transfer")),
        [
            {"held_under": one.ends_hold, "by_transfer": transfer_id}
            for one, transfer_id in zip(movements, made, strict=True)
        ],
    )
    for account in accounts:
        session.expire(account, ["balance_minor", "held_minor"])


def is_opposite(made: Transfer, amounts: Mapping[int, int]) -> bool:
    """Whether these amounts undo a transfer as a whole."""
    return {entry.account_id: -entry.amount_minor for entry in made.entries} == dict(amounts)


def reverse(session: Session, made: Transfer, *, key: str, reason: str, now: datetime) -> Transfer:
    """Answer a transfer by its opposite; the first one stays as it is written."""
    return transfer(
        session,
        {entry.account_id: -entry.amount_minor for entry in made.entries},
        key=key,
        reason=reason,
        collaboration_id=made.collaboration_id,
        reverses=made,
        now=now,
    )

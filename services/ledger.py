"""Moving value: every transfer sums to zero, happens once for its key, and is never changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.errors import Conflict
from models.ledger import Account, AccountPurpose, BelowFloor, Entry, Hold, HoldState, Transfer


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
    accounts = _locked(session, amounts)
    earlier = session.scalar(select(Transfer).filter_by(key=key))
    if earlier is not None:
        if {entry.account_id: entry.amount_minor for entry in earlier.entries} != dict(amounts):
            raise Conflict(key=key)
        return earlier
    for account in accounts:
        _guard_floor(account, amounts[account.id])
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
    """An amount, in minor units, from one account to another; it may end a hold."""

    key: str
    payer_id: int
    payee_id: int
    amount_minor: int
    ends_hold: str = ""


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
    accounts = _locked(session, tuple(touched))
    made = session.scalars(
        insert(Transfer).returning(Transfer.id, sort_by_parameter_order=True),
        [
            {
                "key": one.key,
                "reason": reason,
                "collaboration_id": collaboration_id,
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


def hold(session: Session, account: Account, amount_minor: int, *, key: str, now: datetime) -> Hold:
    """Set `amount_minor` aside on `account`; the same key returns the hold made before."""
    earlier = session.scalar(select(Hold).filter_by(key=key))
    if earlier is not None:
        return earlier
    if account.floor_minor is not None:
        [account] = _locked(session, [account.id])
        _guard_floor(account, -amount_minor)
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
        select(Hold).filter_by(key=key, state=HoldState.PENDING).with_for_update()
    )
    if held is not None:
        held.state = HoldState.VOIDED
        session.flush()


def void_many(session: Session, keys: Sequence[str]) -> None:
    """Give back what is still held under any of `keys`."""
    if keys:
        session.flush()
        session.execute(
            update(Hold)
            .where(Hold.key.in_(keys), Hold.state == HoldState.PENDING)
            .values(state=HoldState.VOIDED)
            .execution_options(synchronize_session="fetch")
        )


def post(session: Session, key: str, by: Transfer) -> None:
    """End the hold under `key` because `by` has moved the amount."""
    held = session.scalar(
        select(Hold).filter_by(key=key, state=HoldState.PENDING).with_for_update()
    )
    if held is not None:
        held.state = HoldState.POSTED
        held.transfer_id = by.id
        session.flush()


def verify(session: Session) -> list[str]:
    """Everything that is wrong with the books, in words; empty if they are sound.

    Recomputes what the database keeps: each balance from its entries, each held amount from
    its holds, and the sum of each currency. (Liberapay checks its books the same way.)
    """
    session.flush()
    findings = []
    for name, query in _CHECKS.items():
        findings += [f"{name}: {tuple(row)}" for row in session.execute(text(query)).all()]
    return findings


_CHECKS = {
    "currency does not sum to zero": """
        SELECT currency, sum(amount_minor) FROM entries GROUP BY currency
        HAVING sum(amount_minor) <> 0""",
    "transfer does not sum to zero": """
        SELECT transfer_id, currency, sum(amount_minor) FROM entries
        GROUP BY transfer_id, currency HAVING sum(amount_minor) <> 0""",
    "transfer without entries": """
        SELECT id FROM transfers t
        WHERE (SELECT count(*) FROM entries e WHERE e.transfer_id = t.id) < 2""",
    "balance differs from its entries": """
        SELECT a.id, a.balance_minor, coalesce(e.total, 0) FROM accounts a
        LEFT JOIN (SELECT account_id, sum(amount_minor) AS total FROM entries GROUP BY account_id)
            e ON e.account_id = a.id
        WHERE a.balance_minor <> coalesce(e.total, 0)""",
    "held amount differs from its holds": """
        SELECT a.id, a.held_minor, coalesce(h.total, 0) FROM accounts a
        LEFT JOIN (SELECT account_id, sum(amount_minor) AS total FROM holds
                   WHERE state = 'pending' GROUP BY account_id) h ON h.account_id = a.id
        WHERE a.held_minor <> coalesce(h.total, 0)""",
    "balance below its floor": """
        SELECT id, balance_minor, held_minor, floor_minor FROM accounts
        WHERE balance_minor - held_minor < floor_minor""",
}


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


def _locked(session: Session, account_ids: Sequence[int] | Mapping[int, int]) -> Sequence[Account]:
    # In id order, so that two transfers between the same accounts never wait for each other.
    return session.scalars(
        select(Account)
        .where(Account.id.in_(account_ids))
        .order_by(Account.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    ).all()


def _guard_floor(account: Account, amount_minor: int) -> None:
    if account.floor_minor is not None and (
        amount_minor < 0 and account.available_minor + amount_minor < account.floor_minor
    ):
        raise BelowFloor(available_minor=account.available_minor)

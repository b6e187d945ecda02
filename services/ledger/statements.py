"""Statements: what moved on an account within a month, between opening and closing balance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from models.buying import GroupBuy
from models.collaborations import Collaboration, State
from models.ledger import Account, AccountPurpose, Entry, Transfer

# A statement is read by people: whoever needs more takes the months one by one, or the API.
MOST_LINES = 5_000


@dataclass(frozen=True)
class Line:
    """One movement, in minor units, with the balance after it."""

    made_at: datetime
    reason: str
    title: str
    slug: str
    amount_minor: int
    balance_minor: int


@dataclass(frozen=True)
class Statement:
    """What moved on an account from one moment until before another, the oldest first."""

    account: Account
    opening_minor: int
    lines: Sequence[Line]
    closing_minor: int
    # Whether there are more lines than are shown.
    is_cut: bool


def statement(
    session: Session, account: Account, *, from_at: datetime, until_at: datetime
) -> Statement:
    """The account's movements of this time, at most 5,000, with what it held before and after."""
    of_account = (
        select(func.coalesce(func.sum(Entry.amount_minor), 0))
        .join(Transfer, Transfer.id == Entry.transfer_id)
        .where(Entry.account_id == account.id)
    )
    opening = session.scalar(of_account.where(Transfer.made_at < from_at))
    closing = session.scalar(of_account.where(Transfer.made_at < until_at))
    rows = session.execute(
        select(
            Transfer.made_at,
            Transfer.reason,
            Collaboration.title,
            Collaboration.slug,
            Entry.amount_minor,
        )
        .join(Entry, Entry.transfer_id == Transfer.id)
        .outerjoin(Collaboration, Collaboration.id == Transfer.collaboration_id)
        .where(
            Entry.account_id == account.id,
            Transfer.made_at >= from_at,
            Transfer.made_at < until_at,
        )
        .order_by(Entry.id)
        .limit(MOST_LINES + 1)
    ).all()
    balance_minor = opening_minor = int(opening or 0)
    lines = []
    for made_at, reason, title, slug, amount_minor in rows[:MOST_LINES]:
        balance_minor += amount_minor
        lines.append(Line(made_at, reason, title or "", slug or "", amount_minor, balance_minor))
    return Statement(account, opening_minor, lines, int(closing or 0), len(rows) > MOST_LINES)


def first_moved_at(session: Session, account: Account) -> datetime | None:
    """When the account was first moved."""
    return session.scalar(
        select(Transfer.made_at)
        .join(Entry, Entry.transfer_id == Transfer.id)
        .where(Entry.account_id == account.id)
        .order_by(Entry.id)
        .limit(1)
    )


def by_hand(session: Session, account: Account) -> int:
    """What the account's owner took in cash or by transfer for deals that are settled, or over.

    It is theirs by the books, and with them already; below zero it is what they gave out of their
    own pocket. In minor units of the account's currency.
    """
    outside = (AccountPurpose.CASH, AccountPurpose.BANK)
    took = (
        select(func.coalesce(-func.sum(Account.balance_minor), 0))
        .join(GroupBuy, GroupBuy.id == Account.collaboration_id)
        .where(
            GroupBuy.organiser_id == account.owner_id,
            or_(
                GroupBuy.settled_at.is_not(None),
                GroupBuy.state.in_([State.CANCELLED, State.FAILED]),
            ),
            Account.purpose.in_(outside),
            Account.currency == account.currency,
        )
    )
    return int(session.scalar(took) or 0)

"""Statements: what moved on an account within a month, between opening and closing balance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.collaborations import Collaboration
from models.ledger import Account, Entry, Transfer

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


def statement(
    session: Session, account: Account, *, from_at: datetime, until_at: datetime
) -> Statement:
    """The account's movements of this time, at most 5,000, with what it held before and after."""
    moved = (
        select(Transfer.made_at, Transfer.reason, Collaboration, Entry.amount_minor)
        .join(Entry, Entry.transfer_id == Transfer.id)
        .outerjoin(Collaboration, Collaboration.id == Transfer.collaboration_id)
        .where(Entry.account_id == account.id)
    )
    before = (
        select(func.coalesce(func.sum(Entry.amount_minor), 0))
        .join(Transfer, Transfer.id == Entry.transfer_id)
        .where(Entry.account_id == account.id, Transfer.made_at < from_at)
    )
    balance = opening_minor = int(session.scalar(before) or 0)
    lines = []
    rows = session.execute(
        moved.where(Transfer.made_at >= from_at, Transfer.made_at < until_at)
        .order_by(Entry.id)
        .limit(MOST_LINES)
    )
    for made_at, reason, deal, amount_minor in rows:
        balance += amount_minor
        title, slug = (deal.title, deal.slug) if deal is not None else ("", "")
        lines.append(Line(made_at, reason, title, slug, amount_minor, balance))
    return Statement(account, opening_minor, lines, balance)


def first_month(session: Session, account: Account) -> datetime | None:
    """When the account was first moved."""
    return session.scalar(
        select(Transfer.made_at)
        .join(Entry, Entry.transfer_id == Transfer.id)
        .where(Entry.account_id == account.id)
        .order_by(Entry.id)
        .limit(1)
    )

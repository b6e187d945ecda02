"""Comparing: lines and bookings of one subject come to the same sum, or the operator is shown why.

The gateway's account in the books is negative by what the gateway holds for us, so a line and
its booking add up to zero. Only what is new since the last comparison, or differed in it, is
looked at: the cost stays flat as the books grow.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.ledger import Account, AccountPurpose, Entry, Transfer
from models.reconciliation import BalanceLine, Difference, Reconciliation
from services.gateways.answers import Balance
from services.locking import reserve
from services.reconciliation.costs import book_costs, book_own_lines
from services.reconciliation.judging import judge

# A line stands within moments of what it tells of; its booking may wait for a message that is late.
SETTLES_WITHIN = timedelta(hours=2)
MOST_AT_ONCE = 20_000


def compare(session: Session, held: Balance, *, now: datetime) -> Reconciliation:
    """Compare what is new, and keep what differs; `held` is what the gateway says it holds.

    What the gateway charged for its work, and what the operator had paid out to their bank, is
    booked first. Whatever differs is kept until it agrees; nothing is ever corrected by itself.
    """
    reserve(session, "reconciliation")
    earlier = last(session)
    line_id = session.scalar(select(func.max(BalanceLine.id))) or 0
    book_costs(session, earlier.line_id if earlier else 0, line_id, now=now)
    book_own_lines(session, now=now)
    seen_id = earlier.transfer_id if earlier else 0
    transfer_id = _newest_settled(session, seen_id, now)
    subjects = {
        *_unmatched(session, now),
        *_booked(session, seen_id, transfer_id),
        *session.scalars(select(Difference.subject).where(Difference.resolved_at.is_(None))),
    }
    judge(session, sorted(subjects), now=now)
    made = Reconciliation(
        done_at=now, line_id=line_id, transfer_id=transfer_id, sums=_sums(session, held)
    )
    session.add(made)
    session.flush()
    return made


def last(session: Session) -> Reconciliation | None:
    """The comparison that was made last."""
    return session.scalar(select(Reconciliation).order_by(Reconciliation.id.desc()).limit(1))


def _newest_settled(session: Session, after_id: int, now: datetime) -> int:
    """How far this comparison goes: not to what is too new, and not through years at once."""
    settled = (
        select(Transfer.id)
        .where(Transfer.id > after_id, Transfer.made_at <= now - SETTLES_WITHIN)
        .order_by(Transfer.id)
        .limit(MOST_AT_ONCE)
        .subquery()
    )
    return session.scalar(select(func.max(settled.c.id))) or after_id


def _unmatched(session: Session, now: datetime) -> Sequence[str]:
    return session.scalars(
        select(BalanceLine.subject)
        .where(~BalanceLine.is_matched, BalanceLine.happened_at <= now - SETTLES_WITHIN)
        .order_by(BalanceLine.id)
        .limit(MOST_AT_ONCE)
    ).all()


def _booked(session: Session, after_id: int, until_id: int) -> Sequence[str]:
    """What these transfers booked on the accounts of deals at the gateway."""
    subject = func.regexp_replace(Transfer.key, ":[^:]+$", "")
    return session.scalars(
        select(subject)
        .distinct()
        .join(Entry, Entry.transfer_id == Transfer.id)
        .join(Account, Account.id == Entry.account_id)
        .where(
            Transfer.id > after_id,
            Transfer.id <= until_id,
            Account.purpose == AccountPurpose.GATEWAY,
            Account.collaboration_id.is_not(None),
        )
    ).all()


def _sums(session: Session, held: Balance) -> dict[str, Mapping[str, int]]:
    books = {
        currency: -int(minor)
        for currency, minor in session.execute(
            select(Account.currency, func.sum(Account.balance_minor))
            .where(Account.purpose == AccountPurpose.GATEWAY)
            .group_by(Account.currency)
        )
    }
    at_gateway = {
        currency: held.available_minor.get(currency, 0) + held.pending_minor.get(currency, 0)
        for currency in {*held.available_minor, *held.pending_minor}
    }
    return {
        currency: {
            "at_gateway": at_gateway.get(currency, 0),
            "in_books": books.get(currency, 0),
        }
        for currency in sorted({*at_gateway, *books})
    }

"""What only the gateway's own list tells: what its work cost, and what the operator took out."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.ledger import Account, AccountPurpose, Transfer
from models.reconciliation import BalanceLine
from services import ledger
from services.gateways.answers import BalanceKind


def book_costs(session: Session, after_id: int, until_id: int, *, now: datetime) -> None:
    """Book what the gateway kept for its work on these lines: one transfer for each currency."""
    rows = session.execute(
        select(BalanceLine.currency, func.sum(BalanceLine.fee_minor))
        .where(BalanceLine.id > after_id, BalanceLine.id <= until_id)
        .group_by(BalanceLine.currency)
        .order_by(BalanceLine.currency)
    ).all()
    for currency, fee in rows:
        key = f"costs:{after_id}:{until_id}:{currency}"
        _book(session, AccountPurpose.COSTS, currency, -int(fee or 0), key, "gateway_costs", now)


# What the gateway alone decides, or the operator there: on which account of ours, and as what.
OWN_LINES = {
    BalanceKind.FEE: (AccountPurpose.COSTS, "done", "gateway_costs"),
    BalanceKind.PAYOUT: (AccountPurpose.BANK, "done", "paid_out"),
    BalanceKind.PAYOUT_FAILURE: (AccountPurpose.BANK, "failed", "paid_out"),
}


def book_own_lines(session: Session, *, now: datetime) -> None:
    """Book what the gateway charged apart, and what went from it to the operator's own bank."""
    lines = session.scalars(
        select(BalanceLine)
        .where(~BalanceLine.is_matched, BalanceLine.kind.in_(OWN_LINES))
        .order_by(BalanceLine.id)
    ).all()
    keys = {line.id: f"{line.subject}:{OWN_LINES[BalanceKind(line.kind)][1]}" for line in lines}
    booked = set(session.scalars(select(Transfer.key).where(Transfer.key.in_(keys.values()))))
    for line in lines:
        if keys[line.id] not in booked:
            purpose, _, reason = OWN_LINES[BalanceKind(line.kind)]
            amount_minor = line.amount_minor
            _book(session, purpose, line.currency, amount_minor, keys[line.id], reason, now)


def _book(
    session: Session,
    purpose: AccountPurpose,
    currency: str,
    at_gateway_minor: int,
    key: str,
    reason: str,
    now: datetime,
) -> None:
    """Move so much more to, or, below zero, from what the gateway holds for the instance."""
    if not at_gateway_minor:
        return
    gateway = _of_instance(session, AccountPurpose.GATEWAY, currency, now)
    other = _of_instance(session, purpose, currency, now)
    ledger.transfer(
        session,
        {gateway.id: -at_gateway_minor, other.id: at_gateway_minor},
        key=key,
        reason=reason,
        now=now,
    )


def _of_instance(
    session: Session, purpose: AccountPurpose, currency: str, now: datetime
) -> Account:
    # One for all deals; only this comparison books on it, so that nobody waits for it.
    return ledger.instance_account(session, purpose, currency, now=now)

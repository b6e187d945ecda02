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


def book_payouts(session: Session, *, now: datetime) -> None:
    """Book what went from the gateway to the operator's own bank, or came back from there."""
    lines = session.scalars(
        select(BalanceLine)
        .where(
            ~BalanceLine.is_matched,
            BalanceLine.kind.in_([BalanceKind.PAYOUT, BalanceKind.PAYOUT_FAILURE]),
        )
        .order_by(BalanceLine.id)
    ).all()
    steps = {BalanceKind.PAYOUT: "done", BalanceKind.PAYOUT_FAILURE: "failed"}
    keys = {line.id: f"{line.subject}:{steps[BalanceKind(line.kind)]}" for line in lines}
    booked = set(session.scalars(select(Transfer.key).where(Transfer.key.in_(keys.values()))))
    for line in lines:
        if keys[line.id] not in booked:
            _book(
                session,
                AccountPurpose.BANK,
                line.currency,
                line.amount_minor,
                keys[line.id],
                "paid_out",
                now,
            )


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

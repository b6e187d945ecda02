"""Booking what leaves for a seller's account at the gateway, and what comes back from it."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.ledger import AccountPurpose
from models.payouts import Remittance
from services import ledger


def book(
    session: Session,
    remittance: Remittance,
    left_minor: int,
    *,
    key: str,
    reason: str,
    now: datetime,
) -> None:
    """Book what left for the account at the gateway; below zero, what came back from it."""
    deal_id, currency = remittance.collaboration_id, remittance.currency
    outside = ledger.deal_account(session, deal_id, AccountPurpose.GATEWAY, currency, now=now)
    own = ledger.own_account(session, remittance.participant_id, currency, now=now)
    ledger.transfer(
        session,
        {own.id: -left_minor, outside.id: left_minor},
        key=key,
        reason=reason,
        collaboration_id=deal_id,
        now=now,
    )

"""Charges that a cardholder has called the bank about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ChargebackState(StrEnum):
    """Whose turn it is, and how it ended. In an inquiry the bank only asks: no money has moved."""

    INQUIRY = "inquiry"
    INQUIRY_UNDER_REVIEW = "inquiry_under_review"
    OPEN = "open"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"
    CLOSED_INQUIRY = "closed_inquiry"


@dataclass(frozen=True)
class Chargeback:
    """A bank that asks for the money of a charge back, or has taken it.

    `withdrawn_minor` is what is gone now: what was taken less what came back, without the
    provider's `fee_minor`. `metadata` is the charge's.
    """

    id: str
    intent_id: str | None
    charge_id: str
    amount_minor: int
    currency: str
    state: ChargebackState
    reason: str
    evidence_due_at: datetime | None
    has_evidence: bool
    withdrawn_minor: int
    fee_minor: int
    created_at: datetime
    metadata: Mapping[str, str]

"""Cards, the hosted pages that take them, and the money that is taken and given back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class IntentState(StrEnum):
    """Where an attempt to take money stands at the provider."""

    NEEDS_CARD = "needs_card"
    NEEDS_ACTION = "needs_action"
    PROCESSING = "processing"
    HELD = "held"
    CHARGED = "charged"
    CANCELLED = "cancelled"


class CheckoutState(StrEnum):
    """Whether somebody has finished with a hosted page."""

    OPEN = "open"
    COMPLETE = "complete"
    EXPIRED = "expired"


class RefundState(StrEnum):
    """Whether the money is on its way back."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Card:
    """A stored card, as far as it may be shown."""

    id: str
    brand: str
    last4: str
    expires_year: int
    expires_month: int
    fingerprint: str | None


@dataclass(frozen=True)
class Checkout:
    """A hosted page on which a card is saved or a payment made; `url` only while it is open."""

    id: str
    state: CheckoutState
    url: str | None
    expires_at: datetime
    customer_id: str | None
    intent_id: str | None
    card: Card | None
    metadata: Mapping[str, str]


@dataclass(frozen=True)
class Charged:
    """The money was taken."""

    intent_id: str
    charge_id: str
    amount_minor: int


@dataclass(frozen=True)
class HoldLost:
    """There is no hold any more: it lapsed or was released. Nothing was taken."""

    intent_id: str


@dataclass(frozen=True)
class NeedsAction:
    """The bank wants its cardholder, who must confirm on a hosted page."""

    intent_id: str | None


@dataclass(frozen=True)
class Declined:
    """The bank said no. After a hard decline the same card is never asked again."""

    intent_id: str | None
    code: str
    decline_code: str | None
    hard: bool


@dataclass(frozen=True)
class Intent:
    """An attempt to take money, as the provider sees it now.

    `refunded_minor` counts what went back after it was taken, not the part of a hold let go.
    `is_disputed` means that its cardholder has called the bank (`Chargeback`).
    """

    id: str
    state: IntentState
    amount_minor: int
    currency: str
    held_minor: int
    taken_minor: int
    refunded_minor: int
    customer_id: str | None
    card: Card | None
    charge_id: str | None
    capture_before: datetime | None
    declined: Declined | None
    metadata: Mapping[str, str]
    created_at: datetime
    is_disputed: bool = False


@dataclass(frozen=True)
class Refund:
    """Money that goes back to a card."""

    id: str
    intent_id: str | None
    amount_minor: int
    state: RefundState
    metadata: Mapping[str, str]

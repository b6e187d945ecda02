"""What a gateway answers, in the house's own words: no provider's object leaves the gateway."""

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


@dataclass(frozen=True)
class Refund:
    """Money that goes back to a card."""

    id: str
    intent_id: str | None
    amount_minor: int
    state: RefundState
    metadata: Mapping[str, str]


@dataclass(frozen=True)
class GatewayEvent:
    """Something happened to an object at the provider.

    Events come late and out of order, so the object is read: its state there counts, and not
    the one in the message.
    """

    id: str
    kind: str
    object_id: str
    created_at: datetime


class GatewayError(Exception):
    """The gateway gave no usable answer."""


class GatewayUnreachable(GatewayError):
    """Nobody knows whether it was done: ask again with the same key."""


class GatewayRefused(GatewayError):
    """The provider understood and did nothing. `code` and `param` are the provider's words."""

    def __init__(self, message: str, *, code: str | None = None, param: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.param = param


class UnknownToGateway(GatewayRefused):
    """The provider has no such object."""


class KeyReused(GatewayRefused):
    """An idempotency key came with other terms than before: a broken promise of ours."""


class GatewayMisconfigured(GatewayError):
    """The key is wrong or may not do this: an operator must act."""


# What the keys begin with that move real money.
LIVE_KEYS = ("sk_live_", "rk_live_")


class LiveKeyRefused(GatewayMisconfigured):
    """A key that moves real money, before the house is ready for it."""


class CurrencyNotChargeable(GatewayError):
    """An amount in a currency that cards are not charged in here."""


class BadSignature(GatewayError):
    """A message that does not come from the provider, or is too old to be believed."""

"""Who is paid out, the money on its way to them, and what every balance is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AccountKind(StrEnum):
    """Who stands behind a connected account."""

    PERSON = "person"
    COMPANY = "company"


@dataclass(frozen=True)
class ConnectedAccount:
    """Somebody's own account at the provider, which money is transferred to and paid out from.

    `needed` names what the provider wants to know now, in its own words, and `needed_by` when
    it stops paying out without it. `bank_last4` is empty until there is a bank account.
    """

    id: str
    can_receive: bool
    can_pay_out: bool
    is_submitted: bool
    needed: tuple[str, ...]
    needed_by: datetime | None
    disabled_reason: str
    bank_last4: str
    country: str
    currency: str
    metadata: Mapping[str, str]


@dataclass(frozen=True)
class Transferred:
    """Money that went from the platform's balance to a connected account's."""

    id: str
    account_id: str
    amount_minor: int
    reversed_minor: int
    currency: str
    charge_id: str | None
    group: str
    metadata: Mapping[str, str]
    created_at: datetime


@dataclass(frozen=True)
class Reversal:
    """Transferred money that was taken back."""

    id: str
    transfer_id: str
    amount_minor: int
    metadata: Mapping[str, str]


class PayoutState(StrEnum):
    """How far money has come on its way to a bank account."""

    PENDING = "pending"
    IN_TRANSIT = "in_transit"
    PAID = "paid"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Payout:
    """Money from a balance to a bank account. One that is paid can still fail some days later."""

    id: str
    amount_minor: int
    currency: str
    state: PayoutState
    arrives_at: datetime
    created_at: datetime
    failure_code: str
    bank_last4: str


@dataclass(frozen=True)
class Balance:
    """What an account holds, in minor units by ISO code; what is pending cannot be sent on yet."""

    available_minor: Mapping[str, int]
    pending_minor: Mapping[str, int]


class BalanceKind(StrEnum):
    """What moved a balance."""

    CHARGE = "charge"
    REFUND = "refund"
    REFUND_FAILURE = "refund_failure"
    TRANSFER = "transfer"
    TRANSFER_REVERSAL = "transfer_reversal"
    CHARGEBACK = "chargeback"
    PAYOUT = "payout"
    PAYOUT_FAILURE = "payout_failure"
    FEE = "fee"
    OTHER = "other"


@dataclass(frozen=True)
class BalanceLine:
    """One movement of a balance: signed amounts, `net_minor` being `amount_minor - fee_minor`.

    The nets of all lines of an account add up to its balance. `source_id` is what moved it (a
    charge, a refund, a transfer, ...), `intent_id` the payment behind that.
    """

    id: str
    kind: BalanceKind
    amount_minor: int
    fee_minor: int
    net_minor: int
    currency: str
    source_id: str | None
    intent_id: str | None
    source_metadata: Mapping[str, str]
    created_at: datetime
    available_at: datetime

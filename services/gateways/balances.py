"""Balances at Stripe: what an account holds, what moved it, and what left it for a bank."""

from datetime import datetime
from typing import Any

import stripe

from services.gateways import readings
from services.gateways.answers import Balance, BalanceKind, BalanceLine, Payout, PayoutState
from services.gateways.calls import StripeCalls, in_our_words, on_behalf

MOST_LINES = 100

PAYOUT_STATES = {
    "pending": PayoutState.PENDING,
    "in_transit": PayoutState.IN_TRANSIT,
    "paid": PayoutState.PAID,
    "failed": PayoutState.FAILED,
    "canceled": PayoutState.CANCELLED,
}

KINDS = {
    "charge": BalanceKind.CHARGE,
    "payment": BalanceKind.CHARGE,
    "refund": BalanceKind.REFUND,
    "payment_refund": BalanceKind.REFUND,
    "refund_failure": BalanceKind.REFUND_FAILURE,
    "payment_failure_refund": BalanceKind.REFUND,
    "transfer": BalanceKind.TRANSFER,
    "transfer_cancel": BalanceKind.TRANSFER_REVERSAL,
    "transfer_failure": BalanceKind.TRANSFER_REVERSAL,
    "transfer_refund": BalanceKind.TRANSFER_REVERSAL,
    "payout": BalanceKind.PAYOUT,
    "payout_cancel": BalanceKind.PAYOUT_FAILURE,
    "payout_failure": BalanceKind.PAYOUT_FAILURE,
    "stripe_fee": BalanceKind.FEE,
    "stripe_fx_fee": BalanceKind.FEE,
    "tax_fee": BalanceKind.FEE,
}


class Balances(StripeCalls):
    """Reads balances, their movements and payouts; of the platform, or of a connected account."""

    def read_balance(self, account_id: str = "") -> Balance:
        """Read what the platform holds, or the connected account `account_id`."""
        with in_our_words():
            read = self._v1.balance.retrieve({}, on_behalf(account_id))
        return Balance(by_currency(read.available), by_currency(read.pending))

    def list_payouts(
        self, account_id: str = "", *, after: str | None = None, limit: int = 24
    ) -> list[Payout]:
        """At most `limit` payouts (up to 100), newest first: the next older than `after`."""
        terms: Any = {"limit": limit, "expand": ["data.destination"]}
        if after is not None:
            terms["starting_after"] = after
        with in_our_words():
            page = self._v1.payouts.list(terms, on_behalf(account_id))
        return [payout(read) for read in page.data]

    def list_balance_lines(
        self, after: str | None = None, *, since: datetime | None = None, account_id: str = ""
    ) -> list[BalanceLine]:
        """At most 100 lines, oldest first: those next after the line `after`.

        Without `after` the oldest since `since`, which reads page by page back to it, and
        without both the newest. Refuses, by UnknownToGateway, an `after` that is not there.
        """
        terms: Any = {"limit": MOST_LINES, "expand": ["data.source"]}
        if after is not None:
            terms["ending_before"] = after
        elif since is not None:
            terms["created"] = {"gte": int(since.timestamp())}
        with in_our_words():
            page = self._v1.balance_transactions.list(terms, on_behalf(account_id))
            read = list(page.data)
            if after is None and since is not None:
                # Lists begin with the newest, so the oldest are known at the end only.
                read = list(page.auto_paging_iter())[-MOST_LINES:]
        return [line(one) for one in reversed(read)]


def by_currency(parts: Any) -> dict[str, int]:
    return {part.currency.upper(): part.amount for part in parts}


def payout(read: stripe.Payout) -> Payout:
    """Read a payout whose destination is expanded; a bank account that is gone has no digits."""
    return Payout(
        id=read.id,
        amount_minor=read.amount,
        currency=read.currency.upper(),
        state=PAYOUT_STATES[read.status],
        arrives_at=readings.moment(read.arrival_date),
        created_at=readings.moment(read.created),
        failure_code=read.failure_code or "",
        bank_last4=getattr(read.destination, "last4", ""),
    )


def line(read: stripe.BalanceTransaction) -> BalanceLine:
    """Read a balance transaction whose source is expanded."""
    source: Any = read.source
    return BalanceLine(
        id=read.id,
        kind=kind_of(read, source),
        amount_minor=read.amount,
        fee_minor=read.fee,
        net_minor=read.net,
        currency=read.currency.upper(),
        source_id=readings.reference(source),
        intent_id=readings.reference(getattr(source, "payment_intent", None)),
        source_metadata=readings.notes(getattr(source, "metadata", None)),
        created_at=readings.moment(read.created),
        available_at=readings.moment(read.available_on),
    )


def kind_of(read: stripe.BalanceTransaction, source: Any) -> BalanceKind:
    if getattr(source, "object", None) == "dispute":
        return BalanceKind.CHARGEBACK
    # What a transfer is to the platform, Stripe calls a payment to who receives it.
    if getattr(source, "source_transfer", None) is not None:
        return BalanceKind.TRANSFER
    if getattr(source, "source_transfer_reversal", None) is not None:
        return BalanceKind.TRANSFER_REVERSAL
    return KINDS.get(read.type, BalanceKind.OTHER)

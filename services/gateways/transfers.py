"""Transfers at Stripe: from the platform's balance to a connected account's, and back."""

from collections.abc import Mapping
from typing import Any

import stripe

from services.gateways import readings
from services.gateways.answers import Reversal, Transferred
from services.gateways.calls import StripeCalls, in_our_words
from services.gateways.currencies import stripe_code

MOST_OF_A_PAGE = 100


class Transfers(StripeCalls):
    """Hands on what was charged, and takes it back."""

    def transfer(
        self,
        account_id: str,
        amount_minor: int,
        currency: str,
        *,
        charge_id: str | None,
        group: str,
        key: str,
        metadata: Mapping[str, str] | None = None,
    ) -> Transferred:
        """Send `amount_minor` to a connected account.

        With `charge_id` it can be sent at once, becomes available there when the charge does,
        and all transfers of a charge are bounded by its amount (GatewayRefused). Without, the
        platform's available balance must hold it (BalanceTooSmall). Refuses, by GatewayRefused
        with the code `insufficient_capabilities_for_transfer`, an account that cannot receive,
        and what `currencies.stripe_code` refuses. A refund of the charge leaves it as it is.
        """
        terms: Any = {
            "amount": amount_minor,
            "currency": stripe_code(currency, amount_minor),
            "destination": account_id,
            "metadata": dict(metadata or {}),
            "transfer_group": group,
        }
        if charge_id is not None:
            terms["source_transaction"] = charge_id
        with in_our_words():
            return transferred(self._v1.transfers.create(terms, {"idempotency_key": key}))

    def read_transfer(self, transfer_id: str) -> Transferred:
        """Read a transfer, with how much of it was taken back."""
        with in_our_words():
            return transferred(self._v1.transfers.retrieve(transfer_id))

    def list_transfers(self, group: str) -> list[Transferred]:
        """All transfers of a group, newest first; each hundred is a call of its own."""
        terms: Any = {"transfer_group": group, "limit": MOST_OF_A_PAGE}
        with in_our_words():
            page = self._v1.transfers.list(terms)
            return [transferred(read) for read in page.auto_paging_iter()]

    def reverse_transfer(
        self,
        transfer_id: str,
        amount_minor: int,
        *,
        key: str,
        metadata: Mapping[str, str] | None = None,
    ) -> Reversal:
        """Take `amount_minor` of a transfer back.

        Refuses more than is left of it (GatewayRefused), or than its account holds
        (BalanceTooSmall): what was paid out cannot be taken back.
        """
        terms: Any = {"amount": amount_minor, "metadata": dict(metadata or {})}
        with in_our_words():
            made = self._v1.transfers.reversals.create(transfer_id, terms, {"idempotency_key": key})
        return reversal(made)

    def list_reversals(self, transfer_id: str) -> list[Reversal]:
        """All reversals of a transfer, newest first."""
        with in_our_words():
            page = self._v1.transfers.reversals.list(transfer_id, {"limit": MOST_OF_A_PAGE})
            return [reversal(read) for read in page.auto_paging_iter()]


def transferred(read: stripe.Transfer) -> Transferred:
    return Transferred(
        id=read.id,
        account_id=readings.reference(read.destination) or "",
        amount_minor=read.amount,
        reversed_minor=read.amount_reversed,
        currency=read.currency.upper(),
        charge_id=readings.reference(read.source_transaction),
        group=read.transfer_group or "",
        metadata=readings.notes(read.metadata),
        created_at=readings.moment(read.created),
    )


def reversal(read: stripe.TransferReversal) -> Reversal:
    return Reversal(
        id=read.id,
        transfer_id=readings.reference(read.transfer) or "",
        amount_minor=read.amount,
        metadata=readings.notes(read.metadata),
    )

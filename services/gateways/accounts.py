"""Connected accounts at Stripe: opened here, filled in by their holders on Stripe's own pages."""

from collections.abc import Mapping
from typing import Any

import stripe

from services.gateways import readings
from services.gateways.answers import AccountKind, ConnectedAccount
from services.gateways.calls import StripeCalls, in_our_words

BUSINESS_TYPES = {AccountKind.PERSON: "individual", AccountKind.COMPANY: "company"}

# The platform pays Stripe's fees and bears what an account cannot give back; Stripe itself asks
# its holder who they are, and shows them a dashboard of their own.
CONTROLLER = {
    "fees": {"payer": "application"},
    "losses": {"payments": "application"},
    "requirement_collection": "stripe",
    "stripe_dashboard": {"type": "express"},
}


class Accounts(StripeCalls):
    """Opens and reads connected accounts, and leads their holders to the pages that are theirs."""

    def open_account(
        self,
        *,
        kind: AccountKind,
        country: str,
        email: str,
        currency: str,
        key: str,
        metadata: Mapping[str, str] | None = None,
    ) -> ConnectedAccount:
        """Open an account that can receive transfers once its holder has said who they are.

        `country` is a code of ISO 3166, `currency` one of ISO 4217; it pays out day by day.
        Refuses, by GatewayRefused, a country that Stripe has no accounts in.
        """
        terms: Any = {
            "business_type": BUSINESS_TYPES[kind],
            "capabilities": {"transfers": {"requested": True}},
            "controller": CONTROLLER,
            "country": country,
            "default_currency": currency.lower(),
            "email": email,
            "metadata": dict(metadata or {}),
            "settings": {"payouts": {"schedule": {"interval": "daily"}}},
        }
        with in_our_words():
            return connected(self._v1.accounts.create(terms, {"idempotency_key": key}))

    def read_account(self, account_id: str) -> ConnectedAccount:
        """Read what an account may do now, and what is still wanted of its holder.

        Refuses, by UnknownToGateway, an account that is gone or was never connected.
        """
        with in_our_words():
            return connected(self._v1.accounts.retrieve(account_id))

    def open_onboarding(self, account_id: str, *, refresh_url: str, return_url: str) -> str:
        """The address of the page on which the holder says who they are, or adds what is wanted.

        It works once and for some minutes, then leads to `refresh_url`, which opens a new one;
        `return_url` says only that they left: read the account.
        """
        # Stripe edits what was submitted on its dashboard; this type asks for what is due.
        terms: Any = {
            "account": account_id,
            "collection_options": {"fields": "eventually_due"},
            "refresh_url": refresh_url,
            "return_url": return_url,
            "type": "account_onboarding",
        }
        with in_our_words():
            return self._v1.account_links.create(terms).url

    def open_dashboard(self, account_id: str) -> str:
        """The address of the holder's own dashboard; it works once.

        Refuses, by GatewayRefused, an account whose holder has not submitted anything yet.
        """
        with in_our_words():
            return self._v1.accounts.login_links.create(account_id).url


def connected(read: stripe.Account) -> ConnectedAccount:
    wanted = read.requirements
    due = [*((wanted and wanted.past_due) or ()), *((wanted and wanted.currently_due) or ())]
    deadline = None if wanted is None else wanted.current_deadline
    capabilities = read.capabilities
    return ConnectedAccount(
        id=read.id,
        can_receive=getattr(capabilities, "transfers", None) == "active",
        can_pay_out=bool(read.payouts_enabled),
        is_submitted=bool(read.details_submitted),
        needed=tuple(dict.fromkeys(due)),
        needed_by=None if deadline is None else readings.moment(deadline),
        disabled_reason=(wanted and wanted.disabled_reason) or "",
        bank_last4=bank_of(read),
        country=read.country or "",
        currency=(read.default_currency or "").upper(),
        metadata=readings.notes(read.metadata),
    )


def bank_of(read: stripe.Account) -> str:
    """The last digits of the account's bank account for its own currency."""
    # Absent while nobody has submitted anything.
    banks = getattr(read, "external_accounts", None)
    found: list[Any] = [] if banks is None else list(banks.data)
    first = sorted(found, key=lambda one: not getattr(one, "default_for_currency", False))
    return first[0].last4 if first else ""

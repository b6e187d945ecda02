"""Hosted pages: the only places where anybody types a card number."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.gateways import readings
from services.gateways.answers import Checkout, GatewayRefused, UnknownToGateway
from services.gateways.calls import in_our_words
from services.gateways.currencies import stripe_code
from services.gateways.payments import CARDS_ONLY, Payments

CHECKOUT_PARTS = ["setup_intent.payment_method", "payment_intent.payment_method"]


class Checkouts(Payments):
    """Opens, reads and closes hosted pages."""

    def open_setup_checkout(
        self,
        customer_id: str,
        *,
        success_url: str,
        cancel_url: str,
        locale: str,
        key: str,
        consent: str | None = None,
        expires_at: datetime | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Checkout:
        """Open a page that saves a card for later charges.

        `{CHECKOUT_SESSION_ID}` in `success_url` is filled in by Stripe. `consent` is shown beside
        the button: what may be charged, when, up to which amount. The page closes at `expires_at`,
        30 minutes to 24 hours from now.
        """
        terms = page_terms(customer_id, success_url, cancel_url, locale, consent, expires_at)
        terms |= {"mode": "setup", "metadata": dict(metadata or {})}
        terms["setup_intent_data"] = {"metadata": dict(metadata or {})}
        return self._open(terms, key)

    def open_payment_checkout(
        self,
        customer_id: str,
        *,
        title: str,
        amount_minor: int,
        currency: str,
        success_url: str,
        cancel_url: str,
        locale: str,
        key: str,
        holds: bool = True,
        consent: str | None = None,
        expires_at: datetime | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Checkout:
        """Open a page that takes `amount_minor`, or only holds it on the card if `holds`.

        The card is kept with the customer. Refuses as `currencies.stripe_code`; the rest is as
        with `open_setup_checkout`, and `metadata` is written on the intent too.
        """
        price = {
            "currency": stripe_code(currency, amount_minor),
            "unit_amount": amount_minor,
            "product_data": {"name": title},
        }
        terms = page_terms(customer_id, success_url, cancel_url, locale, consent, expires_at)
        terms |= {"mode": "payment", "metadata": dict(metadata or {})}
        terms["line_items"] = [{"price_data": price, "quantity": 1}]
        terms["payment_intent_data"] = {
            "capture_method": "manual" if holds else "automatic",
            "metadata": dict(metadata or {}),
            "setup_future_usage": "off_session",
        }
        return self._open(terms, key)

    def _open(self, terms: dict[str, Any], key: str) -> Checkout:
        terms["expand"] = CHECKOUT_PARTS
        with in_our_words():
            opened = self._v1.checkout.sessions.create(terms, {"idempotency_key": key})  # type: ignore[arg-type]
        return readings.checkout(opened)

    def read_checkout(self, session_id: str) -> Checkout:
        """Read what became of a page, with the card that was used."""
        with in_our_words():
            read = self._v1.checkout.sessions.retrieve(session_id, {"expand": CHECKOUT_PARTS})
        return readings.checkout(read)

    def close_checkout(self, session_id: str, *, key: str) -> Checkout:
        """Close a page that is still open; one that is closed or done is left as it is."""
        try:
            with in_our_words():
                self._v1.checkout.sessions.expire(session_id, {}, {"idempotency_key": key})
        except UnknownToGateway:
            raise
        except GatewayRefused:
            return self.read_checkout(session_id)
        return self.read_checkout(session_id)


def page_terms(
    customer_id: str,
    success_url: str,
    cancel_url: str,
    locale: str,
    consent: str | None,
    expires_at: datetime | None,
) -> dict[str, Any]:
    terms: dict[str, Any] = {
        "customer": customer_id,
        "success_url": success_url,
        "cancel_url": cancel_url,
        "locale": locale,
        "allowed_payment_method_types": CARDS_ONLY,
    }
    if consent is not None:
        terms["custom_text"] = {"submit": {"message": consent}}
    if expires_at is not None:
        terms["expires_at"] = int(expires_at.timestamp())
    return terms

"""Customers at Stripe, and the cards stored with them."""

from collections.abc import Mapping
from typing import Any

from services.gateways import readings
from services.gateways.answers import Card
from services.gateways.calls import StripeCalls, in_our_words

MOST_CARDS = 100


class Wallets(StripeCalls):
    """Opens customers; lists and forgets their cards."""

    def create_customer(
        self,
        *,
        key: str,
        name: str | None = None,
        email: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Open a customer and give its id; cards are kept with it."""
        terms: Any = {"name": name, "email": email, "metadata": dict(metadata or {})}
        known = {word: value for word, value in terms.items() if value}
        with in_our_words():
            return self._v1.customers.create(known, {"idempotency_key": key}).id  # type: ignore[arg-type]

    def list_payment_methods(self, customer_id: str) -> list[Card]:
        """The customer's stored cards, newest first."""
        with in_our_words():
            page = self._v1.customers.payment_methods.list(
                customer_id, {"type": "card", "limit": MOST_CARDS}
            )
        return [found for method in page.data if (found := readings.card(method))]

    def detach(self, card_id: str, *, key: str) -> None:
        """Forget a card; it can never be used again."""
        with in_our_words():
            self._v1.payment_methods.detach(card_id, {}, {"idempotency_key": key})

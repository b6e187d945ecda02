"""What happened at Stripe, asked for instead of waited for."""

from collections.abc import Iterable
from typing import Any

from services.gateways import readings
from services.gateways.answers import GatewayEvent
from services.gateways.calls import StripeCalls, in_our_words, on_behalf

MOST_EVENTS = 100


class News(StripeCalls):
    """Reads the list of events, which Stripe keeps for 30 days."""

    def list_events(
        self,
        after: str | None = None,
        *,
        kinds: Iterable[str] = (),
        account_id: str = "",
    ) -> list[GatewayEvent]:
        """At most 100 events, oldest first: those next after the event `after`, else the newest.

        They are the platform's, or those of the connected account `account_id`, which stand in
        no other list. Refuses, by UnknownToGateway, an `after` older than 30 days.
        """
        terms: Any = {"limit": MOST_EVENTS}
        if after is not None:
            terms["ending_before"] = after
        if wanted := list(kinds):
            terms["types"] = wanted
        with in_our_words():
            page = self._v1.events.list(terms, on_behalf(account_id))
        return [readings.event(event) for event in reversed(page.data)]

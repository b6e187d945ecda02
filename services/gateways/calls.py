"""One call to Stripe: with which key, to which house, and what its errors mean."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import stripe

from services.gateways.answers import (
    LIVE_KEYS,
    BalanceTooSmall,
    GatewayMisconfigured,
    GatewayRefused,
    GatewayUnreachable,
    KeyReused,
    LiveKeyRefused,
    UnknownToGateway,
)

API = "https://api.stripe.com"
TEST_KEYS = ("sk_test_", "rk_test_")
# Stripe forgets idempotency keys after 24 hours; an hour is left for the call itself.
KEY_LIMIT = timedelta(hours=23)

ACCOUNT_UNKNOWN = "account_invalid"
BY_CODE = {"balance_insufficient": BalanceTooSmall, "resource_missing": UnknownToGateway}


class StripeCalls:
    """The SDK's client, bound to one key and one address."""

    def __init__(
        self,
        api_key: str,
        *,
        base_url: str = API,
        http_client: stripe.HTTPClient | None = None,
        max_network_retries: int = 2,
        may_be_live: bool = False,
    ) -> None:
        """Refuses what is no key (GatewayMisconfigured), and, unless it `may_be_live`, a live one.

        The latter by LiveKeyRefused: it moves real money.
        """
        guard_key(api_key, may_be_live=may_be_live)
        self._v1 = stripe.StripeClient(
            api_key,
            base_addresses={"api": base_url.rstrip("/")},
            http_client=http_client,
            max_network_retries=max_network_retries,
        ).v1


def guard_key(api_key: str, *, may_be_live: bool) -> None:
    if api_key.startswith(LIVE_KEYS):
        if not may_be_live:
            raise LiveKeyRefused("A live Stripe key is taken in production alone.")
    elif not api_key.startswith(TEST_KEYS):
        raise GatewayMisconfigured("A Stripe key starts with sk_, or, restricted, with rk_.")


def on_behalf(account_id: str) -> Any:
    """The options of a call about a connected account's own objects; about ours without one."""
    return {"stripe_account": account_id} if account_id else {}


@contextmanager
def in_our_words() -> Iterator[None]:
    """Turn the SDK's errors into the gateway's own."""
    try:
        yield
    except stripe.IdempotencyError as error:
        raise KeyReused(str(error)) from error
    except (stripe.InvalidRequestError, stripe.CardError) as error:
        kind = BY_CODE.get(error.code or "", GatewayRefused)
        raise kind(str(error), code=error.code, param=error.param) from error
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        # What this key may not see of connected accounts does not exist for the house.
        if getattr(error.error, "code", None) == ACCOUNT_UNKNOWN:
            raise UnknownToGateway(str(error), code=ACCOUNT_UNKNOWN) from error
        raise GatewayMisconfigured(str(error)) from error
    except stripe.StripeError as error:
        # A broken connection, 409, 429 and 5xx: it may or may not have been done.
        raise GatewayUnreachable(str(error)) from error

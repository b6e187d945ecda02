"""The one gateway of this instance: Stripe, or the simulator in its place."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import abort, current_app

from marketplace.config import Settings
from services.gateways.answers import GatewayError, KeyReused
from services.gateways.calls import API
from services.gateways.stripe import StripeGateway


def gateway() -> StripeGateway:
    """The gateway as the settings name it, made once for the application."""
    made = current_app.extensions.get("gateway")
    if made is None:
        settings: Settings = current_app.config["SETTINGS"]
        made = StripeGateway(
            settings.stripe_secret_key,
            base_url=settings.stripe_api_base or API,
            may_be_live=settings.is_production,
        )
        current_app.extensions["gateway"] = made
    found: StripeGateway = made
    return found


@contextmanager
def or_try_later() -> Iterator[None]:
    """Answer 503 where the gateway is out of reach or set up wrongly; the log says why."""
    try:
        yield
    except KeyReused:
        raise
    except GatewayError:
        current_app.logger.exception("the gateway did not do what a page needs")
        abort(503)

"""The simulator as a Flask app of its own; it knows nothing of the marketplace."""

import time
from functools import partial
from pathlib import Path

from flask import Flask
from flask.typing import ResponseReturnValue
from jinja2 import StrictUndefined

from stripesim import (
    account_links,
    account_pages,
    accounts,
    balance,
    charges,
    checkout,
    control,
    customers,
    disputes,
    events,
    pages,
    payment_intents,
    payment_methods,
    payouts,
    refunds,
    reversals,
    setup_intents,
    transfers,
)
from stripesim.api import serve
from stripesim.simulator import Clock, Send, Settings, Simulator
from stripesim.store import Store
from stripesim.webhooks import post

ROUTES = [
    *account_links.ROUTES,
    *accounts.ROUTES,
    *balance.ROUTES,
    *charges.ROUTES,
    *checkout.ROUTES,
    *customers.ROUTES,
    *disputes.ROUTES,
    *events.ROUTES,
    *payment_intents.ROUTES,
    *payment_methods.ROUTES,
    *payouts.ROUTES,
    *refunds.ROUTES,
    *reversals.ROUTES,
    *setup_intents.ROUTES,
    *transfers.ROUTES,
]

LARGEST_BODY_BYTES = 256 * 1024


def create_app(
    database: Path | str,
    *,
    public_url: str,
    webhook_url: str | None = None,
    webhook_secret: str = "",
    api_key: str | None = None,
    token: str | None = None,
    clock: Clock = time.time,
    send: Send = post,
) -> Flask:
    """Make the simulator over one SQLite file, or ":memory:".

    `public_url` is where browsers reach it. `api_key` is the one key it accepts, else any test
    key. `token` opens /_sim. `clock` gives seconds since 1970. `send` posts a webhook and gives
    the status of the answer, 0 for none.
    """
    app = Flask("stripesim", root_path=str(Path(__file__).parent))
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY_BYTES
    app.jinja_env.undefined = StrictUndefined
    settings = Settings(
        public_url=public_url.rstrip("/"),
        webhook_url=webhook_url,
        webhook_secret=webhook_secret,
        api_key=api_key,
        token=token,
        clock=clock,
    )
    app.extensions["stripesim"] = Simulator(Store(database), settings, send)
    for route in ROUTES:
        app.add_url_rule(
            route.path,
            endpoint=f"{route.method} {route.path}".replace(".", "_"),
            view_func=partial(serve, route),
            methods=[route.method],
        )
    app.register_blueprint(pages.bp)
    app.register_blueprint(account_pages.bp)
    app.register_blueprint(control.bp)
    app.add_url_rule("/healthz", endpoint="healthz", view_func=healthz)
    return app


def healthz() -> ResponseReturnValue:
    return {"state": "up"}

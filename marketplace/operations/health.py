"""Health, for programs that watch: is the process there, is it ready, how is it doing."""

import hmac
from ipaddress import ip_address

from flask import Blueprint, Response, current_app, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from prometheus_client import CONTENT_TYPE_LATEST
from werkzeug.exceptions import NotFound as NoPage

from marketplace import db
from marketplace.config import Settings
from marketplace.operations import metrics
from marketplace.operations.schema_commands import is_at_head
from services import operations

bp = Blueprint("health", __name__)


@bp.record_once
def prepare(state: BlueprintSetupState) -> None:
    metrics.init_app(state.app)


@bp.get("/healthz")
def healthz() -> ResponseReturnValue:
    """This process answers. Nothing else is asked, so that a slow database restarts nobody."""
    return {"healthy": True}


@bp.get("/readyz")
def readyz() -> ResponseReturnValue:
    """Whether requests can be served: database there, schema of this release, books sound."""
    engine = current_app.extensions["engine"]
    found = {"database": db.is_reachable(engine), "schema": False, "ledger": False}
    if found["database"]:
        with engine.connect() as connection:
            found["schema"] = is_at_head(connection)
        check = operations.last_check(db.session())
        # A fresh instance has no check yet, and nothing in its books.
        found["ledger"] = check is None or check.is_sound
    return found, 200 if all(found.values()) else 503


@bp.get("/metrics")
def show_metrics() -> ResponseReturnValue:
    if not _may_read_metrics():
        raise NoPage
    session = db.session()
    return Response(metrics.exposition(session, db.now(session)), content_type=CONTENT_TYPE_LATEST)


def _may_read_metrics() -> bool:
    """With the token, or from this machine itself; a proxy in front is not this machine."""
    settings: Settings = current_app.config["SETTINGS"]
    if settings.metrics_token:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(
            token.strip().encode(), settings.metrics_token.encode()
        )
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    try:
        return ip_address(request.remote_addr or "").is_loopback and not forwarded
    except ValueError:
        return False

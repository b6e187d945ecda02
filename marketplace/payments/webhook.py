"""The door through which the gateway speaks."""

from flask import Blueprint, current_app, request
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from marketplace import db
from marketplace.config import Settings
from services import gateway_messages as messages
from services.gateways.answers import BadSignature
from services.gateways.stripe import parse_webhook

bp = Blueprint("webhooks", __name__)


@bp.record_once
def let_the_gateway_in(state: BlueprintSetupState) -> None:
    """The gateway signs its messages instead of carrying a token of ours."""
    state.app.extensions["csrf"].exempt(f"{__name__}.{webhook.__name__}")


@bp.post("/payments/webhook")
def webhook() -> ResponseReturnValue:
    """Store a message of the gateway, once; a job looks into it."""
    settings: Settings = current_app.config["SETTINGS"]
    body = request.get_data()
    try:
        with db.transaction() as session:
            now = db.now(session)
            event = parse_webhook(
                body,
                request.headers.get("Stripe-Signature"),
                settings.stripe_webhook_secret,
                now=now,
            )
            messages.keep(session, [event], now=now)
    except BadSignature:
        return "", 400
    return "", 200

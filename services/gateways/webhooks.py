"""Messages from the provider: believed only with its signature, and only while they are fresh."""

import json
import math
from datetime import datetime

import stripe

from services.gateways.answers import BadSignature, GatewayEvent
from services.gateways.readings import moment

TOLERANCE_SECONDS = 300


def parse_webhook(
    body: bytes,
    signature: str | None,
    secret: str,
    *,
    now: datetime,
    tolerance_seconds: int = TOLERANCE_SECONDS,
) -> GatewayEvent:
    """Give the event in `body`, the raw bytes as they came, with the header Stripe-Signature.

    Refuses, by BadSignature, what is unsigned, signed with another secret, older than the
    tolerance by `now`, or no event that a database could keep.
    """
    try:
        # No tolerance there: the SDK would read the machine's clock, and `now` is the door's.
        stripe.WebhookSignature.verify_header(body, signature, secret)
        fields = (part.partition("=") for part in (signature or "").split(","))
        signed_at = moment(int(next(value for name, _, value in fields if name == "t")))
        event = json.loads(body)
        _guard_text(event)
        read = GatewayEvent(
            id=event["id"],
            kind=event["type"],
            object_id=event["data"]["object"]["id"],
            created_at=moment(event["created"]),
            account_id=event.get("account") or "",
        )
    except (
        *(stripe.SignatureVerificationError, ValueError, KeyError, TypeError, RecursionError),
    ) as refused:
        raise BadSignature("This message is not from the payment provider.") from refused
    if (now - signed_at).total_seconds() > tolerance_seconds:
        raise BadSignature("This message is too old to be believed.")
    return read


def _guard_text(part: object) -> None:
    """JSON can write NUL and halves of characters, which PostgreSQL cannot keep: ValueError."""
    if isinstance(part, str):
        if "\0" in part:
            raise ValueError("NUL is no text.")
        part.encode()
    elif isinstance(part, dict):
        for key, value in part.items():
            _guard_text(key)
            _guard_text(value)
    elif isinstance(part, list):
        for one in part:
            _guard_text(one)
    elif isinstance(part, float) and not math.isfinite(part):
        raise ValueError("An endless number is no number.")

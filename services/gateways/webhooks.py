"""Messages from the provider: believed only with its signature, and only while they are fresh."""

import json
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
    tolerance by `now`, or no event.
    """
    try:
        # No tolerance there: the SDK would read the machine's clock, and `now` is the door's.
        stripe.WebhookSignature.verify_header(body, signature, secret)
        fields = (part.partition("=") for part in (signature or "").split(","))
        signed_at = moment(int(next(value for name, _, value in fields if name == "t")))
        event = json.loads(body)
        read = GatewayEvent(
            id=event["id"],
            kind=event["type"],
            object_id=event["data"]["object"]["id"],
            created_at=moment(event["created"]),
        )
    except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError) as refused:
        raise BadSignature("This message is not from the payment provider.") from refused
    if (now - signed_at).total_seconds() > tolerance_seconds:
        raise BadSignature("This message is too old to be believed.")
    return read

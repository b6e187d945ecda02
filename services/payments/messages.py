"""Messages from the gateway: each is stored once and looked into by a job, in any order."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.base import Json
from models.payments import GatewayMessage
from services import queue
from services.gateways.answers import GatewayEvent, UnknownToGateway
from services.gateways.stripe import StripeGateway
from services.payments.arriving import News, read_charge, read_page

PAGES = "checkout.session."
CHARGES = "payment_intent."
# What moves a payment on. These are asked for, too: a message may never have come.
KINDS = (
    *(PAGES + end for end in ("completed", "expired")),
    *(CHARGES + end for end in ("amount_capturable_updated", "canceled", "payment_failed")),
    CHARGES + "succeeded",
)
# By then the gateway has told its news, or something is wrong.
TOLD_WITHIN = timedelta(hours=1)


def keep(session: Session, told: Sequence[tuple[GatewayEvent, Json]], *, now: datetime) -> None:
    """Store events with what was told of them; one that came before, by any way, is passed over.

    A message counts as told only if its signature was checked.
    """
    if not told:
        return
    kept = session.scalars(
        insert(GatewayMessage)
        .values(
            [
                {
                    "event_key": event.id,
                    "kind": event.kind,
                    "object_key": event.object_id,
                    "content": content,
                    "received_at": now,
                }
                for event, content in told
            ]
        )
        .on_conflict_do_nothing(index_elements=["event_key"])
        .returning(GatewayMessage.id)
    ).all()
    queue.defer_many(session, "payments.handle_message", [{"message_id": one} for one in kept])


def last_told(session: Session, *, now: datetime) -> str | None:
    """The newest event that was told so long ago that whatever came before it was told too."""
    return session.scalar(
        select(GatewayMessage.event_key)
        .where(GatewayMessage.kind.in_(KINDS), GatewayMessage.received_at <= now - TOLD_WITHIN)
        .order_by(GatewayMessage.id.desc())
        .limit(1)
    )


def ask(gateway: StripeGateway, after: str | None) -> Sequence[GatewayEvent]:
    """What happened after the event `after`, oldest first; the newest if nobody remembers it."""
    try:
        return gateway.list_events(after, kinds=KINDS)
    except UnknownToGateway:
        return gateway.list_events(kinds=KINDS)


def unhandled(session: Session, message_id: int) -> GatewayMessage | None:
    message = session.get(GatewayMessage, message_id, populate_existing=True)
    return message if message is not None and message.handled_at is None else None


def look_into(gateway: StripeGateway, message: GatewayMessage) -> News | None:
    """Read what the message is about; None if it concerns no payment of ours."""
    try:
        if message.kind.startswith(PAGES):
            return read_page(gateway, message.object_key)
        if message.kind.startswith(CHARGES):
            return read_charge(gateway, message.object_key)
    except UnknownToGateway:
        return None
    return None


def mark_handled(session: Session, message_id: int, *, now: datetime) -> None:
    session.get_one(GatewayMessage, message_id).handled_at = now

"""Messages from the gateway: each is stored once and looked into by a job, in any order."""

from datetime import datetime

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


def keep(session: Session, event: GatewayEvent, content: Json, *, now: datetime) -> None:
    """Store a message whose signature was checked; one that came before is passed over."""
    message_id = session.scalar(
        insert(GatewayMessage)
        .values(
            event_key=event.id,
            kind=event.kind,
            object_key=event.object_id,
            content=content,
            received_at=now,
        )
        .on_conflict_do_nothing(index_elements=["event_key"])
        .returning(GatewayMessage.id)
    )
    if message_id is not None:
        queue.defer(session, "payments.handle_message", message_id=message_id)


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

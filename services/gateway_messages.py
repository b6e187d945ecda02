"""Messages from the gateway: each is stored once and looked into by a job, in any order."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.payments import GatewayMessage
from services import chargebacks, payouts, queue
from services.chargebacks.arriving import BankNews
from services.gateways.answers import (
    ConnectedAccount,
    GatewayEvent,
    Payout,
    PayoutState,
    Refund,
    UnknownToGateway,
)
from services.gateways.stripe import StripeGateway
from services.payments.arriving import News, read_charge, read_page, take_in
from services.payments.refunding import take_in_refund

PAGES = "checkout.session."
CHARGES = "payment_intent."
REFUNDS = "refund."
CHARGEBACKS = "charge.dispute."
ACCOUNTS = "account."
PAYOUTS = "payout."
# What moves something of ours on. These are asked for, too: a message may never have come. What
# happens to sellers' accounts stands in lists of theirs; instead the accounts are looked at.
KINDS = (
    *(PAGES + end for end in ("completed", "expired")),
    *(CHARGES + end for end in ("amount_capturable_updated", "canceled", "payment_failed")),
    CHARGES + "succeeded",
    *(REFUNDS + end for end in ("failed", "updated")),
    *(CHARGEBACKS + end for end in ("created", "updated", "closed")),
    *(CHARGEBACKS + end for end in ("funds_withdrawn", "funds_reinstated")),
    ACCOUNTS + "updated",
    PAYOUTS + "failed",
)
# By then the gateway has told its news, or something is wrong.
TOLD_WITHIN = timedelta(hours=1)
KEPT = timedelta(days=30)


def keep(session: Session, told: Sequence[GatewayEvent], *, now: datetime) -> None:
    """Store that these happened; what came before, by any way, is passed over.

    A message counts as told only if its signature was checked. Its body is not kept: where it
    is about a card or a person, the object at the gateway is what counts.
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
                    "account_key": event.account_id,
                    "received_at": now,
                }
                for event in told
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


def forget_old(session: Session, *, now: datetime) -> None:
    """Delete what was handled a month ago: Stripe lists no older events either.

    The newest stays, so that asking goes on from there.
    """
    newest = select(func.max(GatewayMessage.id)).where(GatewayMessage.kind.in_(KINDS))
    session.execute(
        delete(GatewayMessage)
        .where(
            GatewayMessage.handled_at <= now - KEPT,
            GatewayMessage.id.is_distinct_from(newest.scalar_subquery()),
        )
        .execution_options(synchronize_session=False)
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


@dataclass(frozen=True)
class FailedPayout:
    """What a seller's bank did not take; the money is back at their account at the gateway."""

    account_key: str
    payout: Payout


Seen = News | Refund | BankNews | ConnectedAccount | FailedPayout


def look_into(gateway: StripeGateway, message: GatewayMessage) -> Seen | None:
    """Read what the message is about; None if it concerns nothing of ours."""
    kind, key = message.kind, message.object_key
    try:
        if kind.startswith(PAGES):
            return read_page(gateway, key)
        if kind.startswith(CHARGES):
            return read_charge(gateway, key)
        if kind.startswith(REFUNDS):
            return gateway.read_refund(key)
        if kind.startswith(CHARGEBACKS):
            return chargebacks.read(gateway, key)
        if kind.startswith(ACCOUNTS):
            return gateway.read_account(message.account_key or key)
        if kind.startswith(PAYOUTS) and message.account_key:
            return _failed(gateway, message.account_key, key)
    except UnknownToGateway:
        return None
    return None


def _failed(gateway: StripeGateway, account_key: str, payout_key: str) -> FailedPayout | None:
    for payout in gateway.list_payouts(account_key):
        if payout.id == payout_key and payout.state is PayoutState.FAILED:
            return FailedPayout(account_key, payout)
    return None


def finish(session: Session, message_id: int, seen: Seen | None, *, now: datetime) -> None:
    """Take in what was read, once; the message is done."""
    message = session.get_one(
        GatewayMessage, message_id, populate_existing=True, with_for_update=True
    )
    if message.handled_at is not None:
        return
    match seen:
        case News():
            take_in(session, seen, now=now)
        case Refund():
            take_in_refund(session, seen, now=now)
        case BankNews():
            chargebacks.take_in(session, seen, now=now)
        case ConnectedAccount():
            payouts.take_in_account(session, seen, now=now)
        case FailedPayout():
            payouts.tell_of_failure(session, seen.account_key, seen.payout, now=now)
    message.handled_at = now

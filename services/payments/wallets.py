"""Saved cards: a participant is known to the gateway by a key; card numbers never come here."""

import hashlib
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.collaborations import Collaboration, Commitment
from models.payments import CardInUse, GatewayCustomer, Payment, PaymentState
from services.gateways.answers import Card
from services.gateways.stripe import StripeGateway


def customer_key(session: Session, participant_id: int) -> str:
    """The gateway's name for a participant; empty while it does not know them."""
    return (
        session.scalar(
            select(GatewayCustomer.customer_key).filter_by(participant_id=participant_id)
        )
        or ""
    )


def introduce(gateway: StripeGateway, participant_id: int, email: str) -> str:
    """Make the participant known to the gateway; asked again, it gives the same key."""
    digest = hashlib.sha256(email.encode()).hexdigest()[:16]
    return gateway.create_customer(
        key=f"customer:{participant_id}:{digest}",
        email=email,
        metadata={"participant": str(participant_id)},
    )


def keep_customer(session: Session, participant_id: int, key: str, *, now: datetime) -> str:
    """Remember a participant's key; the one that was first stays. Gives the one that holds."""
    session.execute(
        insert(GatewayCustomer)
        .values(
            participant_id=participant_id,
            customer_key=key,
            payment_method_key="",
            card_brand="",
            card_last4="",
            made_at=now,
        )
        .on_conflict_do_nothing()
    )
    return customer_key(session, participant_id)


def forget_customer(session: Session, participant_id: int, key: str) -> None:
    """Forget a key that the gateway does not know, with the card that was saved under it."""
    session.execute(
        delete(GatewayCustomer).filter_by(participant_id=participant_id, customer_key=key)
    )


def keep_card(session: Session, participant_id: int, card: Card) -> None:
    """Remember the card a participant used last, as far as it may be shown."""
    customer = locked_customer(session, participant_id)
    if customer is not None:
        customer.payment_method_key = card.id
        customer.card_brand, customer.card_last4 = card.brand, card.last4


def forget_card(session: Session, participant_id: int, card_key: str) -> None:
    """Stop offering a card; refuses with CardInUse one that stands behind an open payment."""
    # Locked before anything is looked for: nobody promises the card meanwhile.
    customer = locked_customer(session, participant_id)
    used_for = session.scalar(
        select(Collaboration.title)
        .join(Commitment, Commitment.collaboration_id == Collaboration.id)
        .join(Payment, Payment.commitment_id == Commitment.id)
        .where(
            Payment.participant_id == participant_id,
            Payment.payment_method_key == card_key,
            Payment.state.in_([PaymentState.READY, PaymentState.CHARGING, *Payment.UNPAID]),
        )
        .limit(1)
    )
    if used_for is not None:
        raise CardInUse(title=used_for)
    if customer is not None and customer.payment_method_key == card_key:
        customer.payment_method_key = customer.card_brand = customer.card_last4 = ""


def locked_customer(session: Session, participant_id: int) -> GatewayCustomer | None:
    """The participant as the gateway knows them, with the saved card as it is committed by now.

    Whoever locks payments too has locked them before, and accounts only afterwards.
    """
    return session.scalar(
        select(GatewayCustomer)
        .filter_by(participant_id=participant_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def locked_cards(session: Session, participant_ids: Collection[int]) -> dict[int, str]:
    """The saved cards of many participants, by participant; locked as `locked_customer` does."""
    if not participant_ids:
        return {}
    found = session.scalars(
        select(GatewayCustomer)
        .where(GatewayCustomer.participant_id.in_(participant_ids))
        .order_by(GatewayCustomer.participant_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {one.participant_id: one.payment_method_key for one in found}

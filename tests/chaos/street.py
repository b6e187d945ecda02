"""Who takes part in the scenarios: Alice organises, neighbours join with cards of all kinds."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import requests
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace import db
from marketplace.payments import acts
from models.actors import Actor
from models.buying import GroupBuy, PaymentMethod
from models.members import Member
from models.payments import GatewayCustomer
from services import buying, payments, sessions
from tests import make, make_buying
from tests.chaos.instance import Instance

WORKING = "pm_card_visa"
DECLINED = "pm_card_chargeCustomerFail"
ASKING = "pm_card_authenticationRequired"
AT_ONCE = 4
WHERE = acts.Addresses(
    "http://localhost/payments/return?session_id={CHECKOUT_SESSION_ID}", "http://localhost/", "en"
)


def neighbours(instance: Instance, cards: list[str], *, now: datetime) -> list[int]:
    """Members who each saved a card at the bank; their ids."""
    with instance.transaction() as session:
        people = [make.actor(session, f"Neighbour{at}", now=now) for at in range(len(cards))]

    def introduce(who: Actor, card: str) -> tuple[str, str]:
        customer = instance.gateway.create_customer(key=f"customer:{who.participant.id}:test")
        return customer, instance.save_card(customer, card)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        known = list(pool.map(introduce, people, cards))
    with instance.transaction() as session:
        session.add_all(
            GatewayCustomer(
                participant_id=who.participant.id,
                customer_key=customer,
                payment_method_key=card,
                card_brand="visa",
                card_last4="4242",
                made_at=now,
            )
            for who, (customer, card) in zip(people, known, strict=True)
        )
    return [who.member.id for who in people]


def as_member(session: Session, member_id: int) -> Actor:
    return sessions.actor_of(session, session.get_one(Member, member_id))


def organiser(instance: Instance, *, now: datetime) -> int:
    with instance.transaction() as session:
        return make.actor(session, "Alice", now=now).member.id


def open_deal(instance: Instance, alice: int, *, now: datetime, **terms: Any) -> int:
    """A group buy of Alice's that is open at `now`; its id."""
    with instance.transaction() as session:
        return make_buying.group_buy(session, as_member(session, alice), now=now, **terms).id


def join_by_card(
    instance: Instance, deal_id: int, member_ids: list[int], *, now: datetime, units: int = 1
) -> list[int]:
    """Each joins with the card they saved; the ids of their commitments."""
    made = []
    with instance.transaction() as session:
        deal = buying.locked(session, deal_id)
        for member_id in member_ids:
            who = as_member(session, member_id)
            wanted = make_buying.order(session, deal, units, method=PaymentMethod.CARD)
            made.append(buying.join(session, deal, wanted, actor=who, now=now))
            payments.use_saved_card(session, made[-1], consent="Yes.", actor=who, now=now)
    return made


def cancel(instance: Instance, deal_id: int, alice: int) -> None:
    with instance.transaction() as session:
        deal = session.scalars(select(GroupBuy).filter_by(id=deal_id)).one()
        found = buying.find(session, deal.slug, actor=as_member(session, alice), lock=True)
        buying.cancel(
            session,
            found,
            reason="The harvest froze.",
            actor=as_member(session, alice),
            now=found.closes_at,
        )


def hold_by_card(
    instance: Instance, deal_id: int, member_ids: list[int], *, now: datetime
) -> list[int]:
    """Each joins, and gives a card on the hosted page; the ids of their commitments."""
    made = join_with_card_to_come(instance, deal_id, member_ids, now=now)
    for commitment_id, member_id in zip(made, member_ids, strict=True):
        give_card(instance, commitment_id, member_id)
    return made


def join_with_card_to_come(
    instance: Instance, deal_id: int, member_ids: list[int], *, now: datetime, units: int = 1
) -> list[int]:
    """Each joins to pay by a card that they have yet to give; the ids of their commitments."""
    made = []
    with instance.transaction() as session:
        deal = buying.locked(session, deal_id)
        for member_id in member_ids:
            wanted = make_buying.order(session, deal, units, method=PaymentMethod.CARD)
            who = as_member(session, member_id)
            made.append(buying.join(session, deal, wanted, actor=who, now=now))
    return made


def give_card(instance: Instance, commitment_id: int, member_id: int) -> None:
    """Open the hosted page, use a card there, and come back."""
    with instance.app.app_context():
        who = as_member(db.session(), member_id)
        page = acts.open_page(commitment_id, "At most so much.", WHERE, who)
    requests.post(page, data={"card": "4242424242424242"}, allow_redirects=False, timeout=30)
    key = instance.value(
        "SELECT checkout_key FROM payments WHERE commitment_id = :id", id=commitment_id
    )
    with instance.app.app_context():
        acts.read_page(key)

"""Completed group buys to test invoices with: goods at two rates, by weight, with all that is laid
on orders."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy, Stage
from models.collaborations import Commitment, CommitmentState
from models.invoices import Invoice
from services import buying, invoices
from services.buying import guests, weighing
from tests import make_buying
from tests.make_buying import cheese, olive_oil

TRADER = {
    "legal_name": "Alice Grün e. K.",
    "address": "Hafenstraße 1\n27576 Bremerhaven",
    "email": "laden@example.org",
    "register": "HRA 1234, Amtsgericht Bremen",
    "vat_number": "DE123456789",
}
GUEST = "Frau Meyer"
Units = tuple[int, int, int]


def become_trader(session: Session, who: Actor) -> None:
    who.participant.is_trader, who.participant.trader_details = True, dict(TRADER)
    session.flush()


def pantry(
    session: Session,
    organiser: Actor,
    orders: Sequence[tuple[Actor, Units]],
    *,
    guest: Units | None = None,
    now: datetime,
    **terms: Any,
) -> GroupBuy:
    """Oil with deposit at 7 %, soap at 19 % and cheese by weight at 7 %; freight is shared."""
    made = make_buying.group_buy(
        session,
        organiser,
        now=now,
        articles=[
            olive_oil(minimum_units=1, deposit_minor=25),
            olive_oil(
                name="Soap",
                unit="bar",
                tiers=[(1, 333)],
                vat_basis_points=1900,
                minimum_units=1,
                maximum_units=None,
            ),
            cheese(),
        ],
        **{
            "freight_rule": "by_value",
            "freight_minor": 1001,
            "freight_ceiling_minor": 1001,
            "share_rule": "per_head",
            "share_minor": 301,
            "share_ceiling_minor": 301,
            **terms,
        },
    )
    for who, units in orders:
        buying.join(session, made, _order(session, made, units), actor=who, now=now)
    if guest is not None:
        kept = guests.add(session, made, GUEST, actor=organiser, now=now)
        guests.order(session, made, kept, _order(session, made, guest), actor=organiser, now=now)
    buying.close(session, made.id, now=made.closes_at)
    return made


def complete(
    session: Session,
    group_buy: GroupBuy,
    organiser: Actor,
    *,
    short: Mapping[int, int] | None = None,
    grams: int | None = None,
) -> None:
    """Ordered, brought (fewer by place in `short`), weighed and fetched."""
    at, by = group_buy.closes_at + timedelta(days=3), {"actor": organiser}
    buying.mark_ordered(session, group_buy, **by, now=group_buy.closes_at)
    came = {
        one.id: max(one.decided_units - (short or {}).get(place, 0), 0)
        for place, one in enumerate(buying.articles(session, group_buy))
        if one.decided_units
    }
    buying.deliver(session, group_buy, came, **by, now=at)
    if weighing.is_missing(session, group_buy):
        if grams is not None:
            crates = buying.commitments(session, group_buy, Commitment.TAKING_PART)
            some = weighing.portions(buying.articles(session, group_buy), crates).values()
            weights = {one.line.id: grams * one.units for each in some for one in each}
            buying.weigh(session, group_buy, weights)
        buying.make_final(session, group_buy, rest_as_ordered=True, **by, now=at)
    if group_buy.stage == Stage.DELIVERED:
        buying.begin_hand_over(session, group_buy, **by, now=at)
    for commitment in buying.commitments(session, group_buy, [CommitmentState.IN]):
        buying.hand_over(session, group_buy, commitment, **by, now=at)
    buying.complete(session, group_buy, **by, now=at)


def issued(session: Session, group_buy: GroupBuy, *, now: datetime) -> list[Invoice]:
    """All documents of the group buy, once they are brought up to what is owed."""
    invoices.issue(session, group_buy.id, now=now)
    return documents(session, group_buy)


def documents(session: Session, group_buy: GroupBuy) -> list[Invoice]:
    query = select(Invoice).filter_by(collaboration_id=group_buy.id).order_by(Invoice.id)
    return list(session.scalars(query))


def _order(session: Session, group_buy: GroupBuy, units: Units) -> buying.Order:
    usual = make_buying.order(session, group_buy, 1)
    articles = buying.articles(session, group_buy)
    wanted = [
        buying.Wanted(one.id, many) for one, many in zip(articles, units, strict=True) if many
    ]
    return buying.Order(wanted, usual.payment_method, usual.pickup_point_id)

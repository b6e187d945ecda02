"""Group buys after the close to test with: ordered, delivered, ready to be handed over."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy, GroupBuyCommitment
from models.payments import Payment
from services import buying, payments
from tests import make_buying


def closed(
    session: Session,
    organiser: Actor,
    orders: Sequence[tuple[Actor, int]],
    *,
    now: datetime,
    **overrides: Any,
) -> GroupBuy:
    """Everyone joined, to pay at pick-up, and it closed; with enough units it runs."""
    group_buy = make_buying.group_buy(session, organiser, now=now, **overrides)
    for offset, (who, units) in enumerate(orders):
        make_buying.join(session, group_buy, who, units, now=now + timedelta(minutes=offset))
    buying.close(session, group_buy.id, now=group_buy.closes_at)
    return group_buy


def ordered(session: Session, group_buy: GroupBuy, organiser: Actor) -> None:
    buying.mark_ordered(session, group_buy, actor=organiser, now=group_buy.closes_at)


def delivered(
    session: Session, group_buy: GroupBuy, organiser: Actor, units: int | None = None
) -> None:
    """Order and count: so many units of each article, or all that were ordered."""
    if group_buy.ordered_at is None:
        ordered(session, group_buy, organiser)
    came = {
        one.id: (one.decided_units or 0) if units is None else units
        for one in buying.ordered_articles(session, group_buy)
    }
    at = group_buy.closes_at + timedelta(days=3)
    buying.deliver(session, group_buy, came, actor=organiser, now=at)


def handing_over(session: Session, group_buy: GroupBuy, organiser: Actor) -> None:
    delivered(session, group_buy, organiser)
    at = group_buy.closes_at + timedelta(days=3)
    buying.begin_hand_over(session, group_buy, actor=organiser, now=at)


def commitment(session: Session, group_buy: GroupBuy, who: Actor) -> GroupBuyCommitment:
    """The order of `who`, whatever became of it."""
    session.flush()
    return session.scalars(
        select(GroupBuyCommitment)
        .filter_by(collaboration_id=group_buy.id, participant_id=who.participant.id)
        .execution_options(populate_existing=True)
    ).one()


def payment(session: Session, group_buy: GroupBuy, who: Actor) -> Payment:
    found = payments.of_commitment(session, commitment(session, group_buy, who).id)
    assert found is not None
    return found


def pay_cash(
    session: Session, group_buy: GroupBuy, organiser: Actor, who: Actor, *, now: datetime
) -> None:
    """Both say that the money was handed over."""
    found = commitment(session, group_buy, who)
    payments.confirm_paid(session, found.id, actor=who, now=now)
    payments.confirm_received(session, found.id, actor=organiser, now=now)

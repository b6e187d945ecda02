"""Ordering: joining a group buy, under its lock."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models.actors import Actor
from models.base import Model
from models.buying import Article, GroupBuy, PaymentMethod
from models.collaborations import AlreadyCommitted, CommitmentState
from models.joining import JOIN
from models.participants import Participant
from models.payments import Instrument, PaymentState
from services import payments, queue
from services.buying import facts
from services.buying.orders import Order, Wanted, checked, guard, shortage, tell_tipping, worst_case
from services.buying.standing import count, restand


def join(
    session: Session,
    group_buy: GroupBuy,
    order: Order,
    *,
    actor: Actor,
    participant: Participant | None = None,
    now: datetime,
) -> int:
    """Commit `participant` (by default whom `actor` acts as) to `order`; the commitment's id.

    The caller holds the lock of `group_buy`, read by `finding.find(lock=True)`. Amounts are
    minor units of its currency. Refuses with NotOpen, AlreadyCommitted, NotEnoughUnits (with
    `units_left`, unless `may_wait`), PriceTooLow, NothingOrdered, NoSuchArticle, PickupNeeded,
    AddressNeeded, PaymentMethodNotOffered, SelfDealing, NotConfirmed, MayNotActFor.
    """
    buyer = participant or actor.participant
    guard(group_buy, actor, buyer, now)
    wanted, articles = checked(session, group_buy, order)
    short = shortage(group_buy, articles, wanted)
    if short is not None and not order.may_wait:
        raise short
    waits = short is not None
    place = group_buy.last_place + 1
    tipping = False
    if not waits:
        for one in wanted:
            assert one.highest_price_minor is not None
            count(articles[one.article_id], one.highest_price_minor, one.units, one.tolerance)
        tipping = restand(session, group_buy, list(articles.values()))
    else:
        group_buy.touch()
    with session.no_autoflush:
        commitment_id, event_id = _write(
            session, group_buy, order, wanted, articles, buyer, actor, place, waits, now
        )
    jobs = [queue.Later("react", {"event_id": event_id})]
    if order.payment_method == PaymentMethod.CARD:
        expiry = {"commitment_id": commitment_id}
        jobs.append(queue.Later("payments.expire", expiry, at=now + payments.CARD_LIMIT))
    queue.defer_all(session, jobs)
    if tipping:
        tell_tipping(session, group_buy, actor, now)
    return commitment_id


def _write(
    session: Session,
    group_buy: GroupBuy,
    order: Order,
    wanted: Sequence[Wanted],
    articles: Mapping[int, Article],
    buyer: Participant,
    actor: Actor,
    place: int,
    waits: bool,
    now: datetime,
) -> tuple[int, int]:
    """Write all of it; the ids of the commitment and of the event that tells of it."""
    by_card = order.payment_method == PaymentMethod.CARD
    given = {
        "group_buy_id": group_buy.id,
        "participant_id": buyer.id,
        "member_id": actor.member.id,
        "terms_number": group_buy.terms_number,
        "state": CommitmentState.WAITING if waits else CommitmentState.ACTIVE,
        "place": place,
        "worst_case_minor": worst_case(group_buy, articles, wanted, order),
        "payment_method": order.payment_method,
        "pickup_point_id": order.pickup_point_id,
        "shipping_address": order.shipping_address,
        "note": order.note,
        "currency": group_buy.currency,
        "payment_state": PaymentState.AWAITING_CARD if by_card else PaymentState.AT_PICKUP,
        "instrument": Instrument.SAVED_CARD if by_card else Instrument.HAND_TO_HAND,
        "lines": [vars(one) for one in wanted],
        "tiers": [
            _columns(tier, "id", "demand_units", "tolerance_units")
            for article in articles.values()
            for tier in article.tiers
        ],
        "articles": [
            _columns(article, "id", "active_units", "standing_units", "standing_tier")
            for article in articles.values()
        ],
        **_columns(group_buy, *_STANDING),
        "commitments_count": group_buy.commitments_count + 1,
        "event": (facts.PutOnWaitingList if waits else facts.GroupBuyJoined).__name__,
        "at": now.isoformat(),
    }
    row = session.execute(JOIN, {"given": json.dumps(given)}).one_or_none()
    # The statement wrote what these objects hold, or nothing at all: nothing is left to flush.
    for written in (group_buy, *articles.values()):
        session.expire(written)
    if row is None:
        raise AlreadyCommitted
    return row.commitment_id, row.event_id


_STANDING = (
    "price_now_minor",
    "price_next_minor",
    "missing_units",
    "standing_value_minor",
    "standing_articles",
    "is_tipped",
    "progress_basis_points",
    "version",
)


def _columns(row: Model, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}

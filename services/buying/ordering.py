"""Ordering: joining a group buy, under its lock."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, bindparam, select, true
from sqlalchemy.orm import Session

from models.actors import Actor, AnyParticipant
from models.buying import PaymentMethod
from models.collaborations import AlreadyCommitted, CommitmentState
from models.errors import NotFound
from models.joining import JOIN
from models.participants import Participant
from models.payments import Instrument, PaymentState
from services import knowing
from services.buying import happened
from services.buying.finding import NOT_THERE, guard_known, sought
from services.buying.orders import (
    Order,
    Wanted,
    asked_of,
    guard,
    guard_ways,
    priced,
    shortage,
    worst_case,
)
from services.buying.standing import count, restand, tell_tipping
from services.buying.stock import (
    DEAL,
    Dealt,
    Stock,
    StockArticle,
    StockDeal,
    column,
    forget,
    parameters,
)
from services.idempotency import Sent
from services.locking import WHOLE_ROW
from services.participants.belonging import guard_membership


def to_join(
    session: Session,
    slug: str,
    order: Order,
    *,
    actor: Actor,
    link_key: str = "",
    clock: ColumnElement[datetime],
) -> tuple[StockDeal, Stock, datetime]:
    """The group buy for the one act of joining, what `order` finds there, and when that was.

    One statement locks the group buy as `finding.find` does, and reads the stock and `clock` when
    it has the lock. Refuses with NotFound.
    """
    asked = {"slug": slug, "link_key": link_key, **_needs(order)}
    # Past the session, which has no part in plain values.
    row = session.connection().execute(_locking(clock, lies_open=True), asked).one_or_none()
    lies_open = row is not None
    if not lies_open:
        guard_known(session, sought(session, slug), actor, link_key)
        row = session.execute(_locking(clock, lies_open=False), asked).one_or_none()
    if row is None:
        raise NotFound(NOT_THERE)
    *columns, now, found = row
    deal = StockDeal(session, *columns)
    if not lies_open:
        # While the lock was waited for, whoever knew of it may have been taken off the list.
        guard_known(session, deal.whole, actor, link_key)
    return deal, Stock.of(found), now.astimezone(UTC)


def join(
    session: Session,
    group_buy: Dealt,
    order: Order,
    *,
    stock: Stock | None = None,
    actor: Actor,
    participant: Participant | None = None,
    sent: Sent | None = None,
    now: datetime,
) -> int:
    """Commit `participant` (by default whom `actor` acts as) to `order`; the commitment's id.

    The caller holds the lock of `group_buy`, taken by `to_join` or `finding.find`. `stock` is what
    `to_join` gave for this very order; without it it is read here. Amounts are minor units of its
    currency. With `sent` the request is kept along with what it did: who is refused asks
    `idempotency.answered` whether it came before.

    Refuses with NotOpen, AlreadyCommitted, NotEnoughUnits (with `units_left`, unless
    `may_wait`), PriceTooLow, NothingOrdered, NoSuchArticle, PickupNeeded,
    AddressNeeded, PaymentMethodNotOffered, SelfDealing, NotConfirmed, MayNotActFor.
    """
    buyer = participant or actor.participant
    guard(group_buy, actor, buyer, now)
    guard_membership(session, actor, buyer)
    asked = asked_of(order)
    if stock is None:
        stock = _stock(session, group_buy, order)
    articles = stock.articles
    wanted = priced(group_buy, asked, articles)
    guard_ways(group_buy, order, stock.has_pickup_point)
    short = shortage(group_buy, articles, wanted)
    if short is not None and not order.may_wait:
        raise short
    waits = short is not None
    place = group_buy.last_place + 1
    for one in wanted:
        assert one.highest_price_minor is not None
        article, highest_minor = articles[one.article_id], one.highest_price_minor
        count(article, highest_minor, one.units, one.tolerance, has_place=not waits)
    tipping = restand(session, group_buy, list(articles.values()), only_more=True)
    given = {
        **_order(group_buy, order, wanted, buyer, actor, now),
        **_standing(group_buy, articles),
        "state": CommitmentState.WAITING if waits else CommitmentState.ACTIVE,
        "place": place,
        "worst_case_minor": worst_case(group_buy, articles, wanted, order),
        "event": (happened.PutOnWaitingList if waits else happened.GroupBuyJoined).__name__,
        **(_request(sent) if sent else {}),
    }
    with session.no_autoflush:
        commitment_id = session.scalar(JOIN, {"given": json.dumps(given)})
    # The statement wrote what these objects hold, or nothing at all: nothing is left to flush.
    forget(session, group_buy.id, articles)
    if commitment_id is None:
        raise AlreadyCommitted
    if tipping:
        tell_tipping(session, group_buy, actor, now)
    return int(commitment_id)


def _order(
    group_buy: Dealt,
    order: Order,
    wanted: Sequence[Wanted],
    buyer: AnyParticipant,
    actor: Actor,
    now: datetime,
) -> dict[str, Any]:
    """Who ordered what, how they get it and how they pay."""
    by_card = order.payment_method == PaymentMethod.CARD
    return {
        "group_buy_id": group_buy.id,
        "participant_id": buyer.id,
        "member_id": actor.member.id,
        "terms_number": group_buy.terms_number,
        "payment_method": order.payment_method,
        "pickup_point_id": order.pickup_point_id,
        "shipping_address": order.shipping_address,
        "note": order.note,
        "currency": group_buy.currency,
        "payment_state": PaymentState.AWAITING_CARD if by_card else PaymentState.AT_PICKUP,
        "instrument": Instrument.SAVED_CARD if by_card else Instrument.HAND_TO_HAND,
        "lines": [vars(one) for one in wanted],
        "at": now.isoformat(),
    }


def _standing(group_buy: Dealt, articles: Mapping[int, StockArticle]) -> dict[str, Any]:
    """Where the deal stands with this order."""
    return {
        "articles": [_columns(article, *_COUNTED) for article in articles.values()],
        "commitments_count": group_buy.commitments_count + 1,
        **_columns(group_buy, *_STANDING),
    }


def _request(sent: Sent) -> dict[str, Any]:
    return {"route": sent.route, "key": sent.key, "request_hash": sent.sha256.hex()}


_COUNTED = (
    "id",
    "active_units",
    "demand_units",
    "tolerance_units",
    "standing_units",
    "standing_tier",
)
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


def _columns(row: Dealt | StockArticle, *names: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


@lru_cache(maxsize=8)
def _locking(clock: ColumnElement[datetime], *, lies_open: bool) -> Select[*tuple[Any, ...]]:
    base, own = WHOLE_ROW
    among = knowing.lies_open(bindparam("link_key")) if lies_open else true()
    deal = (
        select(*DEAL)
        .select_from(base.join(own, own.c.id == base.c.id))
        .where(base.c.slug == bindparam("slug"), among)
        .with_for_update(key_share=True, of=WHOLE_ROW)
        .cte("deal")
    )
    # A query that locks is not folded into the one around it: clock and stock are reckoned for
    # each row it gives out, so after the lock.
    return select(deal, clock, column(deal.c.id))


def _needs(order: Order) -> dict[str, Any]:
    """What the stock of an order is read by."""
    ids = [one.article_id for one in order.wanted if one.units > 0]
    return parameters(ids, order.pickup_point_id)


_STOCK = select(column(bindparam("group_buy_id", type_=BigInteger)))


def _stock(session: Session, group_buy: Dealt, order: Order) -> Stock:
    found = session.scalar(_STOCK, {"group_buy_id": group_buy.id, **_needs(order)})
    assert found is not None
    return Stock.of(found)

"""Previewing: what an order would bind to, and what new terms would change, before they do."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import Article, GroupBuy, GroupBuyCommitment, NotEnoughUnits
from models.collaborations import NotOpen
from models.errors import Conflict
from models.words import N_
from services.buying import agreeing, amending
from services.buying.amending import Amendment
from services.buying.differences import Difference, differences
from services.buying.orders import Order, Wanted, checked, guard, shortage, worst_case
from services.buying.stock import Dealt


class TermsMoved(Conflict):
    code = "terms-moved"
    message = N_("The terms have changed since you looked. Please look again.")


class BuyerMoved(Conflict):
    code = "buyer-moved"
    message = N_(
        "This order was shown for somebody else than you act for now. Please look at it again."
    )


class OrderMoved(Conflict):
    code = "order-moved"
    message = N_("Your order has changed since you looked. Please look at it again.")


@dataclass(frozen=True)
class Preview:
    """An order as it would be kept: highest prices filled in, the worst case in minor units.

    `short` says why it would have to wait; None while everything is sure.
    """

    wanted: Sequence[Wanted]
    articles: Mapping[int, Article]
    worst_case_minor: int
    short: NotEnoughUnits | None


def preview(
    session: Session,
    group_buy: GroupBuy,
    order: Order,
    commitment: GroupBuyCommitment | None = None,
    *,
    actor: Actor,
    now: datetime,
) -> Preview:
    """What `join` would do, or `change` for a `commitment`; nothing is written or locked.

    Refuses as those do, except that a shortage is said and not refused.
    """
    buyer = commitment.participant if commitment is not None else actor.participant
    guard(group_buy, actor, buyer, now)
    if commitment is not None and not commitment.is_alive:
        raise NotOpen
    wanted, articles = checked(session, group_buy, order)
    short = shortage(group_buy, articles, wanted, own=commitment)
    return Preview(wanted, articles, worst_case(group_buy, articles, wanted, order), short)


@dataclass(frozen=True)
class AmendmentPreview:
    """What new terms would change, and how many orders would then wait for their members."""

    differences: Sequence[Difference]
    asked_count: int


def preview_amendment(
    session: Session, group_buy: GroupBuy, amendment: Amendment, *, actor: Actor, now: datetime
) -> AmendmentPreview:
    """What `amending.amend` would do, refused as it is; the caller holds the lock.

    It is done to see what comes of it: the caller undoes it.
    """
    made = amending.amend(session, group_buy, amendment, actor=actor, now=now)
    before = agreeing.version(session, group_buy, made.number - 1)
    return AmendmentPreview(
        differences(before.content, made.content), agreeing.asked(session, group_buy)
    )


def guard_terms(group_buy: Dealt, seen_number: int) -> None:
    """Refuse with TermsMoved whoever saw another version of the terms than holds now."""
    if group_buy.terms_number != seen_number:
        raise TermsMoved


def guard_the_buyer(shown_id: int | None, buyer_id: int) -> None:
    """Refuse with BuyerMoved whoever would bind another than the order was shown for.

    Nothing is known of it where a form does not say so (None): ours always does.
    """
    if shown_id not in (None, buyer_id):
        raise BuyerMoved


def guard_the_order(
    commitment: GroupBuyCommitment, buyer_id: int | None, shown_version: int | None
) -> None:
    """Refuse with OrderMoved whoever changes an order that was changed after it was shown.

    And as `guard_the_buyer` does. Nothing is known of it where a form does not say so (None).
    """
    guard_the_buyer(buyer_id, commitment.participant_id)
    if shown_version not in (None, commitment.version):
        raise OrderMoved

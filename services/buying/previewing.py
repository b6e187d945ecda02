"""Previewing an order: what it would bind to, before anybody is bound."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import Article, GroupBuy, GroupBuyCommitment, NotEnoughUnits
from models.collaborations import NotOpen
from models.errors import Conflict
from models.words import N_
from services.buying.orders import Order, Wanted, checked, guard, shortage, worst_case


class TermsMoved(Conflict):
    code = "terms-moved"
    message = N_("The terms have changed since you looked. Please look at your order again.")


class BuyerMoved(Conflict):
    code = "buyer-moved"
    message = N_(
        "This order was shown for somebody else than you act for now. Please look at it again."
    )


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


def guard_terms(group_buy: GroupBuy, seen_number: int) -> None:
    """Refuse with TermsMoved whoever agreed to another version of the terms than holds now."""
    if group_buy.terms_number != seen_number:
        raise TermsMoved


def guard_the_buyer(shown_id: int | None, buyer_id: int) -> None:
    """Refuse with BuyerMoved whoever would bind another than the order was shown for.

    Nothing is known of it where a form does not say so (None): ours always does.
    """
    if shown_id not in (None, buyer_id):
        raise BuyerMoved

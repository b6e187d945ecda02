"""The declared policy of leaving: what of an order may still be taken back before the close."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from models.buying import Article, GroupBuy, NobodyTakesOver, WithdrawalPolicy
from services import payments

LAST_DAY = timedelta(hours=24)


def may_go(group_buy: GroupBuy, *, was_tipped: bool, now: datetime) -> bool:
    """Whether the declared policy lets go what was counted out just now.

    Whether somebody takes it over is for `guard_taken_over`.
    """
    policy = group_buy.withdrawal_policy
    too_late = (
        policy == WithdrawalPolicy.FREE_UNTIL_LAST_DAY and now >= group_buy.closes_at - LAST_DAY
    )
    untips = policy == WithdrawalPolicy.NOT_IF_IT_UNTIPS and was_tipped and not group_buy.is_tipped
    return not (too_late or untips)


def is_replaced(group_buy: GroupBuy, *, was_tipped: bool) -> bool:
    """Whether what goes has to be taken over by the waiting list: once it is sure to happen."""
    return was_tipped and group_buy.withdrawal_policy == WithdrawalPolicy.ONLY_WITH_REPLACEMENT


def may_drop_out(group_buy: GroupBuy, *, was_tipped: bool, now: datetime) -> bool:
    """Whether what was counted out could go later, when no other card was given for it.

    Whether anybody takes it over then, nobody knows now.
    """
    return not is_replaced(group_buy, was_tipped=was_tipped) and may_go(
        group_buy, was_tipped=was_tipped, now=now + payments.CARD_LIMIT
    )


def places_of(articles: Iterable[Article]) -> Mapping[int, int]:
    """How many units of each article are set aside, by its id."""
    return {one.id: one.active_units for one in articles}


def guard_taken_over(
    group_buy: GroupBuy, articles: Iterable[Article], places: Mapping[int, int], *, was_tipped: bool
) -> None:
    """Refuse with NobodyTakesOver if the waiting list did not take what went, where it has to.

    `places` is what `places_of` said before; it is asked once free places were given out.
    """
    if not is_replaced(group_buy, was_tipped=was_tipped):
        return
    if not group_buy.is_tipped or any(one.active_units < places[one.id] for one in articles):
        raise NobodyTakesOver

"""Differences: what one version of the terms changes against another, and for whom it is worse.

Whatever is not known to be harmless or better counts as worse, so that nobody is bound by it
without having agreed.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from models.base import Json
from models.buying import WithdrawalPolicy
from models.revocations import Revocability
from models.rules import Sharing


@dataclass(frozen=True)
class Difference:
    """One term before and after, as a version holds it; without an article, of the whole deal."""

    name: str
    before: Any
    after: Any
    is_worse: bool
    article_id: int | None = None
    article: str = ""


def differences(before: Json, after: Json) -> list[Difference]:
    """Everything that `after` says otherwise than `before`: the deal first, then each article."""
    found = _compared(before["group_buy"], after["group_buy"], _WORSE)
    if before["pickup_points"] != after["pickup_points"]:
        # Everyone concerned is told of a new place or time when it changes, apart from terms.
        found.append(
            Difference("pickup_points", before["pickup_points"], after["pickup_points"], False)
        )
    articles = {article["id"]: article for article in before["articles"]}
    for article in after["articles"]:
        earlier = articles[article["id"]]
        if earlier != article:
            found += _compared(
                earlier, article, _WORSE_OF_ARTICLE, article["id"], str(article["name"])
            )
    return found


def is_worse_for(found: Sequence[Difference], article_ids: Collection[int]) -> bool:
    """Whether an order of these articles is worse off in anything."""
    return any(
        one.is_worse and (one.article_id is None or one.article_id in article_ids) for one in found
    )


def _compared(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    worse: Mapping[str, Callable[[Any, Any], bool]],
    article_id: int | None = None,
    article: str = "",
) -> list[Difference]:
    return [
        Difference(
            name,
            before.get(name),
            value,
            worse.get(name, _always)(before.get(name), value),
            article_id,
            article,
        )
        for name, value in after.items()
        if before.get(name) != value
    ]


def _always(_before: Any, _after: Any) -> bool:
    return True


def _never(_before: Any, _after: Any) -> bool:
    return False


def _more(before: int, after: int) -> bool:
    return after > before


def _fewer(before: int | None, after: int | None) -> bool:
    return after is not None and (before is None or after < before)


def _taken_away(before: bool, after: bool) -> bool:
    return before and not after


def _dearer(before: list[list[int]], after: list[list[int]]) -> bool:
    """Whether, for any number of units, a unit costs more than it did."""
    return any(
        _price(after, units) > _price(before, units) for units, _ in sorted([*before, *after])
    )


def _price(tiers: list[list[int]], units: int) -> int:
    return min(price_minor for from_units, price_minor in tiers if from_units <= units)


_WORDS = (
    "title", "summary", "description", "lang", "category", "visibility", "place_name", "latitude",
    "longitude", "time_zone",
)  # fmt: skip
_AMOUNTS = (
    "smallest_order_minor", "freight_minor", "freight_ceiling_minor", "share_minor",
    "share_ceiling_minor", "shipping_ceiling_minor",
)  # fmt: skip
_WORSE: dict[str, Callable[[Any, Any], bool]] = {
    **dict.fromkeys(_WORDS, _never),
    **dict.fromkeys(_AMOUNTS, _more),
    **dict.fromkeys(("by_card", "at_pickup", "ships"), _taken_away),
    "freight_rule": lambda _, after: bool(after != Sharing.NONE),
    "share_rule": lambda _, after: bool(after != Sharing.NONE),
    "withdrawal_policy": lambda _, after: bool(after != WithdrawalPolicy.FREE),
}
_WORSE_OF_ARTICLE: dict[str, Callable[[Any, Any], bool]] = {
    **dict.fromkeys(
        (
            "order_number",
            "second_line",
            "category",
            "ean",
            "picture_id",
            "catalogue_article_id",
            "same_as_id",
        ),
        _never,
    ),
    "tiers": _dearer,
    "minimum_units": _more,
    "maximum_units": _fewer,
    "deposit_minor": _more,
    "revocability": lambda _, after: bool(after != Revocability.RIGHT),
}

"""Freight and organiser's share: an amount shared by a declared rule, never above a ceiling."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from models.money import split_minor
from models.rules import Sharing
from services.clearing.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class Head:
    """One commitment that is in: its units, and its gross total without deposit and shipping."""

    commitment: str
    units: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class CostShares:
    """Who pays how much; what the ceilings left over is the organiser's."""

    shares_minor: Mapping[str, int]
    uncovered_minor: int


def share_costs(
    sharing: Sharing, amount_minor: int, ceiling_minor: int, heads: Iterable[Head]
) -> CostShares:
    """Share a total, in minor units, so that nobody pays more than `ceiling_minor`.

    By the largest remainder: equally per head, by each one's gross total, or by units
    (`by_article`). Equal remainders go to the earlier head, so give heads in order of place.
    What one head's ceiling keeps back is shared again among those below theirs by the same
    rule; what no ceiling has room for is `uncovered_minor`. Every head has a share, if only 0.
    Raises ValueError for negative amounts and for a commitment that comes twice.
    """
    present = tuple(heads)
    shares = dict.fromkeys((head.commitment for head in present), 0)
    if amount_minor < 0 or ceiling_minor < 0:
        raise ValueError("An amount to share and its ceiling are at least 0.")
    if len(shares) != len(present):
        raise ValueError("Each commitment is one head.")
    if sharing is Sharing.NONE:
        return CostShares(shares, 0)
    weights = {head.commitment: _weight(sharing, head) for head in present}
    below = [commitment for commitment, weight in weights.items() if weight]
    left = amount_minor
    while below and left:
        parts = split_minor(left, [weights[commitment] for commitment in below])
        full = [
            commitment
            for commitment, part in zip(below, parts, strict=True)
            if part >= ceiling_minor
        ]
        if not full:
            shares.update(zip(below, parts, strict=True))
            left = 0
            break
        shares.update(dict.fromkeys(full, ceiling_minor))
        left -= ceiling_minor * len(full)
        reached = set(full)
        below = [commitment for commitment in below if commitment not in reached]
    return CostShares(shares, left)


def heads_of(outcome: Outcome) -> tuple[Head, ...]:
    """Return one head per commitment that is in, in order of place."""
    units: dict[str, int] = {}
    total_minor: dict[str, int] = {}
    for line in outcome.lines:
        if line.units:
            units[line.commitment] = units.get(line.commitment, 0) + line.units
            total = total_minor.get(line.commitment, 0) + line.total_minor
            total_minor[line.commitment] = total
    return tuple(
        Head(commitment, units[commitment], total_minor[commitment]) for commitment in units
    )


def _weight(sharing: Sharing, head: Head) -> int:
    if sharing is Sharing.PER_HEAD:
        return 1
    return head.total_minor if sharing is Sharing.BY_VALUE else head.units

# ruff: noqa: E501 - paths of drawings
"""The geometry of pictures that explain numbers: pure functions from figures to points.

Every picture has a table or a sentence beside it, so a shape may be schematic; it never contradicts the figures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

LADDER_WIDTH, LADDER_HEIGHT = 340, 216
LADDER_TOP, LADDER_BOTTOM = 58, 148
LADDER_FOOT = 182
LEAST_DROP = 10
BAR = 1000


@dataclass(frozen=True)
class Step:
    """One price and the units from which it holds; `state` is passed, now, next or later."""

    units: int
    price_minor: int
    state: str
    x: float
    y: float
    width: float
    drop: float

    @property
    def middle(self) -> float:
        return round(self.x + self.width / 2, 1)


@dataclass(frozen=True)
class Ladder:
    """The price ladder: equal steps across, each as deep as its price is lower."""

    width: int
    height: int
    foot: int
    steps: tuple[Step, ...]
    now: Step | None
    next: Step | None
    demand_x: float
    you_x: float | None
    missing: int

    @property
    def you_width(self) -> float:
        return 0.0 if self.you_x is None else round(max(self.demand_x - self.you_x, 5.0), 1)


def ladder(tiers: Sequence[tuple[int, int]], demand: int, you: int = 0) -> Ladder:
    """Points of the steps of `tiers`, (units from, price in minor units), dearest first.

    Steps are equally wide so that they stay readable on a phone; inside a step the mark of the
    demand moves in proportion. `you` units of the demand are marked as the reader's own.
    """
    if not tiers:
        raise ValueError("A ladder needs at least one step.")
    width = (LADDER_WIDTH - 8) / len(tiers)
    # Below the first step nothing is reached yet: then no price holds now.
    current = max((at for at, tier in enumerate(tiers) if tier[0] <= demand), default=-1)
    heights = _heights([price for _, price in tiers])
    steps = tuple(
        Step(
            units=units,
            price_minor=price,
            state=_step_state(at, current),
            x=round(4 + at * width, 1),
            y=heights[at],
            width=round(width, 1),
            drop=round(LADDER_FOOT - heights[at], 1),
        )
        for at, (units, price) in enumerate(tiers)
    )
    following = steps[current + 1] if current + 1 < len(steps) else None
    return Ladder(
        width=LADDER_WIDTH,
        height=LADDER_HEIGHT,
        foot=LADDER_FOOT,
        steps=steps,
        now=steps[current] if current >= 0 else None,
        next=following,
        demand_x=_across(tiers, demand, width),
        you_x=_across(tiers, demand - you, width) if you else None,
        missing=max(0, following.units - demand) if following else 0,
    )


def _step_state(at: int, current: int) -> str:
    if at == current:
        return "now"
    if at < current:
        return "passed"
    return "next" if at == current + 1 else "later"


def _heights(prices: Sequence[int]) -> list[float]:
    """Where each step begins: as far above the foot as its price is high, counted from nothing.

    Half the height means half the price, as far down as there is room. A drop of a few cents must
    still be seen as a step, so none is smaller than LEAST_DROP.
    """
    dearest = max(prices[0], 1)
    heights: list[float] = []
    for at, price in enumerate(prices, start=1):
        fitting = LADDER_FOOT - (LADDER_FOOT - LADDER_TOP) * price / dearest
        least = heights[-1] + LEAST_DROP if heights else fitting
        # The steps that follow need room for their drop, too.
        most = LADDER_BOTTOM - LEAST_DROP * (len(prices) - at)
        heights.append(round(min(max(fitting, least), most), 1))
    return heights


def _across(tiers: Sequence[tuple[int, int]], units: int, width: float) -> float:
    """Where `units` stand: in proportion within their step, and the last step fades out."""
    starts = [0, *(units_from for units_from, _ in tiers[1:])]
    at = max((place for place, start in enumerate(starts) if start <= units), default=0)
    start = starts[at]
    if at + 1 < len(starts):
        share = (units - start) / (starts[at + 1] - start)
    else:
        share = (units - start) / (units - start + max(start, 1))
    # The mark is a dot, and as a whole within the picture.
    across = 4 + (at + min(max(share, 0.0), 1.0)) * width
    return round(min(max(across, 7.0), LADDER_WIDTH - 7.0), 1)


@dataclass(frozen=True)
class Progress:
    """A bar of 1000: how much is filled, where the threshold stands, and whether it is reached."""

    filled: int
    tick: int
    reached: bool
    percent: int


def progress(value: int, threshold: int, most: int | None = None) -> Progress:
    """Lengths of a bar that ends at `most`, or a little beyond the threshold where there is none."""
    end = max(most if most is not None else threshold + threshold // 4, threshold, value, 1)
    return Progress(
        filled=BAR * max(value, 0) // end,
        tick=BAR * threshold // end,
        reached=value >= threshold,
        percent=100 * max(value, 0) // max(threshold, 1),
    )


FUNNEL_WIDTH, FUNNEL_STEP, FUNNEL_GAP = 320, 56, 4
# Nobody at all is still a line that can be seen.
FUNNEL_LEAST = 28


@dataclass(frozen=True)
class FunnelStep:
    """One phase of a funnel: how many came so far, and the shape that is as wide as they are many."""

    count: int
    path: str
    middle: float


@dataclass(frozen=True)
class Funnel:
    width: int
    height: int
    steps: tuple[FunnelStep, ...]


def funnel(reached: Mapping[Any, int]) -> Funnel:
    """The steps of a funnel from the first phase down; each narrows to the width of the next."""
    counts = [reached[phase] for phase in sorted(reached)]
    most = max(counts[0], 1) if counts else 1
    widths = [max(FUNNEL_LEAST, FUNNEL_WIDTH * count / most) for count in counts]
    steps = []
    for at, (count, wide) in enumerate(zip(counts, widths, strict=True)):
        narrow = widths[at + 1] if at + 1 < len(widths) else wide
        top = at * (FUNNEL_STEP + FUNNEL_GAP)
        left, below = (FUNNEL_WIDTH - wide) / 2, (FUNNEL_WIDTH - narrow) / 2
        path = (
            f"M{left:.1f} {top}h{wide:.1f}L{below + narrow:.1f} {top + FUNNEL_STEP}h-{narrow:.1f}z"
        )
        steps.append(FunnelStep(count, path, top + FUNNEL_STEP / 2))
    height = max(len(steps) * (FUNNEL_STEP + FUNNEL_GAP) - FUNNEL_GAP, 1)
    return Funnel(FUNNEL_WIDTH, height, tuple(steps))

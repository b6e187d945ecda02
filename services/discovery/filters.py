"""What someone looks for, how it is ordered, and the little that is read of what is found."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from models.collaborations import Category, State
from models.geography import Coordinates


class Status(StrEnum):
    """Whether one can still join, whether it is under way, or over."""

    OPEN = "open"
    DECIDED = "decided"
    COMPLETED = "completed"

    @property
    def states(self) -> tuple[State, ...]:
        return {
            Status.OPEN: (State.OPEN,),
            Status.DECIDED: (State.DECIDING, State.COLLECTING, State.RUNNING),
            Status.COMPLETED: (State.COMPLETED, State.FAILED),
        }[self]


class Sort(StrEnum):
    """What comes first."""

    CLOSING = "closing"
    NEARLY = "nearly"
    NEWEST = "newest"
    DISTANCE = "distance"
    BEST = "best"


@dataclass(frozen=True)
class Filters:
    """What someone looks for among the public deals; every field narrows the list."""

    words: str = ""
    near: Coordinates | None = None
    within_km: int = 25
    category: Category | None = None
    status: Status = Status.OPEN
    sort: Sort | None = None
    after: str | None = None
    limit: int = 24

    @property
    def order(self) -> Sort:
        """The order asked for where it has a meaning, else the one that fits the question."""
        if self.sort == Sort.BEST and not self.words:
            return Sort.NEWEST
        if self.sort == Sort.DISTANCE and self.near is None:
            return Sort.NEWEST
        if self.status != Status.OPEN and self.sort in (Sort.CLOSING, Sort.NEARLY):
            return Sort.NEWEST
        if self.sort is not None:
            return self.sort
        if self.words:
            return Sort.BEST
        if self.near is not None:
            return Sort.DISTANCE
        return Sort.CLOSING if self.status == Status.OPEN else Sort.NEWEST


@dataclass(frozen=True)
class Found:
    """A deal in a list: enough to sort it and to know whether its card is at hand."""

    id: int
    version: int
    opens_at: datetime
    closes_at: datetime
    progress_basis_points: int
    distance_km: float | None = None
    # How well it fits the words, from 0 up; only comparable within one question.
    score: float = 0.0


@dataclass(frozen=True)
class Order:
    """How a list is sorted: by these values of a row, all rising or all falling."""

    values: Callable[[Found], tuple[Any, ...]]
    kinds: tuple[type, ...]
    is_falling: bool


ORDERS = {
    Sort.CLOSING: Order(lambda row: (row.closes_at, row.id), (datetime, int), False),
    Sort.NEARLY: Order(lambda row: (row.progress_basis_points, row.id), (int, int), True),
    Sort.NEWEST: Order(lambda row: (row.opens_at, row.id), (datetime, int), True),
    Sort.DISTANCE: Order(lambda row: (row.distance_km or 0.0, row.id), (float, int), False),
    Sort.BEST: Order(lambda row: (row.score, row.id), (float, int), True),
}

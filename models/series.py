"""Series: the same group buy again every few weeks; each round of it is a deal of its own."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from sqlalchemy import CheckConstraint, ForeignKey, Index, PrimaryKeyConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models import columns
from models.base import Json, Model, Numbered
from models.lifecycle import Lifecycle

# How long before its opening a round is prepared as a draft, if somebody wants to look first.
LOOK_AHEAD = timedelta(days=3)


class SeriesState(StrEnum):
    """A series goes on, rests for a while, or is over until somebody begins it again."""

    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"


class Series(Lifecycle, Numbered, Model):
    """A rhythm in which group buys follow each other; whoever runs the newest runs the series."""

    MOVES: ClassVar[Mapping[Any, frozenset[Any]]] = {
        SeriesState.RUNNING: frozenset({SeriesState.PAUSED, SeriesState.ENDED}),
        SeriesState.PAUSED: frozenset({SeriesState.RUNNING, SeriesState.ENDED}),
        SeriesState.ENDED: frozenset({SeriesState.RUNNING}),
    }

    __tablename__ = "series"
    __table_args__ = (
        CheckConstraint("every_weeks IN (1, 2, 4)", name="rhythm"),
        CheckConstraint("next_step >= 1", name="next_comes_after_the_first"),
        # Only what goes on is due, and what could not be opened waits for somebody.
        CheckConstraint(
            "(due_at IS NOT NULL) = (state = 'running' AND held_up IS NULL)", name="due_if_it_runs"
        ),
        Index(None, "due_at"),
    )

    slug: Mapped[str] = mapped_column(unique=True)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    made_at: Mapped[datetime]
    state: Mapped[SeriesState] = columns.choice(SeriesState, default=SeriesState.RUNNING)
    every_weeks: Mapped[int]
    # The number of the last round; none is the last until somebody stops the series.
    last_number: Mapped[int | None]
    opens_by_itself: Mapped[bool] = mapped_column(default=False)
    # Openings are reckoned from this one, so that no change of the clocks moves them for good.
    starts_at: Mapped[datetime]
    next_step: Mapped[int] = mapped_column(default=1)
    next_opens_at: Mapped[datetime]
    # When a job makes the next round.
    due_at: Mapped[datetime | None]
    # Why the next round could not be opened: a message, its facts, and more messages.
    held_up: Mapped[Json | None] = mapped_column(JSONB(none_as_null=True))

    @property
    def is_running(self) -> bool:
        return self.state == SeriesState.RUNNING

    def opening(self, step: int, zone: str) -> datetime:
        """When the round so many steps after the first opens: the same local time."""
        return moved(self.starts_at, 7 * self.every_weeks * step, zone)

    def aim(self, zone: str, *, now: datetime) -> None:
        """Set the next opening: that of the next step, or of the first one still to come."""
        while self.opening(self.next_step, zone) < now:
            self.next_step += 1
        self.next_opens_at = self.opening(self.next_step, zone)
        self.held_up = None
        ahead = timedelta() if self.opens_by_itself else LOOK_AHEAD
        self.due_at = max(now, self.next_opens_at - ahead) if self.is_running else None

    def hold_up(self, why: Json) -> None:
        self.held_up, self.due_at = why, None

    def pause(self) -> None:
        self._move(SeriesState.PAUSED)
        self.held_up, self.due_at = None, None

    def go_on(self) -> None:
        """Run again; the caller aims it."""
        self._move(SeriesState.RUNNING)

    def end(self) -> None:
        self._move(SeriesState.ENDED)
        self.held_up, self.due_at = None, None


class Follower(Model):
    """A member who is told when a new round of the series opens."""

    __tablename__ = "followers"
    __table_args__ = (PrimaryKeyConstraint("series_id", "member_id"), Index(None, "member_id"))

    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    since_at: Mapped[datetime]


def moved(moment: datetime, days: int, zone: str) -> datetime:
    """`moment` so many days later, at the same time of day on the clocks of `zone`.

    A time that the clocks leave out in spring is the one an hour later.
    """
    local = moment.astimezone(ZoneInfo(zone))
    return (local + timedelta(days=days)).astimezone(UTC)

"""The circle: its purpose, who sees it and how one comes in; and its house rules, all of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    CheckConstraint,
    Computed,
    Float,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from models import columns
from models.base import Model, Numbered
from models.circles.membership import Standing
from models.circles.states import (
    Admission,
    CircleKind,
    CircleState,
    CircleSuspended,
    CircleVisibility,
    Phase,
)
from models.lifecycle import Lifecycle

# Of which everyone may know; for the partial indexes of those who browse.
KNOWN_TO_ALL = "circles.state = 'open' AND circles.visibility IN ('public', 'listed')"


class Circle(Lifecycle, Numbered, Model):
    """A lasting or temporary group of participants with a purpose."""

    MOVES: ClassVar[Mapping[Any, frozenset[Any]]] = {
        CircleState.OPEN: frozenset({CircleState.ARCHIVED}),
        CircleState.ARCHIVED: frozenset({CircleState.OPEN}),
    }

    __tablename__ = "circles"
    __table_args__ = (
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="place_is_whole"),
        CheckConstraint("(state = 'archived') = (archived_at IS NOT NULL)", name="end_has_a_time"),
        CheckConstraint("state = 'archived' OR NOT is_suspended", name="suspended_has_ended"),
        CheckConstraint(
            "members_count >= 0 AND stewards_count >= 0 AND brought_count >= 0",
            name="counts_are_positive",
        ),
        CheckConstraint(
            # Whoever is to ask has to know of it, and whoever may just come in, too.
            "visibility <> 'private' OR admission = 'invitation'",
            name="private_is_by_invitation",
        ),
        CheckConstraint("(admission = 'request') OR question = ''", name="question_is_asked"),
        Index("ix_circles_newest", "id", postgresql_where=text(KNOWN_TO_ALL)),
        Index("ix_circles_kind", "kind", "id", postgresql_where=text(KNOWN_TO_ALL)),
        Index(
            "ix_circles_point",
            text("point(longitude, latitude)"),
            postgresql_using="gist",
            postgresql_where=text(KNOWN_TO_ALL),
        ),
        Index("ix_circles_search", "search", postgresql_using="gin"),
        Index("ix_circles_ending", "ends_at", postgresql_where=text("state = 'open'")),
    )

    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    kind: Mapped[CircleKind] = columns.choice(CircleKind)
    summary: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    lang: Mapped[str] = mapped_column(default="en")
    visibility: Mapped[CircleVisibility] = columns.choice(CircleVisibility)
    admission: Mapped[Admission] = columns.choice(Admission)
    # What is asked of who asks to be let in.
    question: Mapped[str] = mapped_column(default="")
    # Whether every member can invite, or the stewards alone.
    members_invite: Mapped[bool] = mapped_column(default=True)
    made_by_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    place_name: Mapped[str] = mapped_column(default="")
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    time_zone: Mapped[str] = mapped_column(default="Europe/Berlin")
    # The number of the house rules that hold; 0 while there are none.
    rules_number: Mapped[int] = mapped_column(default=0)
    state: Mapped[CircleState] = columns.choice(CircleState, default=CircleState.OPEN)
    ends_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]
    # Ended by a moderator, so that its stewards do not let it go on.
    is_suspended: Mapped[bool] = mapped_column(default=False)
    # Kept by the database (models/promises/circles.py): who is active, who of them is steward, how
    # many came by somebody's link or word, and for each phase, of how many it is the farthest.
    members_count: Mapped[int] = mapped_column(default=0)
    stewards_count: Mapped[int] = mapped_column(default=0)
    brought_count: Mapped[int] = mapped_column(default=0)
    phase_counts: Mapped[list[int]] = mapped_column(
        ARRAY(Integer), default=lambda: [0] * len(Phase)
    )
    # Counts every visible change; pages and ETags are kept by it.
    version: Mapped[int] = mapped_column(default=1)
    made_at: Mapped[datetime]
    search: Mapped[str] = mapped_column(
        TSVECTOR,
        Computed("allmende_search(lang, name, summary || ' ' || description, '')", persisted=True),
        deferred=True,
    )

    @property
    def is_open(self) -> bool:
        return self.state == CircleState.OPEN

    def touch(self) -> None:
        """Say that what people see of this has changed."""
        self.version += 1

    def is_known_to(self, standing: Standing) -> bool:
        """Whether they may know that there is this circle; who holds an invitation is asked apart.

        For all others there is none; nor what a moderator has ended.
        """
        if self.visibility != CircleVisibility.PRIVATE and not self.is_suspended:
            return True
        return standing.is_expected or standing.is_moderator

    def is_read_by(self, standing: Standing) -> bool:
        """Whether they may read what is inside: the thread, the members, what is done together."""
        if self.visibility == CircleVisibility.PUBLIC and not self.is_suspended:
            return True
        return standing.is_member or standing.is_moderator

    def is_run_by(self, standing: Standing) -> bool:
        return standing.is_steward

    def may_be_invited_to_by(self, standing: Standing) -> bool:
        """Whether they may bring others in, by their link or by name."""
        return self.is_open and (
            standing.is_steward or (standing.acts_as_member and self.members_invite)
        )

    def archive(self, now: datetime) -> None:
        self._move(CircleState.ARCHIVED)
        self.archived_at = now
        self.touch()

    def suspend(self, now: datetime) -> None:
        """End it for good, by a moderator's decision, whether its stewards have ended it or not."""
        if self.is_suspended:
            raise CircleSuspended
        if self.is_open:
            self._move(CircleState.ARCHIVED)
            self.archived_at = now
        self.is_suspended = True
        self.touch()

    def reopen(self) -> None:
        """Go on, without an end: the one there was has passed."""
        if self.is_suspended:
            raise CircleSuspended
        self._move(CircleState.OPEN)
        self.archived_at = self.ends_at = None
        self.touch()


class HouseRules(Model):
    """One version of a circle's house rules, in the words of who wrote it; never changed."""

    __tablename__ = "house_rules"
    __table_args__ = (
        PrimaryKeyConstraint("circle_id", "number"),
        CheckConstraint("number >= 1", name="number_counts"),
        CheckConstraint("length(body) BETWEEN 1 AND 10000", name="body_has_a_length"),
    )

    circle_id: Mapped[int] = mapped_column(ForeignKey("circles.id"))
    number: Mapped[int]
    body: Mapped[str]
    lang: Mapped[str]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    made_at: Mapped[datetime]

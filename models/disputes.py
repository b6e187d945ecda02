"""Cases: a report in the hands of a moderator, ended by a decision with its reasons."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, PrimaryKeyConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import columns
from models.base import Json, Model, Numbered
from models.errors import Conflict, Invalid, NotAllowed
from models.lifecycle import Lifecycle
from models.members import Member
from models.participants import Participant, Picture
from models.words import N_


class CaseState(StrEnum):
    """A case is reported, taken up and decided."""

    REPORTED = "reported"
    TAKEN_UP = "taken_up"
    DECIDED = "decided"


class Target(StrEnum):
    """What can be reported."""

    COLLABORATION = "collaboration"
    MESSAGE = "message"
    PARTICIPANT = "participant"
    CIRCLE = "circle"


class Ground(StrEnum):
    """Why something is reported (Regulation 2022/2065 Art. 16)."""

    FRAUD = "fraud"
    ILLEGAL = "illegal"
    OFFENSIVE = "offensive"
    MISLEADING = "misleading"
    SPAM = "spam"
    OTHER = "other"


class Measure(StrEnum):
    """What a moderator decided to do."""

    NOTHING = "nothing"
    HIDDEN = "hidden"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    ARCHIVED = "archived"


class NotAModerator(NotAllowed):
    code = "not-a-moderator"
    message = N_("Only moderators can do that.")


class AlreadyReported(Conflict):
    code = "already-reported"
    message = N_("You have reported this already. A moderator will look at it and write to you.")


class OwnContent(Conflict):
    code = "own-content"
    message = N_("This is your own. Change it or take it back instead of reporting it.")


class NotImpartial(NotAllowed):
    code = "not-impartial"
    message = N_("You take part in this yourself. Please leave the case to another moderator.")


class MeasureNotPossible(Invalid):
    code = "measure-not-possible"
    message = N_("This measure does not fit what was reported.")


class NothingToLift(Conflict):
    code = "nothing-to-lift"
    message = N_("No pause by this decision holds now.")


# What can be done about what: a message is hidden, a deal paused or cancelled, a circle ended.
MEASURES: Mapping[Target, tuple[Measure, ...]] = {
    Target.COLLABORATION: (Measure.NOTHING, Measure.PAUSED, Measure.CANCELLED),
    Target.MESSAGE: (Measure.NOTHING, Measure.HIDDEN),
    Target.PARTICIPANT: (Measure.NOTHING,),
    Target.CIRCLE: (Measure.NOTHING, Measure.ARCHIVED),
}


class Case(Lifecycle, Numbered, Model):
    """One report about one target, with what was seen at the time."""

    MOVES: ClassVar[Mapping[Any, frozenset[Any]]] = {
        CaseState.REPORTED: frozenset({CaseState.TAKEN_UP, CaseState.DECIDED}),
        CaseState.TAKEN_UP: frozenset({CaseState.DECIDED}),
        CaseState.DECIDED: frozenset(),
    }

    __tablename__ = "cases"
    __table_args__ = (
        Index(None, "state", "id"),
        Index(None, "circle_id", postgresql_where=text("circle_id IS NOT NULL")),
        # One open case for a target; further reports add to it.
        Index(
            "uq_cases_one_open",
            "target",
            "target_id",
            unique=True,
            postgresql_where=text("state <> 'decided'"),
        ),
        CheckConstraint(
            "(state = 'decided') = (measure IS NOT NULL AND decision_reason <> '')",
            name="decided_with_reason",
        ),
        CheckConstraint(
            "(lifted_at IS NOT NULL) = (lift_reason <> '') "
            "AND (lifted_at IS NULL OR (measure IS NOT NULL AND measure = 'paused'))",
            name="lifted_with_reason",
        ),
    )

    target: Mapped[Target] = columns.choice(Target, name="case_target")
    target_id: Mapped[int] = mapped_column(BigInteger)
    collaboration_id: Mapped[int | None] = mapped_column(ForeignKey("collaborations.id"))
    circle_id: Mapped[int | None] = mapped_column(ForeignKey("circles.id"))
    author_id: Mapped[int | None] = mapped_column(ForeignKey("participants.id"))
    state: Mapped[CaseState] = columns.choice(CaseState, default=CaseState.REPORTED)
    ground: Mapped[Ground] = columns.choice(Ground, name="report_ground")
    # The content as it stood when it was reported.
    snapshot: Mapped[Json]
    taken_up_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    measure: Mapped[Measure | None] = columns.choice(Measure, name="case_measure")
    decision_reason: Mapped[str] = mapped_column(default="")
    reported_at: Mapped[datetime]
    taken_up_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))
    # A pause that a moderator ended again.
    lift_reason: Mapped[str] = mapped_column(default="")
    lifted_at: Mapped[datetime | None]
    lifted_by_id: Mapped[int | None] = mapped_column(ForeignKey("members.id"))

    reports: Mapped[list["Report"]] = relationship(order_by="Report.id")
    # What was shown when it was reported; the files stay as long as the case is open.
    pictures: Mapped[list[Picture]] = relationship(
        secondary="case_pictures", order_by=Picture.id, viewonly=True
    )
    author: Mapped[Participant | None] = relationship()
    taken_up_by: Mapped[Member | None] = relationship(foreign_keys=[taken_up_by_id])

    @property
    def is_open(self) -> bool:
        return self.state != CaseState.DECIDED

    @property
    def measures(self) -> tuple[Measure, ...]:
        """What a moderator can decide to do about a target of this sort."""
        return MEASURES[self.target]

    def take_up(self, member_id: int, now: datetime) -> None:
        self._move(CaseState.TAKEN_UP)
        self.taken_up_by_id = member_id
        self.taken_up_at = now

    def decide(self, measure: Measure, reason: str, member_id: int, now: datetime) -> None:
        """End the case with its statement of reasons."""
        if measure not in self.measures:
            raise MeasureNotPossible(fields={"measure": MeasureNotPossible.message})
        self._move(CaseState.DECIDED)
        self.measure = measure
        self.decision_reason = reason
        self.decided_by_id = member_id
        self.decided_at = now

    @property
    def is_pausing(self) -> bool:
        """Whether it was decided to pause the target, and no moderator has lifted that."""
        return self.measure == Measure.PAUSED and self.lifted_at is None

    def lift(self, reason: str, member_id: int, now: datetime) -> None:
        """End the pause that was decided, with its own reason."""
        if not self.is_pausing:
            raise NothingToLift
        self.lift_reason = reason
        self.lifted_by_id = member_id
        self.lifted_at = now


class CasePicture(Model):
    """A picture of what was reported, whatever its author shows since."""

    __tablename__ = "case_pictures"
    __table_args__: Any = (
        PrimaryKeyConstraint("case_id", "picture_id"),
        Index(None, "picture_id"),
    )

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    picture_id: Mapped[int] = mapped_column(ForeignKey("pictures.id", ondelete="CASCADE"))


class Report(Numbered, Model):
    """What one participant, or a stranger who left an address, said about a case's target."""

    __tablename__ = "reports"
    __table_args__ = (
        Index(None, "case_id", "reporter_id", unique=True),
        Index(
            "uq_reports_one_a_stranger",
            "case_id",
            "reporter_email",
            unique=True,
            postgresql_where=text("reporter_id IS NULL"),
        ),
        CheckConstraint("(reporter_id IS NULL) = (reporter_email <> '')", name="reporter_is_known"),
    )

    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    reporter_id: Mapped[int | None] = mapped_column(ForeignKey("participants.id"))
    reporter_name: Mapped[str] = mapped_column(default="")
    reporter_email: Mapped[str] = mapped_column(default="")
    # The language in which a stranger is answered.
    locale: Mapped[str] = mapped_column(default="en")
    ground: Mapped[Ground] = columns.choice(Ground, name="report_ground")
    body: Mapped[str] = mapped_column(default="")
    reported_at: Mapped[datetime]

    reporter: Mapped[Participant | None] = relationship(lazy="joined")

"""The commitment: one participant's conditional promise, from joining to what came of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import columns
from models.base import Model, Numbered
from models.collaborations.collaboration import Collaboration
from models.collaborations.states import COMMITMENT_MOVES, CommitmentState, Kind
from models.lifecycle import Lifecycle
from models.participants import Participant


class Commitment(Lifecycle, Numbered, Model):
    """One participant's conditional promise inside a collaboration."""

    MOVES = COMMITMENT_MOVES
    ALIVE = (CommitmentState.ACTIVE, CommitmentState.WAITING)
    LEFT = (CommitmentState.WITHDRAWN, CommitmentState.DROPPED)
    TAKING_PART = (CommitmentState.IN, CommitmentState.FULFILLED)

    __tablename__ = "commitments"
    __mapper_args__ = {"polymorphic_on": "kind"}
    __table_args__: Any = (
        ForeignKeyConstraint(
            ["collaboration_id", "terms_number"], ["terms.collaboration_id", "terms.number"]
        ),
        # One promise at a time; what was withdrawn or dropped does not count.
        Index(
            "uq_commitments_one_active",
            "collaboration_id",
            "participant_id",
            unique=True,
            postgresql_where=text("state NOT IN ('withdrawn', 'dropped', 'out')"),
        ),
        Index(None, "participant_id", "id"),
        Index(None, "collaboration_id", "state", "id"),
        Index(
            "ix_commitments_to_document",
            "collaboration_id",
            "id",
            postgresql_where=text("due_minor <> invoiced_minor"),
        ),
        CheckConstraint("(state IN ('out', 'dropped')) = (out_reason <> '')", name="out_has_why"),
        CheckConstraint(
            "worst_case_minor >= 0 AND due_minor >= 0 AND invoiced_minor >= 0",
            name="amounts_are_positive",
        ),
    )

    kind: Mapped[Kind] = columns.choice(Kind, name="collaboration_kind")
    collaboration_id: Mapped[int] = mapped_column(ForeignKey("collaborations.id"))
    participant_id: Mapped[int] = mapped_column(ForeignKey("participants.id"))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    # The version that holds for it; while a newer one is worse for it, it has to agree first.
    terms_number: Mapped[int]
    state: Mapped[CommitmentState] = columns.choice(CommitmentState, default=CommitmentState.ACTIVE)
    out_reason: Mapped[str] = mapped_column(default="")
    place: Mapped[int]
    # The most this can cost, and what it costs since it was decided.
    worst_case_minor: Mapped[int] = columns.minor(default=0)
    due_minor: Mapped[int] = columns.minor(default=0)
    # What invoices and credit notes say together; kept by the trigger that takes them in.
    invoiced_minor: Mapped[int] = columns.minor(default=0, server_default="0")
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    participant: Mapped[Participant] = relationship(lazy="joined", innerjoin=True)
    collaboration: Mapped[Collaboration] = relationship()

    @property
    def is_alive(self) -> bool:
        return self.state in self.ALIVE

    @property
    def hold_key(self) -> str:
        """What the worst case is held under; a changed order is held under a key of its own."""
        return f"commitment:{self.id}:{self.version}"

    def activate(self) -> None:
        """Give a waiting commitment its place."""
        self._move(CommitmentState.ACTIVE)

    def withdraw(self) -> None:
        self._move(CommitmentState.WITHDRAWN)

    def take_in(self, due_minor: int) -> None:
        """It is decided: this takes part and owes `due_minor`."""
        self._move(CommitmentState.IN)
        self.due_minor, self.out_reason = due_minor, ""

    def leave_out(self, reason: str) -> None:
        """It is decided: this gets nothing and owes nothing, for a reason."""
        self._move(CommitmentState.OUT)
        self.due_minor, self.out_reason = 0, reason

    def drop(self, reason: str) -> None:
        """It was in, but its money did not come."""
        self._move(CommitmentState.DROPPED)
        self.due_minor, self.out_reason = 0, reason

    def fulfil(self) -> None:
        self._move(CommitmentState.FULFILLED)

    def unfulfil(self) -> None:
        """It was said by mistake: this waits to be handed over again, and owes what it did."""
        self._move(CommitmentState.IN)

"""Whom the organiser brings in by name: co-organisers who run a deal, guests who may join it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import columns
from models.base import Model
from models.members import Member
from models.participants import Participant


class CoOrganiserState(StrEnum):
    """Nobody runs what they were not asked to run, or have not said yes to."""

    ASKED = "asked"
    ACCEPTED = "accepted"


class CoOrganiser(Model):
    """A member whom the organiser trusts with running this collaboration, once they accept."""

    __tablename__ = "co_organisers"
    __table_args__: Any = (
        PrimaryKeyConstraint("collaboration_id", "member_id"),
        Index(None, "member_id"),
    )

    collaboration_id: Mapped[int] = mapped_column(ForeignKey("collaborations.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    state: Mapped[CoOrganiserState] = columns.choice(CoOrganiserState)
    # When they were asked; once they accepted, when that was.
    since_at: Mapped[datetime]

    member: Mapped[Member] = relationship()

    @property
    def is_accepted(self) -> bool:
        return self.state == CoOrganiserState.ACCEPTED

    def accept(self, *, now: datetime) -> None:
        self.state, self.since_at = CoOrganiserState.ACCEPTED, now


class NamedGuest(Model):
    """Someone who may see and join a collaboration that is for named members only."""

    __tablename__ = "named_guests"
    __table_args__: Any = (
        PrimaryKeyConstraint("collaboration_id", "participant_id"),
        Index(None, "participant_id"),
    )

    collaboration_id: Mapped[int] = mapped_column(ForeignKey("collaborations.id"))
    participant_id: Mapped[int] = mapped_column(ForeignKey("participants.id"))

    participant: Mapped[Participant] = relationship()

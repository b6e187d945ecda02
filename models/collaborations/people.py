"""Whom the organiser brings in by name: co-organisers who run a deal, guests who may join it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, PrimaryKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Model
from models.members import Member
from models.participants import Participant


class CoOrganiser(Model):
    """A member whom the organiser trusts with running this collaboration."""

    __tablename__ = "co_organisers"
    __table_args__: Any = (
        PrimaryKeyConstraint("collaboration_id", "member_id"),
        Index(None, "member_id"),
    )

    collaboration_id: Mapped[int] = mapped_column(ForeignKey("collaborations.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    since_at: Mapped[datetime]

    member: Mapped[Member] = relationship()


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

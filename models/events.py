"""Events: what happened, to what, by whom, when and why. The history of every move."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Json, Model, Numbered


class Event(Numbered, Model):
    """One fact in the past tense, written in the transaction that made it true."""

    __tablename__ = "events"
    __table_args__ = (
        Index(None, "collaboration_id", "id"),
        Index(None, "participant_id", "id"),
        Index(
            "ix_events_circle", "circle_id", "id", postgresql_where=text("circle_id IS NOT NULL")
        ),
    )

    kind: Mapped[str]
    # Who did it: empty for what a deadline or the gateway brought about.
    member_id: Mapped[int | None] = mapped_column(ForeignKey("members.id", ondelete="SET NULL"))
    participant_id: Mapped[int | None] = mapped_column(ForeignKey("participants.id"))
    collaboration_id: Mapped[int | None] = mapped_column(ForeignKey("collaborations.id"))
    commitment_id: Mapped[int | None] = mapped_column(ForeignKey("commitments.id"))
    circle_id: Mapped[int | None] = mapped_column(ForeignKey("circles.id"))
    facts: Mapped[Json] = mapped_column(default=dict)
    reason: Mapped[str] = mapped_column(default="")
    happened_at: Mapped[datetime]

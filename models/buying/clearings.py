"""What was decided, with all it was decided from."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Json, Model, Numbered


class Clearing(Numbered, Model):
    """What a clearing was given and what it decided: the proof that anyone can replay."""

    __tablename__ = "clearings"
    __table_args__ = (UniqueConstraint("collaboration_id", "number"),)

    collaboration_id: Mapped[int] = mapped_column(ForeignKey("collaborations.id"))
    number: Mapped[int]
    why: Mapped[str]
    proof: Mapped[Json] = mapped_column(deferred=True)
    sha256: Mapped[str]
    cleared_at: Mapped[datetime]

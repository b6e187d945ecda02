"""What a collaboration promises, in versions that are never changed."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Json, Model, Numbered


class Terms(Numbered, Model):
    """One version of what a collaboration promises; a commitment keeps the one it agreed to."""

    __tablename__ = "terms"
    __table_args__ = (Index(None, "collaboration_id", "number", unique=True),)

    collaboration_id: Mapped[int] = mapped_column(ForeignKey("collaborations.id"))
    number: Mapped[int]
    content: Mapped[Json]
    sha256: Mapped[str]
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(ForeignKey("members.id"))

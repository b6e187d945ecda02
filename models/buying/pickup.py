"""Where and when the goods of a group buy are fetched."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Model, Numbered


class PickupPoint(Numbered, Model):
    """Where and when the goods are handed over."""

    __tablename__ = "pickup_points"
    __table_args__ = (
        Index(None, "group_buy_id"),
        CheckConstraint("from_at < until_at", name="from_before_until"),
    )

    group_buy_id: Mapped[int] = mapped_column(ForeignKey("group_buys.id"))
    name: Mapped[str]
    address: Mapped[str]
    note: Mapped[str] = mapped_column(default="")
    from_at: Mapped[datetime]
    until_at: Mapped[datetime]

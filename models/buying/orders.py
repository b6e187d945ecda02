"""What members want of a group buy and what they got: baskets, orders and their lines."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import columns
from models.base import Json, Model, Numbered
from models.buying.articles import Article
from models.buying.pickup import PickupPoint
from models.buying.states import PaymentMethod
from models.collaborations import Commitment, Kind
from models.weights import MOST_GRAMS


class GroupBuyCommitment(Commitment):
    """An order within a group buy: lines, a way to get the goods and a way to pay."""

    __tablename__ = "group_buy_commitments"
    __table_args__ = (
        Index(None, "pickup_point_id", postgresql_where=text("pickup_point_id IS NOT NULL")),
    )
    __mapper_args__ = {"polymorphic_identity": Kind.GROUP_BUY}

    id: Mapped[int] = mapped_column(ForeignKey("commitments.id"), primary_key=True)
    payment_method: Mapped[PaymentMethod] = columns.choice(PaymentMethod)
    pickup_point_id: Mapped[int | None] = mapped_column(ForeignKey("pickup_points.id"))
    shipping_address: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    freight_minor: Mapped[int] = columns.minor(default=0)
    share_minor: Mapped[int] = columns.minor(default=0)
    packed_at: Mapped[datetime | None]
    handed_over_at: Mapped[datetime | None]
    # Since when the participant calls this their usual order; the newest one counts.
    usual_since_at: Mapped[datetime | None]

    lines: Mapped[list["Line"]] = relationship(
        order_by="Line.id", cascade="all, delete-orphan", back_populates="commitment"
    )
    pickup_point: Mapped[PickupPoint | None] = relationship()


class Line(Numbered, Model):
    """What one member wants of one article, and what they got of it."""

    __tablename__ = "lines"
    __table_args__ = (
        UniqueConstraint("commitment_id", "article_id"),
        Index(None, "article_id"),
        CheckConstraint("units >= 0 AND tolerance >= 0", name="units_are_positive"),
        CheckConstraint("units > 0 OR tolerance = 0", name="tolerance_adds_to_units"),
        CheckConstraint("highest_price_minor >= 0", name="highest_price_is_positive"),
        CheckConstraint(
            "(decided_units IS NULL) = (vat_basis_points IS NULL)", name="decided_has_a_rate"
        ),
        CheckConstraint("vat_basis_points BETWEEN 0 AND 10000", name="vat_is_a_share"),
        CheckConstraint(f"weighed_grams BETWEEN 1 AND {MOST_GRAMS}", name="grams_are_positive"),
    )

    commitment_id: Mapped[int] = mapped_column(
        ForeignKey("group_buy_commitments.id", ondelete="CASCADE")
    )
    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id"))
    units: Mapped[int]
    tolerance: Mapped[int] = mapped_column(default=0)
    highest_price_minor: Mapped[int] = columns.minor()
    # In the order they were placed: [place, units, tolerance]. An increase is a new last
    # layer, a decrease eats the newest (Foodsoft's rule).
    layers: Mapped[list[list[int]]] = mapped_column(JSONB, default=list)
    decided_units: Mapped[int | None]
    price_minor: Mapped[int | None] = columns.minor()
    # The rate that held when it was decided: a later one does not change what was agreed.
    vat_basis_points: Mapped[int | None]
    # The units that were granted, by the act that ordered them, in the shape of `layers`.
    granted: Mapped[list[list[int]]] = mapped_column(JSONB, default=list)
    delivered_units: Mapped[int | None]
    # Goods by weight: what all the units that came weigh together.
    weighed_grams: Mapped[int | None]
    packed_at: Mapped[datetime | None]
    # Since then it is given back and no longer owed: its buyer withdrew from the contract.
    revoked_at: Mapped[datetime | None]
    out_reason: Mapped[str] = mapped_column(default="")

    commitment: Mapped[GroupBuyCommitment] = relationship(back_populates="lines")
    article: Mapped[Article] = relationship()

    @property
    def has_goods(self) -> bool:
        """Whether anything of it came or, before the delivery, is to come."""
        return bool(self.decided_units if self.delivered_units is None else self.delivered_units)


class Basket(Model):
    """What a participant has gathered and not yet bound themself to; it promises nothing."""

    __tablename__ = "baskets"
    __table_args__ = (PrimaryKeyConstraint("group_buy_id", "participant_id"),)

    group_buy_id: Mapped[int] = mapped_column(ForeignKey("group_buys.id", ondelete="CASCADE"))
    participant_id: Mapped[int] = mapped_column(
        ForeignKey("participants.id", ondelete="CASCADE"), index=True
    )
    # Article id: [units, tolerance, highest price in minor units or null].
    lines: Mapped[Json] = mapped_column(default=dict)
    changed_at: Mapped[datetime]

"""What can be ordered in a group buy: articles, and the prices that more units bring."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import columns
from models.base import Model, Numbered
from models.participants import Picture
from models.revocations import Revocability
from models.weights import Weighable, is_whole_check


class Article(Weighable, Numbered, Model):
    """One thing that can be ordered in a group buy, with its own tiers and its own threshold."""

    __tablename__ = "articles"
    __table_args__ = (
        UniqueConstraint("group_buy_id", "position"),
        Index(None, "group_buy_id", "category", "position"),
        Index(None, "picture_id", postgresql_where=text("picture_id IS NOT NULL")),
        CheckConstraint("minimum_units >= 1", name="minimum_is_positive"),
        CheckConstraint("case_size >= 1", name="case_is_positive"),
        CheckConstraint(
            "maximum_units IS NULL OR maximum_units >= minimum_units", name="minimum_is_possible"
        ),
        CheckConstraint("vat_basis_points BETWEEN 0 AND 10000", name="vat_is_a_share"),
        CheckConstraint("deposit_minor >= 0", name="deposit_is_positive"),
        CheckConstraint(
            "active_units >= 0 AND 0 <= ALL (demand_units) AND 0 <= ALL (tolerance_units)",
            name="sums_are_positive",
        ),
        CheckConstraint(
            "cardinality(demand_units) = cardinality(tolerance_units)",
            name="sums_are_of_same_tiers",
        ),
        # First come: no unit beyond the largest total is ever promised as sure.
        CheckConstraint(
            "maximum_units IS NULL OR NOT is_capped OR active_units <= maximum_units",
            name="never_oversold",
        ),
        is_whole_check(),
    )

    group_buy_id: Mapped[int] = mapped_column(ForeignKey("group_buys.id"))
    position: Mapped[int]
    order_number: Mapped[str] = mapped_column(default="")
    name: Mapped[str]
    second_line: Mapped[str] = mapped_column(default="")
    unit: Mapped[str]
    category: Mapped[str] = mapped_column(default="")
    minimum_units: Mapped[int] = mapped_column(default=1)
    maximum_units: Mapped[int | None]
    case_size: Mapped[int] = mapped_column(default=1)
    vat_basis_points: Mapped[int] = mapped_column(default=0)
    deposit_minor: Mapped[int] = columns.minor(default=0)
    origin: Mapped[str] = mapped_column(default="")
    quality: Mapped[str] = mapped_column(default="")
    maker: Mapped[str] = mapped_column(default="")
    # What food must say before it is ordered (Regulation 1169/2011 Art. 14).
    food_information: Mapped[str] = mapped_column(default="")
    ean: Mapped[str] = mapped_column(default="")
    revocability: Mapped[Revocability] = columns.choice(Revocability, default=Revocability.RIGHT)
    picture_id: Mapped[int | None] = mapped_column(ForeignKey("pictures.id"))
    catalogue_article_id: Mapped[int | None] = mapped_column(
        ForeignKey("catalogue_articles.id"), index=True
    )
    # The first of all that this was copied from; no reference, as a draft may be thrown away.
    same_as_id: Mapped[int | None] = mapped_column(BigInteger)
    # Under first come the units of active commitments never pass the largest total.
    is_capped: Mapped[bool] = mapped_column(default=False)
    active_units: Mapped[int] = mapped_column(default=0)
    # One number for each tier, as `tiers` orders them: running sums over the lines, sure or
    # waiting, whose highest price reaches it. Not with the tiers, as an order changes them all.
    demand_units: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    tolerance_units: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    # What would be ordered of this, and at which tier, if the deal closed now.
    standing_units: Mapped[int] = mapped_column(default=0)
    standing_tier: Mapped[int | None]
    # What was decided at the close, and what the supplier brought.
    decided_units: Mapped[int | None]
    decided_price_minor: Mapped[int | None] = columns.minor()
    delivered_units: Mapped[int | None]

    tiers: Mapped[list["PriceTier"]] = relationship(
        order_by="PriceTier.position", cascade="all, delete-orphan"
    )
    picture: Mapped[Picture | None] = relationship(viewonly=True)

    def count_anew(self) -> None:
        """Begin with nobody counted in at any tier."""
        self.active_units = 0
        self.demand_units = [0] * len(self.tiers)
        self.tolerance_units = [0] * len(self.tiers)


class PriceTier(Numbered, Model):
    """From this many units on, this price holds for everyone; the first has position 0."""

    __tablename__ = "price_tiers"
    __table_args__ = (
        UniqueConstraint("article_id", "position"),
        CheckConstraint("from_units >= 1", name="from_units_are_positive"),
        CheckConstraint("price_minor >= 0", name="price_is_positive"),
    )

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"))
    position: Mapped[int]
    from_units: Mapped[int]
    price_minor: Mapped[int] = columns.minor()

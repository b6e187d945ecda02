"""Group buying: many members commit to one offer; it happens for all or for none."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models import columns
from models.base import Json, Model, Numbered
from models.collaborations import Collaboration, Commitment, Kind
from models.errors import Conflict, Invalid
from models.participants import Participant, Picture
from models.revocations import Revocability
from models.rules import Rationing, Sharing
from models.weights import MOST_GRAMS, Weighable, is_whole_check
from models.words import N_


class Stage(StrEnum):
    """What a group buy is at within its state."""

    IN_REVIEW = "in_review"
    SCHEDULED = "scheduled"
    PLACES_OFFERED = "places_offered"
    SUPPLIER_ASKED = "supplier_asked"
    ORDERED = "ordered"
    DELIVERED = "delivered"
    HANDING_OVER = "handing_over"
    SETTLED = "settled"


class WithdrawalPolicy(StrEnum):
    """Until when a member may leave or reduce before the close."""

    FREE = "free"
    FREE_UNTIL_LAST_DAY = "free_until_last_day"
    NOT_IF_IT_UNTIPS = "not_if_it_untips"


class Payee(StrEnum):
    """Who is the seller and is paid; the organiser may resell or act for the supplier."""

    SUPPLIER = "supplier"
    ORGANISER = "organiser"


class PaymentMethod(StrEnum):
    """How a member pays: by card, or when fetching the goods, in cash or by transfer."""

    CARD = "card"
    AT_PICKUP = "at_pickup"


class ShortfallRule(StrEnum):
    """What follows when, after failed charges, the condition no longer holds."""

    CONFIRM_ABOVE_FLOOR = "confirm_above_floor"
    ASK_SUPPLIER = "ask_supplier"
    RELEASE = "release"


class NotEnoughUnits(Conflict):
    code = "not-enough-units"
    message = N_("Only %(units_left)s units of %(article)s are left.")


class PriceTooLow(Invalid):
    code = "price-too-low"
    message = N_(
        "The lowest possible price of %(article)s is %(price)s. Please offer at least that."
    )


class WithdrawalNotPossible(Conflict):
    code = "withdrawal-not-possible"
    message = N_("By the terms of this group buy you can no longer leave or reduce your order.")


class NothingOrdered(Invalid):
    code = "nothing-ordered"
    message = N_("Please enter how many units you want of at least one article.")


class GroupBuy(Collaboration):
    """An offer that is confirmed if enough units are committed before it closes."""

    __tablename__ = "group_buys"
    __mapper_args__ = {"polymorphic_identity": Kind.GROUP_BUY}
    __table_args__ = (
        CheckConstraint("smallest_order_minor >= 0", name="smallest_order_is_positive"),
        CheckConstraint("collecting_days BETWEEN 0 AND 7", name="collecting_window"),
        CheckConstraint("floor_basis_points BETWEEN 0 AND 10000", name="floor_is_a_share"),
        CheckConstraint(
            "freight_minor >= 0 AND freight_ceiling_minor >= 0 "
            "AND share_minor >= 0 AND share_ceiling_minor >= 0",
            name="costs_are_positive",
        ),
        CheckConstraint("by_card OR at_pickup", name="can_be_paid"),
        # Each round of a series is made once, however often its job runs.
        UniqueConstraint("series_id", "round_number"),
        UniqueConstraint("series_id", "round_opens_at"),
        CheckConstraint(
            "(series_id IS NULL) = (round_number IS NULL) "
            "AND (series_id IS NULL) = (round_opens_at IS NULL)",
            name="round_is_whole",
        ),
    )

    id: Mapped[int] = mapped_column(ForeignKey("collaborations.id"), primary_key=True)
    supplier_id: Mapped[int | None] = mapped_column(ForeignKey("participants.id"), index=True)
    supplier_name: Mapped[str] = mapped_column(default="")
    supplier_email: Mapped[str] = mapped_column(default="")
    catalogue_version_id: Mapped[int | None] = mapped_column(
        ForeignKey("catalogue_versions.id"), index=True
    )
    rationing: Mapped[Rationing] = columns.choice(Rationing, default=Rationing.FIRST_COME)
    withdrawal_policy: Mapped[WithdrawalPolicy] = columns.choice(
        WithdrawalPolicy, default=WithdrawalPolicy.FREE
    )
    payee: Mapped[Payee] = columns.choice(Payee, default=Payee.ORGANISER)
    shortfall_rule: Mapped[ShortfallRule] = columns.choice(
        ShortfallRule, default=ShortfallRule.CONFIRM_ABOVE_FLOOR
    )
    floor_basis_points: Mapped[int] = mapped_column(default=8000)
    smallest_order_minor: Mapped[int] = columns.minor(default=0)
    collecting_days: Mapped[int] = mapped_column(default=7)
    by_card: Mapped[bool] = mapped_column(default=True)
    at_pickup: Mapped[bool] = mapped_column(default=True)
    # Whether an account is named to which it can be paid ahead, see `BankAccount`.
    takes_transfers: Mapped[bool] = mapped_column(default=False, server_default="false")
    # Whether whoever sells was a trader when it was opened, whatever they say of themself later.
    sold_by_trader: Mapped[bool] = mapped_column(default=False, server_default="false")
    freight_rule: Mapped[Sharing] = columns.choice(
        Sharing, name="freight_rule", default=Sharing.NONE
    )
    freight_minor: Mapped[int] = columns.minor(default=0)
    freight_ceiling_minor: Mapped[int] = columns.minor(default=0)
    share_rule: Mapped[Sharing] = columns.choice(Sharing, name="share_rule", default=Sharing.NONE)
    share_minor: Mapped[int] = columns.minor(default=0)
    share_ceiling_minor: Mapped[int] = columns.minor(default=0)
    ships: Mapped[bool] = mapped_column(default=False)
    shipping_ceiling_minor: Mapped[int] = columns.minor(default=0)
    # What the cards show without reading the articles; kept by `services.buying.standing`.
    articles_count: Mapped[int] = mapped_column(default=0)
    price_now_minor: Mapped[int | None] = columns.minor()
    price_next_minor: Mapped[int | None] = columns.minor()
    missing_units: Mapped[int | None]
    # Net value, at each article's first price, of what would be ordered if it closed now.
    standing_value_minor: Mapped[int] = columns.minor(default=0)
    standing_articles: Mapped[int] = mapped_column(default=0)
    ordered_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    # Since then the weights are final and charged.
    weighed_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    collect_until_at: Mapped[datetime | None]
    # Which round of which series this is, and when its turn was by the rhythm.
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"))
    round_number: Mapped[int | None]
    round_opens_at: Mapped[datetime | None]

    supplier: Mapped[Participant | None] = relationship(foreign_keys=[supplier_id])
    picture: Mapped[Picture | None] = relationship(
        primaryjoin=lambda: foreign(Collaboration.picture_id) == Picture.id, viewonly=True
    )
    pickup_points: Mapped[list["PickupPoint"]] = relationship(
        order_by="PickupPoint.from_at", viewonly=True
    )

    @property
    def seller(self) -> Participant | None:
        """Who sells and is paid by the terms; None for a supplier who is not here."""
        return self.organiser if self.payee == Payee.ORGANISER else self.supplier

    @property
    def is_sold_by_trader(self) -> bool:
        """Whether whoever sells is a trader, or was one when people could begin to agree."""
        return self.sold_by_trader or (self.seller or self.organiser).is_trader


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
        CheckConstraint("active_units >= 0", name="active_units_are_positive"),
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


class PriceTier(Numbered, Model):
    """From this many units on, this price holds for everyone."""

    __tablename__ = "price_tiers"
    __table_args__ = (
        UniqueConstraint("article_id", "position"),
        CheckConstraint("from_units >= 1", name="from_units_are_positive"),
        CheckConstraint("price_minor >= 0", name="price_is_positive"),
        CheckConstraint("demand_units >= 0 AND tolerance_units >= 0", name="sums_are_positive"),
    )

    article_id: Mapped[int] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"))
    position: Mapped[int]
    from_units: Mapped[int]
    price_minor: Mapped[int] = columns.minor()
    # Running sums over the lines, sure or waiting, whose highest price reaches this tier.
    demand_units: Mapped[int] = mapped_column(default=0)
    tolerance_units: Mapped[int] = mapped_column(default=0)


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

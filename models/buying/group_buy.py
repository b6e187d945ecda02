"""The group buy: an offer of articles with its terms, and the moments it went through."""

from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship

from models import columns
from models.buying.states import Payee, ShortfallRule, WithdrawalPolicy
from models.collaborations import Collaboration, Kind
from models.participants import Participant, Picture
from models.payout_terms import DeclaresPayoutTerms, bounded_payout_terms
from models.rules import Rationing, Sharing

if TYPE_CHECKING:
    from models.buying.pickup import PickupPoint


class GroupBuy(DeclaresPayoutTerms, Collaboration):
    """An offer that is confirmed if enough units are committed before it closes.

    Its payout terms are as they were when people could begin to agree.
    """

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
        bounded_payout_terms(),
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
    freight_rule: Mapped[Sharing] = columns.choice(Sharing, default=Sharing.NONE)
    freight_minor: Mapped[int] = columns.minor(default=0)
    freight_ceiling_minor: Mapped[int] = columns.minor(default=0)
    share_rule: Mapped[Sharing] = columns.choice(Sharing, default=Sharing.NONE)
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

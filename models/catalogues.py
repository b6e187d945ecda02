"""Catalogues: what a supplier offers, version by version; deals refer to the one they used."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    Numeric,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import columns
from models.actors import Actor
from models.base import Json, Model, Numbered
from models.errors import Conflict, NotAllowed
from models.lifecycle import Lifecycle
from models.money import Money
from models.participants import Participant
from models.weights import Weighable, is_whole_check
from models.words import N_


class MayNotEditCatalogue(NotAllowed):
    code = "may-not-edit-catalogue"
    message = N_("Only owners and managers of the organisation change its catalogue.")


class ListWaiting(Conflict):
    code = "list-waiting"
    message = N_(
        "A list for this catalogue is waiting. Look at it first, and keep it or throw it away."
    )


class NothingCurrent(Conflict):
    code = "nothing-current"
    message = N_("This catalogue has no list yet. Upload one or type its first article.")


class ArticleReplaced(Conflict):
    code = "article-replaced"
    message = N_(
        "This article belongs to an older list by now. Open it again from the current one."
    )


class VersionState(StrEnum):
    """A list is read, looked at, and then kept or thrown away."""

    READING = "reading"
    PREVIEW = "preview"
    FAULTY = "faulty"
    CURRENT = "current"
    REPLACED = "replaced"


class Catalogue(Numbered, Model):
    """A supplier's articles, kept by the supplier or by someone who orders there."""

    __tablename__ = "catalogues"
    __table_args__ = (Index(None, "owner_id", "id"),)

    owner_id: Mapped[int] = mapped_column(ForeignKey("participants.id"))
    supplier_id: Mapped[int | None] = mapped_column(ForeignKey("participants.id"), index=True)
    name: Mapped[str]
    currency: Mapped[str] = columns.currency()
    # ISO 3166: whose VAT rates are proposed for lists that name codes instead of rates.
    country: Mapped[str] = mapped_column(default="DE")
    # The number of the newest list; a number is never given twice, so that nobody keeps
    # another list than the one they looked at.
    last_number: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime]

    owner: Mapped[Participant] = relationship(foreign_keys=[owner_id], lazy="joined")

    def can_be_seen_by(self, actor: Actor | None) -> bool:
        """Whether `actor` may look things up here and take them into a deal."""
        return actor is not None and actor.may_act_for(self.owner_id)

    def can_be_edited_by(self, actor: Actor | None) -> bool:
        return actor is not None and actor.may_manage(self.owner_id)


class CatalogueVersion(Lifecycle, Numbered, Model):
    """One price list: uploaded, read by a job, previewed, and kept only when confirmed."""

    MOVES: ClassVar[Mapping[Any, frozenset[Any]]] = {
        VersionState.READING: frozenset({VersionState.PREVIEW, VersionState.FAULTY}),
        VersionState.PREVIEW: frozenset({VersionState.CURRENT}),
        VersionState.FAULTY: frozenset(),
        VersionState.CURRENT: frozenset({VersionState.REPLACED}),
        VersionState.REPLACED: frozenset(),
    }

    __tablename__ = "catalogue_versions"
    __table_args__ = (
        UniqueConstraint("catalogue_id", "number"),
        Index(
            "uq_catalogue_versions_one_current",
            "catalogue_id",
            unique=True,
            postgresql_where=text("state = 'current'"),
        ),
        # What is not decided yet stands alone, so that nobody keeps one list over another
        # that they have not seen.
        Index(
            "uq_catalogue_versions_one_waiting",
            "catalogue_id",
            unique=True,
            postgresql_where=text("state IN ('reading', 'preview')"),
        ),
        CheckConstraint("read_count <= total_count", name="reads_no_more_than_there_is"),
        CheckConstraint(
            "(state IN ('current', 'replaced')) = (confirmed_at IS NOT NULL)",
            name="kept_when_confirmed",
        ),
        CheckConstraint(
            "vat_reduced_basis_points BETWEEN 0 AND 10000 "
            "AND vat_standard_basis_points BETWEEN 0 AND 10000",
            name="vat_is_a_share",
        ),
    )

    catalogue_id: Mapped[int] = mapped_column(ForeignKey("catalogues.id", ondelete="CASCADE"))
    number: Mapped[int]
    state: Mapped[VersionState] = columns.choice(VersionState, default=VersionState.READING)
    file_name: Mapped[str] = mapped_column(default="")
    # The file itself, only until it is read.
    upload: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    format: Mapped[str] = mapped_column(default="")
    title: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)
    read_count: Mapped[int] = mapped_column(default=0)
    total_count: Mapped[int] = mapped_column(default=0)
    # The first of them: {code, severity, line, column, facts}; the counts are of all.
    problems: Mapped[list[Json]] = mapped_column(JSONB, default=list)
    left_out_count: Mapped[int] = mapped_column(default=0)
    noted_count: Mapped[int] = mapped_column(default=0)
    articles_count: Mapped[int] = mapped_column(default=0)
    # Articles that a list did not name, but that stay because it is not a whole one.
    carried_count: Mapped[int] = mapped_column(default=0)
    is_whole: Mapped[bool] = mapped_column(default=True)
    # For lists that name codes instead of rates (BNN: 1 is reduced, 2 is standard).
    vat_reduced_basis_points: Mapped[int] = mapped_column(default=0)
    vat_standard_basis_points: Mapped[int] = mapped_column(default=0)
    uploaded_by_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    uploaded_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]

    catalogue: Mapped[Catalogue] = relationship(lazy="joined", innerjoin=True)

    @property
    def is_waiting(self) -> bool:
        return self.state in (VersionState.READING, VersionState.PREVIEW)

    @property
    def is_kept(self) -> bool:
        return self.state in (VersionState.CURRENT, VersionState.REPLACED)

    def show(self) -> None:
        """It has been read and waits to be looked at."""
        self._move(VersionState.PREVIEW)

    def refuse(self) -> None:
        """It cannot be trusted as a whole."""
        self._move(VersionState.FAULTY)

    def keep(self, now: datetime) -> None:
        """Make it the list that deals are made from. The caller holds the catalogue's lock."""
        self._move(VersionState.CURRENT)
        self.confirmed_at = now

    def replace(self) -> None:
        """Give way to a newer list."""
        self._move(VersionState.REPLACED)


class CatalogueArticle(Weighable, Numbered, Model):
    """One article of one version of a catalogue, with prices as the supplier states them."""

    __tablename__ = "catalogue_articles"
    __table_args__ = (
        UniqueConstraint("version_id", "order_number"),
        Index(None, "version_id", "position"),
        Index(None, "version_id", "category", "position"),
        CheckConstraint("price_minor >= 0 AND deposit_minor >= 0", name="amounts_are_positive"),
        CheckConstraint("case_size >= 1", name="case_is_positive"),
        CheckConstraint("minimum_units >= 1", name="minimum_is_positive"),
        CheckConstraint(
            "maximum_units IS NULL OR maximum_units >= minimum_units", name="minimum_is_possible"
        ),
        CheckConstraint("vat_basis_points BETWEEN 0 AND 10000", name="vat_is_a_share"),
        is_whole_check(),
    )

    version_id: Mapped[int] = mapped_column(ForeignKey("catalogue_versions.id", ondelete="CASCADE"))
    position: Mapped[int]
    order_number: Mapped[str]
    name: Mapped[str]
    second_line: Mapped[str] = mapped_column(default="")
    unit: Mapped[str]
    category: Mapped[str] = mapped_column(default="")
    case_size: Mapped[int] = mapped_column(default=1)
    # Gross, for one unit, without deposit.
    price_minor: Mapped[int] = columns.minor()
    # As listed, to a hundredth of a cent; None where the list gave the gross price.
    net_price_minor: Mapped[Decimal | None] = mapped_column(Numeric(14, 2))
    # Lower prices from more units on: [[from_units, price_minor], …].
    more_tiers: Mapped[list[list[int]]] = mapped_column(JSONB, default=list)
    vat_basis_points: Mapped[int] = mapped_column(default=0)
    deposit_minor: Mapped[int] = columns.minor(default=0)
    recommended_minor: Mapped[int | None] = columns.minor()
    minimum_units: Mapped[int] = mapped_column(default=1)
    maximum_units: Mapped[int | None]
    # Days between which the price is a special one.
    special_from: Mapped[date | None] = mapped_column(Date)
    special_until: Mapped[date | None] = mapped_column(Date)
    origin: Mapped[str] = mapped_column(default="")
    quality: Mapped[str] = mapped_column(default="")
    maker: Mapped[str] = mapped_column(default="")
    control_body: Mapped[str] = mapped_column(default="")
    # What food must say before it is ordered (Regulation 1169/2011 Art. 14).
    food_information: Mapped[str] = mapped_column(default="")
    ean: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    is_available: Mapped[bool] = mapped_column(default=True)
    # Crates and bottles that other articles name as their deposit; nobody orders them alone.
    is_deposit: Mapped[bool] = mapped_column(default=False)

    def price(self, currency: str) -> Money:
        return Money(self.price_minor, currency)

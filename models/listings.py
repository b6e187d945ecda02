"""Listings: what somebody needs, and what somebody offers; what brings the two together."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Computed,
    Float,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    Text,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import columns
from models.base import Model, Numbered
from models.errors import Invalid, NotAllowed
from models.lifecycle import Lifecycle
from models.participants import Participant
from models.words import N_

# So long a listing stands before its owner is asked whether it still holds.
STANDS = timedelta(days=60)
# So long before that they are asked.
ASKED_BEFORE = timedelta(days=7)
MOST_SKILLS = 5


class ListingKind(StrEnum):
    """Asking is the scarce side: a need is one sentence, and finds who could help."""

    NEED = "need"
    OFFER = "offer"


class ListingSort(StrEnum):
    """A service is done for somebody, a skill is shared or taught, a good changes hands."""

    SERVICE = "service"
    SKILL = "skill"
    GOOD = "good"


class PriceKind(StrEnum):
    """What is given for it: money, hours, nothing, something else, or what the two agree on."""

    MONEY = "money"
    HOURS = "hours"
    GIFT = "gift"
    SWAP = "swap"
    OPEN = "open"


class Slot(StrEnum):
    """When somebody has time."""

    WEEKDAYS = "weekdays"
    EVENINGS = "evenings"
    WEEKENDS = "weekends"


class ListingState(StrEnum):
    """A listing is open until it expires or its owner closes it; both can open it again."""

    OPEN = "open"
    EXPIRED = "expired"
    CLOSED = "closed"


class NotYourListing(NotAllowed):
    code = "not-your-listing"
    message = N_("Only who made this listing changes it.")


class TooManySkills(Invalid):
    code = "too-many-skills"
    message = N_("Please choose at most five skills.")


class Listing(Lifecycle, Numbered, Model):
    """An offer or a need of one participant: a skill, a service or a good."""

    MOVES: ClassVar[Mapping[Any, frozenset[Any]]] = {
        ListingState.OPEN: frozenset({ListingState.EXPIRED, ListingState.CLOSED}),
        ListingState.EXPIRED: frozenset({ListingState.OPEN, ListingState.CLOSED}),
        ListingState.CLOSED: frozenset({ListingState.OPEN}),
    }

    __tablename__ = "listings"
    __table_args__ = (
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="place_is_whole"),
        CheckConstraint(
            "(price_kind IN ('money', 'hours')) = (price_minor IS NOT NULL)",
            name="price_has_an_amount",
        ),
        CheckConstraint("price_minor IS NULL OR price_minor > 0", name="price_is_positive"),
        CheckConstraint(
            "(price_kind = 'money') = (price_currency IS NOT NULL)", name="money_has_a_currency"
        ),
        CheckConstraint("price_kind = 'swap' OR swap_for = ''", name="swap_is_for_something"),
        CheckConstraint("cardinality(skill_ids) <= 5", name="skills_are_few"),
        Index(
            "ix_listings_skills", "skill_ids",
            postgresql_using="gin", postgresql_where=text("state = 'open'"),
        ),
        Index("ix_listings_search", "search", postgresql_using="gin"),
        *(
            Index(
                f"ix_listings_{kind}_point",
                text("point(longitude, latitude)"),
                postgresql_using="gist",
                postgresql_where=text(f"state = 'open' AND kind = '{kind}'"),
            )
            for kind in ("need", "offer")
        ),
        Index("ix_listings_newest", "kind", "id", postgresql_where=text("state = 'open'")),
        Index("ix_listings_expiring", "expires_at", postgresql_where=text("state = 'open'")),
        Index(None, "participant_id", "id"),
        Index(
            "ix_listings_circle", "circle_id", "id",
            postgresql_where=text("circle_id IS NOT NULL"),
        ),
        Index(None, "picture_id", postgresql_where=text("picture_id IS NOT NULL")),
    )  # fmt: skip

    kind: Mapped[ListingKind] = columns.choice(ListingKind)
    sort: Mapped[ListingSort] = columns.choice(ListingSort, default=ListingSort.SERVICE)
    slug: Mapped[str] = mapped_column(unique=True)
    participant_id: Mapped[int] = mapped_column(ForeignKey("participants.id"))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    # Seen by the members of this circle alone; by everyone without one.
    circle_id: Mapped[int | None] = mapped_column(ForeignKey("circles.id"))
    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    lang: Mapped[str] = mapped_column(default="en")
    # Of `skills`, which are never deleted.
    skill_ids: Mapped[list[int]] = mapped_column(postgresql.ARRAY(BigInteger), default=list)
    slots: Mapped[list[str]] = mapped_column(postgresql.ARRAY(Text), default=list)
    is_remote: Mapped[bool] = mapped_column(default=False)
    place_name: Mapped[str] = mapped_column(default="")
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    price_kind: Mapped[PriceKind] = columns.choice(PriceKind, default=PriceKind.OPEN)
    # Money in minor units of its currency; hours in minutes.
    price_minor: Mapped[int | None] = columns.minor()
    price_currency: Mapped[str | None] = columns.currency()
    swap_for: Mapped[str] = mapped_column(default="")
    picture_id: Mapped[int | None] = mapped_column(ForeignKey("pictures.id"))
    state: Mapped[ListingState] = columns.choice(ListingState, default=ListingState.OPEN)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    # When its owner was asked whether it still holds; empty again once they said yes.
    asked_at: Mapped[datetime | None]
    # Of the link in the mail that asks; whoever has it can say yes.
    renewal_key: Mapped[str | None] = mapped_column(unique=True)
    version: Mapped[int] = mapped_column(default=1)
    search: Mapped[str] = mapped_column(
        TSVECTOR,
        Computed(
            "allmende_search(lang, title, description || ' ' || swap_for, '')", persisted=True
        ),
        deferred=True,
    )

    participant: Mapped[Participant] = relationship(lazy="joined", innerjoin=True)

    @property
    def is_open(self) -> bool:
        return self.state == ListingState.OPEN

    @property
    def complement(self) -> ListingKind:
        """What answers it: an offer answers a need, and the other way round."""
        return ListingKind.OFFER if self.kind == ListingKind.NEED else ListingKind.NEED

    def touch(self) -> None:
        self.version += 1

    def stand(self, now: datetime) -> None:
        """Stand for another while, open if it was not."""
        if not self.is_open:
            self._move(ListingState.OPEN)
        self.expires_at, self.asked_at = now + STANDS, None
        self.touch()

    def close(self) -> None:
        self._move(ListingState.CLOSED)
        self.touch()

    def expire(self) -> None:
        self._move(ListingState.EXPIRED)
        self.touch()


class Dismissal(Model):
    """ "Not now": this match is not shown to the owner of `listing` until then."""

    __tablename__ = "dismissals"
    __table_args__ = (PrimaryKeyConstraint("listing_id", "other_id"), Index(None, "other_id"))

    listing_id: Mapped[int] = mapped_column(ForeignKey("listings.id", ondelete="CASCADE"))
    other_id: Mapped[int] = mapped_column(ForeignKey("listings.id", ondelete="CASCADE"))
    until_at: Mapped[datetime]

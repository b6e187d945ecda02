"""The collaboration: what many do together on a condition, from the draft to what came of it."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import CheckConstraint, Computed, Float, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import columns
from models.actors import Actor
from models.base import Model, Numbered
from models.collaborations.browsing import BROWSING
from models.collaborations.states import COLLABORATION_MOVES, Category, Kind, State, Visibility
from models.lifecycle import Lifecycle, NotInThisState
from models.participants import Participant

if TYPE_CHECKING:
    from models.collaborations.commitment import Commitment
    from models.collaborations.people import CoOrganiser, NamedGuest


class Offering:
    """What lies open to orders, and counts what changes; for rows and for what was read of them."""

    if TYPE_CHECKING:
        state: Any
        is_paused: Any
        opens_at: Any
        closes_at: Any
        version: Any

    def is_open(self, now: datetime) -> bool:
        return (
            self.state == State.OPEN
            and not self.is_paused
            and self.opens_at <= now < self.closes_at
        )

    def touch(self) -> None:
        """Say that what people see of this has changed."""
        self.version += 1


class Collaboration(Offering, Lifecycle, Numbered, Model):
    """Anything many do together on a condition; each kind adds a table of its own."""

    MOVES = COLLABORATION_MOVES

    # What is owed can be paid from hand to hand, or by transfer, once it is decided and collected.
    PAYABLE = (State.RUNNING, State.COMPLETED)

    __tablename__ = "collaborations"
    __mapper_args__ = {"polymorphic_on": "kind"}
    __table_args__: Any = (
        CheckConstraint("opens_at < closes_at", name="opens_before_it_closes"),
        CheckConstraint("(latitude IS NULL) = (longitude IS NULL)", name="place_is_whole"),
        CheckConstraint(
            "(state IN ('draft', 'open')) OR (decided_at IS NOT NULL)", name="decided_has_a_time"
        ),
        CheckConstraint(
            # As text: a migration may not use a new value of a type before it is kept.
            "circle_id IS NOT NULL OR visibility::text <> 'circle'",
            name="circle_is_named",
        ),
        Index(None, "organiser_id", "id"),
        Index(
            "ix_collaborations_circle",
            "circle_id",
            "id",
            postgresql_where=text("circle_id IS NOT NULL"),
        ),
        Index(None, "picture_id", postgresql_where=text("picture_id IS NOT NULL")),
        Index("ix_collaborations_search", "search", postgresql_using="gin"),
        *BROWSING,
        Index(None, "state", "closes_at"),
    )

    kind: Mapped[Kind] = columns.choice(Kind, name="collaboration_kind")
    slug: Mapped[str] = mapped_column(unique=True)
    state: Mapped[State] = columns.choice(State, name="collaboration_state", default=State.DRAFT)
    stage: Mapped[str] = mapped_column(default="")
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    lang: Mapped[str] = mapped_column(default="en")
    category: Mapped[Category] = columns.choice(
        Category, name="collaboration_category", default=Category.OTHER
    )
    visibility: Mapped[Visibility] = columns.choice(
        Visibility, name="collaboration_visibility", default=Visibility.PUBLIC
    )
    # Whoever has the link holds this key; it is part of the address and of nothing else.
    link_key: Mapped[str]
    organiser_id: Mapped[int] = mapped_column(ForeignKey("participants.id"))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    # In which circle it is done, whoever may see it.
    circle_id: Mapped[int | None] = mapped_column(ForeignKey("circles.id"))
    currency: Mapped[str] = columns.currency()
    place_name: Mapped[str] = mapped_column(default="")
    latitude: Mapped[float | None] = mapped_column(Float)
    longitude: Mapped[float | None] = mapped_column(Float)
    time_zone: Mapped[str] = mapped_column(default="Europe/Berlin")
    picture_id: Mapped[int | None] = mapped_column(ForeignKey("pictures.id"))
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    # The one extension: until when, if the condition is not met at the close.
    extends_to_at: Mapped[datetime | None]
    extended_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    is_paused: Mapped[bool] = mapped_column(default=False)
    is_tipped: Mapped[bool] = mapped_column(default=False)
    progress_basis_points: Mapped[int] = mapped_column(default=0)
    commitments_count: Mapped[int] = mapped_column(default=0)
    # The running number of the last order act: what came first is decided by it.
    last_place: Mapped[int] = mapped_column(default=0)
    terms_number: Mapped[int] = mapped_column(default=0)
    # Counts every visible change; cards, pages and ETags are kept by it.
    version: Mapped[int] = mapped_column(default=1)
    made_at: Mapped[datetime]
    # The words of what can be had here by its terms, each once: for the search, not to be read.
    wares: Mapped[str] = mapped_column(default="", deferred=True)
    search: Mapped[str] = mapped_column(
        TSVECTOR,
        Computed(
            "allmende_search(lang, title, summary || ' ' || description, wares)", persisted=True
        ),
        deferred=True,
    )

    organiser: Mapped[Participant] = relationship(lazy="joined", innerjoin=True)
    co_organisers: Mapped[list["CoOrganiser"]] = relationship(cascade="all, delete-orphan")
    named_guests: Mapped[list["NamedGuest"]] = relationship(cascade="all, delete-orphan")

    @property
    def last_close_at(self) -> datetime:
        """When it is decided at the latest: an extension that may still come is counted in."""
        if self.extends_to_at is not None and self.extended_at is None:
            return self.extends_to_at
        return self.closes_at

    @property
    def has_closed(self) -> bool:
        """Whether nobody can join any more, whatever came of it."""
        return self.state not in (State.DRAFT, State.OPEN)

    def may_be_left(self, now: datetime) -> bool:
        """Whether those who joined can leave: a pause keeps nobody, however long it lasts."""
        return self.is_open(now) or (self.state == State.OPEN and self.is_paused)

    def is_organised_by(self, actor: Actor | None) -> bool:
        """Whether `actor` runs this: as the organiser, for them, or as a co-organiser."""
        return actor is not None and (
            actor.may_manage(self.organiser_id)
            or (
                not actor.is_bound
                and any(
                    co.member_id == actor.member.id and co.is_accepted for co in self.co_organisers
                )
            )
        )

    def is_visible_to(self, actor: Actor | None, link_key: str = "") -> bool:
        """Whether `actor` may know of this; those who committed may too, which is asked apart."""
        if self.state != State.DRAFT and (
            self.visibility == Visibility.PUBLIC
            or (self.visibility == Visibility.LINK and link_key == self.link_key)
        ):
            return True
        return self.is_organised_by(actor) or (
            self.state != State.DRAFT
            and actor is not None
            and any(actor.may_act_for(guest.participant_id) for guest in self.named_guests)
        )

    def has_consent_of(self, commitment: "Commitment") -> bool:
        """Whether the terms that hold now hold for `commitment`; else it does not count yet."""
        return commitment.terms_number == self.terms_number

    def open(self) -> None:
        self._move(State.OPEN)
        self.touch()

    def decide(self, now: datetime) -> None:
        """Begin the decision; nobody joins or leaves from here on."""
        self.decided_at = now
        self._move(State.DECIDING)
        # What refined the state before says nothing of the one that follows.
        self.stage = ""
        self.touch()

    def collect(self) -> None:
        self._move(State.COLLECTING)
        self.touch()

    def run(self) -> None:
        self._move(State.RUNNING)
        self.touch()

    def complete(self) -> None:
        self._move(State.COMPLETED)
        self.touch()

    def fail(self) -> None:
        self._move(State.FAILED)
        self.touch()

    def cancel(self, now: datetime) -> None:
        self.decided_at = self.decided_at or now
        self._move(State.CANCELLED)
        self.stage = ""
        self.touch()

    def extend(self, now: datetime) -> None:
        """Begin the one extension that was declared at the opening."""
        if self.extends_to_at is None or self.extended_at is not None:
            raise NotInThisState(state=str(self.state), wanted="extended")
        self.closes_at, self.extended_at = self.extends_to_at, now
        self.touch()

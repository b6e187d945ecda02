"""Collaborations: many commit on a condition; when it is decided, all of it happens or none."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    CheckConstraint,
    Computed,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    PrimaryKeyConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import columns
from models.actors import Actor
from models.base import Json, Model, Numbered
from models.errors import Conflict, NotAllowed
from models.lifecycle import Lifecycle, NotInThisState
from models.members import Member
from models.participants import Participant
from models.words import N_


class Kind(StrEnum):
    """What kind of deal a collaboration is; each has a table and a clearing rule of its own."""

    GROUP_BUY = "group_buy"


class State(StrEnum):
    """Where a collaboration stands. A kind refines it with a stage."""

    DRAFT = "draft"
    OPEN = "open"
    DECIDING = "deciding"
    COLLECTING = "collecting"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"


class CommitmentState(StrEnum):
    """Where one participant's promise stands."""

    ACTIVE = "active"
    WAITING = "waiting"
    WITHDRAWN = "withdrawn"
    IN = "in"
    OUT = "out"
    DROPPED = "dropped"
    FULFILLED = "fulfilled"


# Why a commitment is out that was not part of the decision: it never agreed to worse terms.
TERMS_NOT_ACCEPTED = "terms_not_accepted"


# The rows of partial indexes for those who browse.
OPEN_AND_PUBLIC = "state = 'open' AND visibility = 'public'"
DECIDED_AND_PUBLIC = "state IN ('deciding', 'collecting', 'running') AND visibility = 'public'"
OVER_AND_PUBLIC = "state IN ('completed', 'failed') AND visibility = 'public'"


class Visibility(StrEnum):
    """Who may see a collaboration: everyone, whoever has the link, or those who are named."""

    PUBLIC = "public"
    LINK = "link"
    NAMED = "named"


class Category(StrEnum):
    """What a collaboration is about, for those who browse."""

    FOOD = "food"
    HOUSEHOLD = "household"
    GARDEN = "garden"
    ENERGY = "energy"
    TOOLS = "tools"
    CLOTHING = "clothing"
    CHILDREN = "children"
    BOOKS = "books"
    SERVICES = "services"
    OTHER = "other"


class NotOpen(Conflict):
    code = "not-open"
    message = N_("This is not open for commitments now.")


class AlreadyCommitted(Conflict):
    code = "already-committed"
    message = N_("You have joined already. Change your commitment instead.")


class NotTheOrganiser(NotAllowed):
    code = "not-the-organiser"
    message = N_("Only those who organise this can do that.")


class Collaboration(Lifecycle, Numbered, Model):
    """Anything many do together on a condition; each kind adds a table of its own."""

    MOVES: ClassVar[Mapping[Any, frozenset[Any]]] = {
        State.DRAFT: frozenset({State.OPEN}),
        State.OPEN: frozenset({State.DECIDING, State.CANCELLED}),
        State.DECIDING: frozenset({State.COLLECTING, State.RUNNING, State.FAILED}),
        State.COLLECTING: frozenset({State.RUNNING, State.FAILED, State.CANCELLED}),
        State.RUNNING: frozenset({State.COMPLETED, State.CANCELLED}),
        State.COMPLETED: frozenset(),
        State.FAILED: frozenset(),
        State.CANCELLED: frozenset(),
    }

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
        Index(None, "organiser_id", "id"),
        Index(None, "picture_id", postgresql_where=text("picture_id IS NOT NULL")),
        Index("ix_collaborations_search", "search", postgresql_using="gin"),
        Index(
            "ix_collaborations_point",
            text("point(longitude, latitude)"),
            postgresql_using="gist",
            postgresql_where=text(OPEN_AND_PUBLIC),
        ),
        Index(
            "ix_collaborations_closing",
            "closes_at",
            "id",
            postgresql_where=text(OPEN_AND_PUBLIC),
        ),
        Index(
            "ix_collaborations_newest",
            "opens_at",
            "id",
            postgresql_where=text(OPEN_AND_PUBLIC),
        ),
        Index(
            "ix_collaborations_nearly",
            "progress_basis_points",
            "id",
            postgresql_where=text(OPEN_AND_PUBLIC),
        ),
        Index(
            "ix_collaborations_category",
            "category",
            "id",
            postgresql_where=text(OPEN_AND_PUBLIC),
        ),
        Index(
            "ix_collaborations_decided_point",
            text("point(longitude, latitude)"),
            postgresql_using="gist",
            postgresql_where=text(DECIDED_AND_PUBLIC),
        ),
        Index(
            "ix_collaborations_decided_newest",
            "opens_at",
            "id",
            postgresql_where=text(DECIDED_AND_PUBLIC),
        ),
        Index(
            "ix_collaborations_over_point",
            text("point(longitude, latitude)"),
            postgresql_using="gist",
            postgresql_where=text(OVER_AND_PUBLIC),
        ),
        Index(
            "ix_collaborations_over_newest",
            "opens_at",
            "id",
            postgresql_where=text(OVER_AND_PUBLIC),
        ),
        Index(None, "state", "closes_at"),
    )

    kind: Mapped[Kind] = columns.choice(Kind)
    slug: Mapped[str] = mapped_column(unique=True)
    state: Mapped[State] = columns.choice(State, default=State.DRAFT)
    stage: Mapped[str] = mapped_column(default="")
    title: Mapped[str]
    summary: Mapped[str] = mapped_column(default="")
    description: Mapped[str] = mapped_column(default="")
    lang: Mapped[str] = mapped_column(default="en")
    category: Mapped[Category] = columns.choice(Category, default=Category.OTHER)
    visibility: Mapped[Visibility] = columns.choice(Visibility, default=Visibility.PUBLIC)
    # Whoever has the link holds this key; it is part of the address and of nothing else.
    link_key: Mapped[str]
    organiser_id: Mapped[int] = mapped_column(ForeignKey("participants.id"))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
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

    def is_open(self, now: datetime) -> bool:
        return (
            self.state == State.OPEN
            and not self.is_paused
            and self.opens_at <= now < self.closes_at
        )

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

    def touch(self) -> None:
        """Say that what people see of this has changed."""
        self.version += 1

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


class CoOrganiserState(StrEnum):
    """Nobody runs what they were not asked to run, or have not said yes to."""

    ASKED = "asked"
    ACCEPTED = "accepted"


class CoOrganiser(Model):
    """A member whom the organiser trusts with running this collaboration, once they accept."""

    __tablename__ = "co_organisers"
    __table_args__: Any = (
        PrimaryKeyConstraint("collaboration_id", "member_id"),
        Index(None, "member_id"),
    )

    collaboration_id: Mapped[int] = mapped_column(ForeignKey("collaborations.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"))
    state: Mapped[CoOrganiserState] = columns.choice(CoOrganiserState)
    # When they were asked; once they accepted, when that was.
    since_at: Mapped[datetime]

    member: Mapped[Member] = relationship()

    @property
    def is_accepted(self) -> bool:
        return self.state == CoOrganiserState.ACCEPTED

    def accept(self, *, now: datetime) -> None:
        self.state, self.since_at = CoOrganiserState.ACCEPTED, now


class NamedGuest(Model):
    """Someone who may see and join a collaboration that is for named members only."""

    __tablename__ = "named_guests"
    __table_args__: Any = (
        PrimaryKeyConstraint("collaboration_id", "participant_id"),
        Index(None, "participant_id"),
    )

    collaboration_id: Mapped[int] = mapped_column(ForeignKey("collaborations.id"))
    participant_id: Mapped[int] = mapped_column(ForeignKey("participants.id"))

    participant: Mapped[Participant] = relationship()


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


class Commitment(Lifecycle, Numbered, Model):
    """One participant's conditional promise inside a collaboration."""

    MOVES: ClassVar[Mapping[Any, frozenset[Any]]] = {
        CommitmentState.ACTIVE: frozenset(
            {CommitmentState.WITHDRAWN, CommitmentState.IN, CommitmentState.OUT}
        ),
        CommitmentState.WAITING: frozenset(
            {
                CommitmentState.ACTIVE,
                CommitmentState.WITHDRAWN,
                CommitmentState.IN,
                CommitmentState.OUT,
            }
        ),
        CommitmentState.IN: frozenset(
            {CommitmentState.OUT, CommitmentState.DROPPED, CommitmentState.FULFILLED}
        ),
        # A place that others gave up can still come to someone who was rationed out.
        CommitmentState.OUT: frozenset({CommitmentState.IN}),
        CommitmentState.WITHDRAWN: frozenset(),
        CommitmentState.DROPPED: frozenset(),
        # Ticked off by mistake.
        CommitmentState.FULFILLED: frozenset({CommitmentState.IN}),
    }
    ALIVE = (CommitmentState.ACTIVE, CommitmentState.WAITING)
    LEFT = (CommitmentState.WITHDRAWN, CommitmentState.DROPPED)
    TAKING_PART = (CommitmentState.IN, CommitmentState.FULFILLED)

    __tablename__ = "commitments"
    __mapper_args__ = {"polymorphic_on": "kind"}
    __table_args__: Any = (
        ForeignKeyConstraint(
            ["collaboration_id", "terms_number"], ["terms.collaboration_id", "terms.number"]
        ),
        # One promise at a time; what was withdrawn or dropped does not count.
        Index(
            "uq_commitments_one_active",
            "collaboration_id",
            "participant_id",
            unique=True,
            postgresql_where=text("state NOT IN ('withdrawn', 'dropped', 'out')"),
        ),
        Index(None, "participant_id", "id"),
        Index(None, "collaboration_id", "state", "id"),
        CheckConstraint("(state IN ('out', 'dropped')) = (out_reason <> '')", name="out_has_why"),
        CheckConstraint("worst_case_minor >= 0 AND due_minor >= 0", name="amounts_are_positive"),
    )

    kind: Mapped[Kind] = columns.choice(Kind)
    collaboration_id: Mapped[int] = mapped_column(ForeignKey("collaborations.id"))
    participant_id: Mapped[int] = mapped_column(ForeignKey("participants.id"))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    # The version that holds for it; while a newer one is worse for it, it has to agree first.
    terms_number: Mapped[int]
    state: Mapped[CommitmentState] = columns.choice(CommitmentState, default=CommitmentState.ACTIVE)
    out_reason: Mapped[str] = mapped_column(default="")
    place: Mapped[int]
    # The most this can cost, and what it costs since it was decided.
    worst_case_minor: Mapped[int] = columns.minor(default=0)
    due_minor: Mapped[int] = columns.minor(default=0)
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)

    participant: Mapped[Participant] = relationship(lazy="joined", innerjoin=True)
    collaboration: Mapped[Collaboration] = relationship()

    @property
    def is_alive(self) -> bool:
        return self.state in self.ALIVE

    @property
    def hold_key(self) -> str:
        """What the worst case is held under; a changed order is held under a key of its own."""
        return f"commitment:{self.id}:{self.version}"

    def activate(self) -> None:
        """Give a waiting commitment its place."""
        self._move(CommitmentState.ACTIVE)

    def withdraw(self) -> None:
        self._move(CommitmentState.WITHDRAWN)

    def take_in(self, due_minor: int) -> None:
        """It is decided: this takes part and owes `due_minor`."""
        self._move(CommitmentState.IN)
        self.due_minor, self.out_reason = due_minor, ""

    def leave_out(self, reason: str) -> None:
        """It is decided: this gets nothing and owes nothing, for a reason."""
        self._move(CommitmentState.OUT)
        self.due_minor, self.out_reason = 0, reason

    def drop(self, reason: str) -> None:
        """It was in, but its money did not come."""
        self._move(CommitmentState.DROPPED)
        self.due_minor, self.out_reason = 0, reason

    def fulfil(self) -> None:
        self._move(CommitmentState.FULFILLED)

    def unfulfil(self) -> None:
        """It was said by mistake: this waits to be handed over again, and owes what it did."""
        self._move(CommitmentState.IN)

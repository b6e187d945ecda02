"""Who stands how with a circle: their membership, and what a reader may do by all of theirs."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models import columns
from models.actors import Actor
from models.base import Model, Numbered
from models.circles.states import MEMBERSHIP_MOVES, CircleRole, MembershipState, Phase
from models.lifecycle import Lifecycle
from models.participants import Participant


class CircleMembership(Lifecycle, Numbered, Model):
    """One participant's place in a circle, from the asking to the leaving; there is one each."""

    MOVES = MEMBERSHIP_MOVES

    __tablename__ = "circle_memberships"
    __table_args__ = (
        UniqueConstraint("circle_id", "participant_id"),
        CheckConstraint("phase BETWEEN 1 AND 5", name="phase_is_one_of_five"),
        CheckConstraint("role = 'member' OR state = 'active'", name="roles_are_for_members"),
        Index(None, "participant_id", "state", "circle_id"),
        # The list of members; those who run the circle first, as the enum has them.
        Index(
            "ix_circle_memberships_members",
            "circle_id",
            "role",
            "id",
            postgresql_where=text("state = 'active'"),
        ),
        Index(
            "ix_circle_memberships_came",
            "circle_id",
            "since_at",
            postgresql_where=text("state = 'active'"),
        ),
        Index(
            "ix_circle_memberships_asked",
            "circle_id",
            "id",
            postgresql_where=text("state = 'asked'"),
        ),
        Index(
            "ix_circle_memberships_invited_by",
            "invited_by_id",
            postgresql_where=text("invited_by_id IS NOT NULL"),
        ),
    )

    circle_id: Mapped[int] = mapped_column(ForeignKey("circles.id"))
    participant_id: Mapped[int] = mapped_column(ForeignKey("participants.id"))
    made_by_id: Mapped[int] = mapped_column(ForeignKey("members.id"))
    state: Mapped[MembershipState] = columns.choice(MembershipState)
    role: Mapped[CircleRole] = columns.choice(CircleRole, default=CircleRole.MEMBER)
    # What they wrote to be let in.
    answer: Mapped[str] = mapped_column(default="")
    # The version of the house rules they have agreed to.
    rules_number: Mapped[int] = mapped_column(default=0)
    # By whose link, or by whose word, they came; and their own link, drawn when they want one.
    invited_by_id: Mapped[int | None] = mapped_column(ForeignKey("circle_memberships.id"))
    link_key: Mapped[str | None] = mapped_column(unique=True)
    # The farthest of `Phase` that they have reached; it never falls.
    phase: Mapped[int] = mapped_column(SmallInteger, default=int(Phase.INTEREST))
    made_at: Mapped[datetime]
    # Since when it stands as it does.
    since_at: Mapped[datetime]

    participant: Mapped[Participant] = relationship(lazy="joined", innerjoin=True)

    @property
    def is_active(self) -> bool:
        return self.state == MembershipState.ACTIVE

    def move(self, state: MembershipState, now: datetime) -> None:
        """Stand otherwise from now on; whoever does not belong to it has no role and no link."""
        self._move(state)
        self.since_at = now
        if state != MembershipState.ACTIVE:
            self.role, self.link_key = CircleRole.MEMBER, None


@dataclass(frozen=True)
class Standing:
    """What somebody is to a circle, by all for whom they act; read once for a request."""

    actor: Actor | None
    memberships: Sequence[CircleMembership] = ()

    @property
    def own(self) -> CircleMembership | None:
        """The membership of whom they act as, in whatever state."""
        if self.actor is None:
            return None
        acting = self.actor.participant.id
        return next((one for one in self.memberships if one.participant_id == acting), None)

    @property
    def is_moderator(self) -> bool:
        return self.actor is not None and self.actor.is_moderator

    @property
    def is_member(self) -> bool:
        """Whether one of those for whom they act belongs to the circle."""
        return any(one.is_active for one in self.memberships)

    @property
    def acts_as_member(self) -> bool:
        """Whether whom they act as belongs to it: who speaks, joins and invites."""
        return self.own is not None and self.own.is_active

    @property
    def is_expected(self) -> bool:
        """Whether they are in it, or were asked to be; who was sent away knows no more of it."""
        known = (MembershipState.ACTIVE, MembershipState.INVITED, MembershipState.ASKED)
        return any(one.state in known for one in self.memberships)

    @property
    def is_steward(self) -> bool:
        return self._has(CircleRole.STEWARD)

    @property
    def acts_as_steward(self) -> bool:
        """Whether whom they act as runs it: in whose name they speak as a steward."""
        own = self.own
        return self.is_steward and own is not None and own.role == CircleRole.STEWARD

    @property
    def is_treasurer(self) -> bool:
        """Whether they may see the circle's money: its treasurers and its stewards."""
        return self._has(CircleRole.STEWARD, CircleRole.TREASURER)

    def _has(self, *roles: CircleRole) -> bool:
        """As a deal is run by those who manage its organiser, so is a circle by its stewards'."""
        return self.actor is not None and any(
            one.is_active and one.role in roles and self.actor.may_manage(one.participant_id)
            for one in self.memberships
        )

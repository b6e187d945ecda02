"""Actors: who does something: a member, and the participant they do it as.

Each request begins by asking who it comes from, and a row that can be changed takes three times
as long to read as plain values. So whoever is recognised is known by those; who changes a member
reads the row.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from models.members import Member, MemberRules
from models.participants import MembershipRole, Participant, ParticipantKind


@dataclass(frozen=True, slots=True)
class RecognisedParticipant:
    """What a request needs to know of whom its member is."""

    id: int
    kind: ParticipantKind
    slug: str
    name: str
    place_name: str
    latitude: float | None
    longitude: float | None
    is_trader: bool
    picture_id: int | None


@dataclass(frozen=True, slots=True)
class RecognisedMember(MemberRules):
    """What a request needs to know of the member it comes from."""

    participant: RecognisedParticipant
    id: int
    participant_id: int
    email: str
    roles: list[str]
    locale: str
    confirmed_at: datetime | None


AnyMember = Member | RecognisedMember
AnyParticipant = Participant | RecognisedParticipant


@dataclass(frozen=True)
class Actor:
    """A signed-in member with the participant they act as, read once for a request."""

    member: AnyMember
    participant: AnyParticipant
    # Organisation id: the member's role there.
    memberships: Mapping[int, MembershipRole] = field(default_factory=dict)
    organisations: tuple[AnyParticipant, ...] = ()
    # A program that was let in for one organisation: it is not the member in person.
    is_bound: bool = False
    # Who let that program in, with all that they belong to.
    unbound: "Actor | None" = None

    @property
    def in_person(self) -> "Actor":
        """The member themself: what nobody may do to their own good, their program may not."""
        return self.unbound or self

    @property
    def participants(self) -> tuple[AnyParticipant, ...]:
        """Whom this member can act as: themself first."""
        return (
            self.organisations if self.is_bound else (self.member.participant, *self.organisations)
        )

    def bound(self) -> "Actor":
        """One that acts for the organisation it acts as alone."""
        return replace(
            self,
            memberships={self.participant.id: self.memberships[self.participant.id]},
            organisations=(self.participant,),
            is_bound=True,
            unbound=self,
        )

    @property
    def is_moderator(self) -> bool:
        """Whether they moderate: members in person do, and no program of an organisation."""
        return self.member.is_moderator and not self.is_bound

    def may_act_for(self, participant_id: int) -> bool:
        """Whether this member may speak and commit in the participant's name."""
        return self._is_self(participant_id) or participant_id in self.memberships

    def may_manage(self, participant_id: int) -> bool:
        """Whether this member may run the participant's deals."""
        return self._is_self(participant_id) or self.memberships.get(participant_id) in (
            MembershipRole.OWNER,
            MembershipRole.MANAGER,
        )

    def owns(self, organisation_id: int) -> bool:
        return self.memberships.get(organisation_id) == MembershipRole.OWNER

    def _is_self(self, participant_id: int) -> bool:
        return participant_id == self.member.participant_id and not self.is_bound

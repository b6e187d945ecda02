"""Actors: who does something: a member, and the participant they do it as."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from models.members import Member
from models.participants import MembershipRole, Participant


@dataclass(frozen=True)
class Actor:
    """A signed-in member with the participant they act as, read once for a request."""

    member: Member
    participant: Participant
    # Organisation id: the member's role there.
    memberships: Mapping[int, MembershipRole] = field(default_factory=dict)
    organisations: tuple[Participant, ...] = ()

    @property
    def participants(self) -> tuple[Participant, ...]:
        """Whom this member can act as: themself first."""
        return (self.member.participant, *self.organisations)

    def may_act_for(self, participant_id: int) -> bool:
        """Whether this member may speak and commit in the participant's name."""
        return participant_id == self.member.participant_id or participant_id in self.memberships

    def may_manage(self, participant_id: int) -> bool:
        """Whether this member may run the participant's deals."""
        return participant_id == self.member.participant_id or self.memberships.get(
            participant_id
        ) in (MembershipRole.OWNER, MembershipRole.MANAGER)

    def owns(self, organisation_id: int) -> bool:
        return self.memberships.get(organisation_id) == MembershipRole.OWNER

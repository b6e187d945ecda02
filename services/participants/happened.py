"""What happens in an organisation: the events of who belongs to it."""

from dataclasses import dataclass

from services.events import Happened


class OrganisationOpened(Happened):
    """A member opened an organisation and is its first owner."""


@dataclass(frozen=True, kw_only=True)
class InvitedToOrganisation(Happened):
    """An owner invited someone by e-mail; the address is with the invitation alone."""

    invitation_id: int
    role: str


@dataclass(frozen=True, kw_only=True)
class InvitationEnded(Happened):
    """An invitation was withdrawn, or declined by whoever was invited.

    An owner withdraws it, and so does the end of being one for all that they wrote.
    """

    invitation_id: int


@dataclass(frozen=True, kw_only=True)
class MembershipBegan(Happened):
    """A member belongs to the organisation."""

    member_id: int
    role: str


@dataclass(frozen=True, kw_only=True)
class MembershipRoleChanged(Happened):
    """A member may do more or less in the organisation than before."""

    member_id: int
    role: str


@dataclass(frozen=True, kw_only=True)
class MembershipEnded(Happened):
    """A member left, or was removed by an owner."""

    member_id: int

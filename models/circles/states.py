"""What circles are for, who sees them, how one comes in, and why something is refused."""

from collections.abc import Mapping
from enum import IntEnum, StrEnum

from models.errors import Conflict, NotAllowed
from models.words import N_


class CircleKind(StrEnum):
    """What holds a circle together."""

    BUYING = "buying"
    NEIGHBOURHOOD = "neighbourhood"
    CUSTOMERS = "customers"
    TEAM = "team"


class CircleVisibility(StrEnum):
    """Public: all can read it. Listed: all know of it. Private: those in it, or invited, alone."""

    PUBLIC = "public"
    LISTED = "listed"
    PRIVATE = "private"


class Admission(StrEnum):
    """Whether one comes in by oneself, by asking the stewards, or by being invited."""

    FREE = "free"
    REQUEST = "request"
    INVITATION = "invitation"


class CircleState(StrEnum):
    """An archived circle can be read by those who could before, and nothing in it changes."""

    OPEN = "open"
    ARCHIVED = "archived"


class CircleRole(StrEnum):
    """Stewards run the circle, treasurers see its money too, and members belong to it."""

    STEWARD = "steward"
    TREASURER = "treasurer"
    MEMBER = "member"


class MembershipState(StrEnum):
    """Where somebody stands with a circle; only who is active belongs to it."""

    ASKED = "asked"
    INVITED = "invited"
    ACTIVE = "active"
    DECLINED = "declined"
    LEFT = "left"
    REMOVED = "removed"


MEMBERSHIP_MOVES: Mapping[MembershipState, frozenset[MembershipState]] = {
    MembershipState.ASKED: frozenset(
        {MembershipState.ACTIVE, MembershipState.DECLINED, MembershipState.LEFT}
    ),
    MembershipState.INVITED: frozenset({MembershipState.ACTIVE, MembershipState.LEFT}),
    MembershipState.ACTIVE: frozenset({MembershipState.LEFT, MembershipState.REMOVED}),
    # Who was declined or has left may ask or be invited again.
    MembershipState.DECLINED: frozenset(
        {MembershipState.ASKED, MembershipState.INVITED, MembershipState.ACTIVE}
    ),
    MembershipState.LEFT: frozenset(
        {MembershipState.ASKED, MembershipState.INVITED, MembershipState.ACTIVE}
    ),
    # Who was taken out comes back only if the stewards invite them.
    MembershipState.REMOVED: frozenset({MembershipState.INVITED}),
}


class Phase(IntEnum):
    """The five phases of a community: the farthest one that a member has reached.

    They came (interest), said something (dialogue), joined something the others joined (bonding),
    brought it to a good end (achievement), and draw others in (opinion leaders).
    """

    INTEREST = 1
    DIALOGUE = 2
    BONDING = 3
    ACHIEVEMENT = 4
    OPINION_LEADER = 5


class NotInCircle(NotAllowed):
    code = "not-in-circle"
    message = N_("Only members of the circle do this. Join it first.")


class NotASteward(NotAllowed):
    code = "not-a-steward"
    message = N_("Only the stewards of the circle do this.")


class NotATreasurer(NotAllowed):
    code = "not-a-treasurer"
    message = N_("Only the treasurers and stewards of the circle see its money.")


class NotInvited(NotAllowed):
    code = "not-invited"
    message = N_("This circle is joined by invitation. Ask someone in it for their link.")


class AlreadyInCircle(Conflict):
    code = "already-in-circle"
    message = N_("You belong to this circle already.")


class CircleArchived(Conflict):
    code = "circle-archived"
    message = N_("This circle has ended. It can still be read, and nothing in it changes.")


class CircleSuspended(Conflict):
    code = "circle-suspended"
    message = N_("A moderator has ended this circle. It does not go on.")


class LastSteward(Conflict):
    code = "last-steward"
    message = N_("A circle needs a steward. Appoint someone else first, or end the circle.")

"""What happens to circles and in them, in the past tense."""

from dataclasses import dataclass

from services.events import Happened


class CircleFounded(Happened):
    """There is a new circle; whoever founded it is its first steward."""


class CircleEdited(Happened):
    """The stewards said anew what it is for, who sees it, or how one comes in."""


class CircleArchived(Happened):
    """It has ended: by its stewards, or on the day that was set."""


class CircleReopened(Happened):
    """Its stewards let it go on."""


@dataclass(frozen=True, kw_only=True)
class HouseRulesChanged(Happened):
    """Other house rules hold from now on."""

    number: int


@dataclass(frozen=True, kw_only=True)
class MembershipEvent(Happened):
    """The participant is whose membership it is."""

    membership_id: int


class CircleJoined(MembershipEvent):
    """Someone belongs to the circle now."""


class CircleAsked(MembershipEvent):
    """Someone asks the stewards to be let in."""


class CircleInvited(MembershipEvent):
    """Someone was invited by name."""


class CircleAdmitted(MembershipEvent):
    """The stewards let someone in who had asked."""


class CircleDeclined(MembershipEvent):
    """The stewards did not let someone in, for the reason they gave."""


class CircleLeft(MembershipEvent):
    """Someone left who belonged to it."""


class CircleNotJoined(MembershipEvent):
    """Someone took back their question, or did not want to come."""


class CircleMemberRemoved(MembershipEvent):
    """The stewards took someone out, for the reason they gave."""


@dataclass(frozen=True, kw_only=True)
class CircleRoleGiven(MembershipEvent):
    """Someone is steward, treasurer or plain member from now on."""

    role: str

"""Circles: groups of participants with a purpose, who belongs to them, and by which rules."""

from models.circles.circle import Circle, HouseRules
from models.circles.membership import CircleMembership, Standing
from models.circles.states import (
    Admission,
    AlreadyInCircle,
    CircleArchived,
    CircleKind,
    CircleRole,
    CircleState,
    CircleSuspended,
    CircleVisibility,
    LastSteward,
    MembershipState,
    NotASteward,
    NotATreasurer,
    NotInCircle,
    NotInvited,
    Phase,
)

__all__ = [
    "Admission",
    "AlreadyInCircle",
    "Circle",
    "CircleArchived",
    "CircleKind",
    "CircleMembership",
    "CircleRole",
    "CircleState",
    "CircleSuspended",
    "CircleVisibility",
    "HouseRules",
    "LastSteward",
    "MembershipState",
    "NotASteward",
    "NotATreasurer",
    "NotInCircle",
    "NotInvited",
    "Phase",
    "Standing",
]

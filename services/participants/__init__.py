"""Participants: who they say they are, what they did here, and who acts in whose name."""

from services.participants.deeds import Deeds, deeds_of
from services.participants.invitations import (
    accept,
    count_invitation,
    decline,
    find_invitation,
    invitations_of,
    invite,
    withdraw,
)
from services.participants.naming import make
from services.participants.organisations import (
    change_role,
    find_organisation,
    leave,
    memberships_of,
    open_organisation,
    remove,
)
from services.participants.profiles import (
    Profile,
    change_picture,
    edit,
    find,
    remove_picture,
)

__all__ = [
    "Deeds",
    "Profile",
    "accept",
    "change_picture",
    "change_role",
    "count_invitation",
    "decline",
    "deeds_of",
    "edit",
    "find",
    "find_invitation",
    "find_organisation",
    "invitations_of",
    "invite",
    "leave",
    "make",
    "memberships_of",
    "open_organisation",
    "remove",
    "remove_picture",
    "withdraw",
]

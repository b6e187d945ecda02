"""Collaborations: many commit on a condition; when it is decided, all of it happens or none."""

from models.collaborations.collaboration import Collaboration, Offering
from models.collaborations.commitment import Commitment
from models.collaborations.people import CoOrganiser, CoOrganiserState, NamedGuest
from models.collaborations.states import (
    NO_CARD,
    TERMS_NOT_ACCEPTED,
    AlreadyCommitted,
    Category,
    CommitmentState,
    Kind,
    NotOpen,
    NotTheOrganiser,
    State,
    Visibility,
)
from models.collaborations.terms import Terms

__all__ = [
    "NO_CARD",
    "TERMS_NOT_ACCEPTED",
    "AlreadyCommitted",
    "Category",
    "CoOrganiser",
    "CoOrganiserState",
    "Collaboration",
    "Commitment",
    "CommitmentState",
    "Kind",
    "NamedGuest",
    "NotOpen",
    "NotTheOrganiser",
    "Offering",
    "State",
    "Terms",
    "Visibility",
]

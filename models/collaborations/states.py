"""Where collaborations and commitments stand, how they move, and why something is refused."""

from collections.abc import Mapping
from enum import StrEnum

from models.errors import Conflict, NotAllowed
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


COLLABORATION_MOVES: Mapping[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.OPEN}),
    State.OPEN: frozenset({State.DECIDING, State.CANCELLED}),
    State.DECIDING: frozenset({State.COLLECTING, State.RUNNING, State.FAILED}),
    State.COLLECTING: frozenset({State.RUNNING, State.FAILED, State.CANCELLED}),
    State.RUNNING: frozenset({State.COMPLETED, State.CANCELLED}),
    State.COMPLETED: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
}


class CommitmentState(StrEnum):
    """Where one participant's promise stands."""

    ACTIVE = "active"
    WAITING = "waiting"
    WITHDRAWN = "withdrawn"
    IN = "in"
    OUT = "out"
    DROPPED = "dropped"
    FULFILLED = "fulfilled"


COMMITMENT_MOVES: Mapping[CommitmentState, frozenset[CommitmentState]] = {
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

# Why a commitment is out that was not part of the decision: it never agreed to worse terms, or it
# is to be paid by card and none was given.
TERMS_NOT_ACCEPTED = "terms_not_accepted"
NO_CARD = "no_card"


class Visibility(StrEnum):
    """Who may see a collaboration: everyone, its circle, whoever has the link, those named."""

    PUBLIC = "public"
    LINK = "link"
    NAMED = "named"
    CIRCLE = "circle"


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

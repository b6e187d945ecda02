"""To try a move of something with a state, as its own verbs make it."""

from enum import StrEnum

from models.lifecycle import Lifecycle, NotInThisState


def moves(thing: Lifecycle, after: StrEnum) -> bool:
    """Whether it moves there; where it does not, it stays what it was."""
    before = thing.state
    try:
        thing._move(after)
    except NotInThisState:
        assert thing.state == before
        return False
    assert thing.state == after
    return True

"""States and the moves between them: a table, and one way through it."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, ClassVar

from models.errors import Conflict
from models.words import N_


class NotInThisState(Conflict):
    """The move asked for does not start where the thing stands."""

    code = "not-in-this-state"
    message = N_("This step is not possible in the state this is in now.")


class Lifecycle:
    """Something with a `state` that only moves along its MOVES table.

    Who moved it, when and why is told by the event that is recorded with the move.
    """

    MOVES: ClassVar[Mapping[Any, frozenset[Any]]]
    state: Any

    def can_move(self, state: StrEnum) -> bool:
        return state in self.MOVES[self.state]

    def _move(self, state: StrEnum) -> None:
        if not self.can_move(state):
            raise NotInThisState(state=str(self.state), wanted=str(state))
        self.state = state

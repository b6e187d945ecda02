"""What one verb of the API is, said once."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from stripesim.books import Object


@dataclass(frozen=True)
class Route:
    """One verb of the API: its address, the SDK's type of its parameters, and who does it.

    `plays` names the parameters that the simulator acts upon, nested ones by dotted path.
    """

    method: str
    path: str
    handler: Callable[..., Object]
    accepts: Any
    plays: frozenset[str] = frozenset()

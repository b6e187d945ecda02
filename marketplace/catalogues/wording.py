"""How kinds, states and problems of lists are said to people."""

from typing import Any

from marketplace.errors import said
from models.base import Json
from models.catalogues import VersionState
from models.words import N_
from services import catalogues
from services.catalogues import Kind

KINDS = {
    Kind.NEW: N_("New"),
    Kind.GONE: N_("Gone"),
    Kind.DEARER: N_("Dearer"),
    Kind.CHEAPER: N_("Cheaper"),
    Kind.RENAMED: N_("Renamed"),
    Kind.CHANGED: N_("Otherwise changed"),
}
STATES = {
    VersionState.READING: N_("Being read"),
    VersionState.PREVIEW: N_("Waits for you"),
    VersionState.FAULTY: N_("Could not be read"),
    VersionState.CURRENT: N_("Current"),
    VersionState.REPLACED: N_("Replaced"),
}
FORMATS = {
    "bnn": "BNN 3",
    "foodsoft": "Foodsoft",
    "own": N_("Our own CSV"),
    "typed": N_("Typed by hand"),
    "": N_("Unknown"),
}


def problem_words(problem: Json) -> str:
    """A problem of a list, in the reader's language."""
    facts: dict[str, Any] = problem["facts"]
    return said(catalogues.sentence(problem), facts)

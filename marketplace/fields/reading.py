"""What is being read, a form, an address or JSON, and messages that carry their facts."""

from collections.abc import Mapping
from typing import Any

from flask import g


def reads_a_form() -> bool:
    """Whether what is read was typed into a page of ours."""
    return bool(g.get("reads_a_form"))


def reads_text() -> bool:
    """Whether everything comes as text, as from a form or an address; JSON has types."""
    return reads_a_form() or bool(g.get("reads_an_address"))


class Message(str):
    """A message with the facts it is filled with once it is translated."""

    facts: Mapping[str, Any]

    def __new__(cls, text: Any, **facts: Any) -> "Message":
        made = super().__new__(cls, text)
        made.facts = facts
        return made

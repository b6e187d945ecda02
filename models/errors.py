"""Refusals: what a member wanted cannot be, and here is why and what to do instead.

A message is a text in English, marked for translation, with named placeholders that
`facts` fill. The door translates it and knows which HTTP status a family has.
"""

from typing import Any

from models.words import N_


class Refused(Exception):
    """What was asked cannot be done; nothing has changed."""

    code = "refused"
    message = N_("This cannot be done.")

    def __init__(self, message: str | None = None, **facts: Any) -> None:
        self.message = message or self.message
        self.facts = facts
        super().__init__(self.message)


class Invalid(Refused):
    """What was sent is not possible at all; `fields` names where, if it is known."""

    code = "invalid"
    message = N_("Something in what you entered is not right.")

    def __init__(
        self, message: str | None = None, *, fields: dict[str, str] | None = None, **facts: Any
    ) -> None:
        self.fields = fields or {}
        super().__init__(message, **facts)


class NotAllowed(Refused):
    """The one who asks may not do this."""

    code = "not-allowed"
    message = N_("You are not allowed to do this.")


class NotFound(Refused):
    """There is no such thing, or none that the one who asks may know of."""

    code = "not-found"
    message = N_("There is nothing here. It may have been moved or removed.")


class Conflict(Refused):
    """It would be possible, but not in the state things are in now."""

    code = "conflict"
    message = N_("This is not possible any more. Please look at the page again.")

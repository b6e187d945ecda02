"""Texts: trimmed, bounded, and without characters that only deceive."""

import re
from typing import Any

from email_validator import EmailNotValidError, validate_email
from marshmallow import ValidationError, fields

from marketplace.fields.reading import Message
from models.words import N_

# Half a surrogate pair can come in by JSON; no database keeps it.
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class Words(fields.String):
    """A line or text: trimmed, of a bounded length, without characters that only deceive."""

    default_error_messages = {
        "required": N_("Please fill this in."),
        "null": N_("Please fill this in."),
        "invalid": N_("Please enter a text."),
        "too_long": N_("Please use at most %(most)s characters."),
        "too_short": N_("Please use at least %(least)s characters."),
        "control": N_("Please remove the invisible characters from this text."),
    }

    def __init__(self, *, most: int = 200, least: int = 0, lines: bool = False, **kwargs: Any):
        self.most, self.least, self.lines = most, least, lines
        shortest = max(least, 1) if kwargs.get("required") else 0
        shape = {"maxLength": most, "minLength": shortest, **kwargs.pop("metadata", {})}
        super().__init__(metadata=shape, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs).replace("\r\n", "\n").strip()
        if _CONTROL.search(text):
            raise self.make_error("control")
        if not self.lines:
            text = " ".join(text.split())
        # Zero-width characters alone would be a name that nobody sees.
        if self.required and not any(one.isprintable() and one != " " for one in text):
            raise self.make_error("required")
        if len(text) > self.most:
            raise ValidationError(Message(self.error_messages["too_long"], most=self.most))
        if text and len(text) < self.least:
            raise ValidationError(Message(self.error_messages["too_short"], least=self.least))
        return text


class Email(Words):
    """An address that could exist; whether it does is found out by writing to it."""

    default_error_messages = {"email": N_("This is not an e-mail address.")}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not text:
            return text
        try:
            found = validate_email(text, check_deliverability=False, test_environment=True)
        except EmailNotValidError:
            raise self.make_error("email") from None
        return found.normalized

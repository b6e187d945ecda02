"""Choices: one of a set, yes or no, one of what there is; and how many of them."""

import re
from typing import Any

from marshmallow import fields, validate

from marketplace.fields.reading import Message, reads_text
from models.words import N_


class Choice(fields.Enum[Any]):
    """One of a set of words."""

    default_error_messages = {
        "required": N_("Please choose one."),
        "null": N_("Please choose one."),
        "unknown": N_("Please choose one of the given answers."),
    }

    def __init__(self, enum: Any, **kwargs: Any):
        shape = {"type": "string", **kwargs.pop("metadata", {})}
        super().__init__(enum, by_value=True, metadata=shape, **kwargs)


class OneOf(validate.OneOf):
    """One of a few words that are no enum of ours."""

    default_message = N_("There is no such choice.")


class Length(validate.Length):
    """How many there may be, said with its bounds."""

    message_min = N_("Please name at least %(least)s.")
    message_max = N_("Please name at most %(most)s.")
    message_all = N_("Please name %(least)s to %(most)s.")

    def _format_error(self, value: Any, message: str) -> str:
        return Message(message, least=self.min, most=self.max)


class Flag(fields.Boolean):
    """Yes or no: a tick on a page, true or false for programs."""

    default_error_messages = {
        "required": N_("Please answer yes or no."),
        "null": N_("Please answer yes or no."),
        "invalid": N_("Please answer yes or no."),
    }

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool) and not reads_text():
            raise self.make_error("invalid")
        return bool(super()._deserialize(value, attr, data, **kwargs))


class Id(fields.Field[int]):
    """The opaque name of something: a string for programs, whatever it stands for here."""

    default_error_messages = {
        "required": N_("Please choose one."),
        "null": N_("Please choose one."),
        "invalid": N_("There is no such choice."),
    }

    def __init__(self, **kwargs: Any):
        shape = {"type": "string", "pattern": "^[0-9]{1,18}$"}
        super().__init__(metadata={**shape, **kwargs.pop("metadata", {})}, **kwargs)

    def _serialize(self, value: Any, attr: Any, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else str(value)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if not isinstance(value, str) or not re.fullmatch("[0-9]{1,18}", value):
            raise self.make_error("invalid")
        return int(value)

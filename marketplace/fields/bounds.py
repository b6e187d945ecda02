"""Bounds of numbers and lists, whose messages a reader of another language understands."""

from collections.abc import Sized
from typing import Any

from marshmallow import ValidationError, validate

from marketplace.fields.reading import Message
from models.words import N_


class OneOf(validate.OneOf):
    """One of the choices that are named."""

    default_message = N_("There is no such choice.")


class Length(validate.Length):
    """How many there may be in a list."""

    def __call__(self, value: Sized) -> Any:
        if self.min is not None and len(value) < self.min:
            raise ValidationError(Message(N_("Please name %(least)s or more."), least=self.min))
        if self.max is not None and len(value) > self.max:
            raise ValidationError(Message(N_("Please name %(most)s at most."), most=self.max))
        return value


class Range(validate.Range):
    """Between which numbers one has to lie."""

    def __call__(self, value: Any) -> Any:
        if self.min is not None and value < self.min:
            raise ValidationError(Message(N_("Please enter %(least)s or more."), least=self.min))
        if self.max is not None and value > self.max:
            raise ValidationError(Message(N_("Please enter %(most)s or less."), most=self.max))
        return value

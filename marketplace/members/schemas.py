"""What members type in to join, to sign in, and to change how they do."""

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from marketplace.fields import Choice, Email, Flag, Length, Words
from marketplace.schemas import Schema
from models.members import Scope
from models.words import N_

# More than any password may have: what is longer is not even hashed.
MOST_TYPED = 1_000


class Password(fields.String):
    """A password as it was typed: not trimmed, since blanks are part of it."""

    default_error_messages = {
        "required": N_("Please enter your password."),
        "null": N_("Please enter your password."),
        "invalid": N_("Please enter your password."),
        "too_long": N_("Please use at most 128 characters."),
    }

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if len(text) > MOST_TYPED:
            raise self.make_error("too_long")
        return text


class NewPassword(Password):
    """A password that is chosen now; the service judges how easy it is to guess."""

    default_error_messages = {
        "required": N_("Please choose a password."),
        "null": N_("Please choose a password."),
        "invalid": N_("Please choose a password."),
    }


class SignUp(Schema):
    name = Words(required=True, most=80)
    email = Email(required=True, most=254)
    password = NewPassword(required=True)
    terms = Flag(load_default=False)

    @validates_schema(skip_on_field_errors=False)
    def check_terms(self, data: dict[str, Any], **kwargs: Any) -> None:
        if not data.get("terms"):
            raise ValidationError({"terms": [N_("Please say that you agree to the terms of use.")]})


class SignIn(Schema):
    # Any text: whether it is an address makes no difference to the answer.
    email = Words(required=True, most=254)
    password = Password(required=True)
    next = Words(most=1_000, load_default="")


class DemoSignIn(Schema):
    email = Words(required=True, most=254)
    next = Words(most=1_000, load_default="")


class AskForReset(Schema):
    email = Email(required=True, most=254)


class Reset(Schema):
    password = NewPassword(required=True)


class ChangeEmail(Schema):
    email = Email(required=True, most=254)
    current_password = Password(required=True)


class ChangePassword(Schema):
    current_password = Password(required=True)
    password = NewPassword(required=True)


def _at_least_one(scopes: list[Scope]) -> None:
    if not scopes:
        raise ValidationError(N_("Please choose at least one."))


class MakeToken(Schema):
    name = Words(required=True, most=80)
    scopes = fields.List(
        Choice(Scope),
        required=True,
        validate=[_at_least_one, Length(max=len(Scope))],
        error_messages={"required": N_("Please choose at least one.")},
    )
    current_password = Password(required=True)

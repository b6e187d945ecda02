"""What participants say of themselves, and what owners decide."""

from typing import Any

from marshmallow import ValidationError, fields, validate

from marketplace.config import LOCALES
from marketplace.fields import Choice, Email, Flag, Id, Message, OneOf, Words
from marketplace.participants.languages import SPOKEN
from marketplace.schemas import Schema
from models.participants import MembershipRole
from models.words import N_

NO_SUCH_CHOICE = N_("There is no such choice.")


class WordList(Words):
    """Several short words in one line, separated by commas."""

    default_error_messages = {
        "too_many": N_("Please name at most %(most)s."),
        "word_too_long": N_("Please keep each to at most %(most)s characters."),
    }

    def __init__(self, *, most_words: int = 12, most_each: int = 40, **kwargs: Any):
        self.most_words, self.most_each = most_words, most_each
        super().__init__(most=most_words * (most_each + 2), **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        words = list(dict.fromkeys(" ".join(part.split()) for part in text.split(",")))
        words = [word for word in words if word]
        if len(words) > self.most_words:
            raise ValidationError(Message(self.error_messages["too_many"], most=self.most_words))
        if any(len(word) > self.most_each for word in words):
            raise ValidationError(
                Message(self.error_messages["word_too_long"], most=self.most_each)
            )
        return words


class EditProfile(Schema):
    name = Words(required=True, most=80)
    about = Words(most=4_000, lines=True, load_default="")
    lang = Words(load_default="en", validate=OneOf(list(LOCALES)))
    languages = fields.List(
        Words(),
        load_default=list,
        validate=validate.ContainsOnly(SPOKEN, error=NO_SUCH_CHOICE),
    )
    skills = WordList(load_default=list)
    place = Words(most=120, load_default="")
    place_id = Id(load_default=None)
    is_trader = Flag(load_default=False)
    legal_name = Words(most=200, load_default="")
    address = Words(most=500, lines=True, load_default="")
    email = Email(most=254, load_default="")
    phone = Words(most=40, load_default="")
    register = Words(most=120, load_default="")
    vat_number = Words(most=40, load_default="")


class DescribePicture(Schema):
    alt = Words(most=200, load_default="")


class OpenOrganisation(Schema):
    name = Words(required=True, most=80, least=2)


class Invite(Schema):
    email = Email(required=True, most=254)
    role = Choice(MembershipRole, required=True)


class ChangeRole(Schema):
    role = Choice(MembershipRole, required=True)


class ActAs(Schema):
    participant = Id(required=True)

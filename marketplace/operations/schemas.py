"""What operators send."""

from marshmallow import Schema

from marketplace.config import LOCALES
from marketplace.fields import Choice, Flag, OneOf, Words
from models.operations import LegalKind


class Bounce(Schema):
    """A mail that came back: where it was meant to go, and what its postman said."""

    address = Words(required=True, most=254)
    why = Words(most=5_000, lines=True, load_default="")


class LegalForm(Schema):
    """A new version of a legal text; `preview` shows it before it holds."""

    kind = Choice(LegalKind, required=True)
    locale = Words(required=True, validate=OneOf(list(LOCALES)))
    body = Words(required=True, most=50_000, lines=True)
    preview = Flag(load_default=False)

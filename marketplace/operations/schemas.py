"""What operators send."""

from marketplace.config import LOCALES
from marketplace.fields import Choice, Email, Flag, OneOf, Words
from marketplace.schemas import Schema
from models.operations import LegalKind


class Bounce(Schema):
    """An address from which mail came back, and what came with it."""

    address = Email(required=True, most=254)
    why = Words(most=500, load_default="")


class LegalForm(Schema):
    """A new version of a legal text; `preview` shows it before it holds."""

    kind = Choice(LegalKind, required=True)
    locale = Words(required=True, validate=OneOf(list(LOCALES)))
    body = Words(required=True, most=50_000, lines=True)
    preview = Flag(load_default=False)

"""What operators send."""

from marketplace.config import LOCALES
from marketplace.fields import Choice, Count, Day, Decimals, Email, Flag, OneOf, Words
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


class Finding(Schema):
    """What an operator found out about a difference."""

    words = Words(required=True, most=2_000, lines=True)


class FeesForm(Schema):
    """What is kept of card payments; shares in percent, read as basis points."""

    fee = Decimals(places=2, most=5_000, required=True)
    reserve = Decimals(places=2, most=10_000, required=True)
    reserve_days = Count(most=180, required=True)
    from_day = Day(required=True)

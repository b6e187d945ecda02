"""What programs of those who organise send, beyond what a draft says."""

from typing import Any

from marshmallow import ValidationError, fields, validates_schema

from marketplace.buying.descriptions import ArticleIn
from marketplace.buying.schemas import MOST_LINES, CommitmentIn, LineIn
from marketplace.fields import Amount, Choice, Count, Email, Flag, Id, Length, Moment, Words
from marketplace.schemas import Schema
from models.buying import ShortfallRule, WithdrawalPolicy
from models.rules import Sharing
from models.weights import MOST_GRAMS
from models.words import N_
from services.buying.drafting import MOST_ARTICLES


class CatalogueChoice(Schema):
    """Which articles of a catalogue: those named, those of a category, or (neither) all."""

    catalogue = Id(required=True)
    category = Words(most=200, load_default=None, allow_none=True)
    articles = fields.List(
        Id(), load_default=None, allow_none=True, validate=Length(min=1, max=MOST_ARTICLES)
    )


SEEN_TERMS = {
    "description": "The terms that were looked at: if others hold by now, nothing is changed."
}


class AmendedArticleIn(ArticleIn):
    """An article of an open group buy as it is to be from now on."""

    terms_number = Count(metadata=SEEN_TERMS)


class TermsChange(Schema):
    """What the terms of an open group buy say anew; what is left out stays."""

    terms_number = Count(metadata=SEEN_TERMS)
    closes_at = Moment()
    smallest_order = Amount()
    withdrawal_policy = Choice(WithdrawalPolicy)
    shortfall_rule = Choice(ShortfallRule)
    floor_basis_points = Count(most=10_000)
    by_card = Flag()
    at_pickup = Flag()
    ships = Flag()
    shipping_ceiling = Amount()
    freight_rule = Choice(Sharing)
    freight = Amount()
    freight_ceiling = Amount()
    share_rule = Choice(Sharing)
    share = Amount()
    share_ceiling = Amount()


class CoOrganiserIn(Schema):
    email = Email(required=True, most=254)


class NamedGuestIn(Schema):
    who = Words(
        required=True,
        most=254,
        metadata={"description": "An e-mail address, the name of a profile page, or a name."},
    )


class GuestOrderIn(Schema):
    """An order for someone without e-mail: a guest who is known, or the name of a new one."""

    guest = Id(load_default=None, allow_none=True)
    name = Words(most=80, load_default="")
    contact = Words(most=300, load_default="")
    pickup_point = Id(load_default=None, allow_none=True)
    shipping_address = Words(most=500, lines=True, load_default="")
    note = Words(most=500, lines=True, load_default="")
    lines = fields.List(
        fields.Nested(LineIn), required=True, validate=Length(min=1, max=MOST_LINES)
    )

    @validates_schema
    def be_for_someone(self, given: dict[str, Any], **_: Any) -> None:
        if given.get("guest") is None and not given.get("name"):
            raise ValidationError(N_("Please say for whom this is."), "name")


class GuestOrderChange(CommitmentIn):
    """A guest's order anew; whose it is stands already."""

    class Meta(CommitmentIn.Meta):
        exclude = ("payment_method", "may_wait", "terms_number")


class CountIn(Schema):
    article = Id(required=True)
    units = Count(required=True)


class DeliveryIn(Schema):
    articles = fields.List(
        fields.Nested(CountIn),
        required=True,
        validate=Length(min=1, max=MOST_ARTICLES),
        metadata={"description": "Each ordered article, with the units that came of it."},
    )


class PackedIn(Schema):
    packed = Flag(required=True)


class WeightIn(Schema):
    line = Id(required=True)
    grams = Count(least=1, most=MOST_GRAMS, required=True, allow_none=True)


class WeightsIn(Schema):
    weights = fields.List(
        fields.Nested(WeightIn), required=True, validate=Length(min=1, max=MOST_ARTICLES)
    )


class FinalIn(Schema):
    rest_as_ordered = Flag(
        load_default=False,
        metadata={"description": "What was not weighed counts at its nominal weight."},
    )

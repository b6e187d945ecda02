"""What is said of a group buy before it opens: its articles, pick-up points and rules."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from marshmallow import ValidationError, fields, validates_schema

from marketplace.config import LOCALES
from marketplace.fields import (
    Amount,
    Choice,
    Count,
    Email,
    Flag,
    Id,
    Length,
    Moment,
    OneOf,
    Range,
    Words,
)
from marketplace.schemas import Schema
from models.buying import Payee, ShortfallRule, WithdrawalPolicy
from models.collaborations import Category, Visibility
from models.revocations import Revocability
from models.rules import Rationing, Sharing
from models.weights import MOST_OVERWEIGHT
from models.words import N_
from services.buying.describing import (
    LONGEST_ADDRESS,
    LONGEST_DESCRIPTION,
    LONGEST_ORDER_NUMBER,
    MOST_PICKUPS,
    MOST_TIERS,
)
from services.buying.drafting import MOST_ARTICLES


class TierIn(Schema):
    from_units = Count(required=True, least=1)
    price = Amount(required=True)


class ArticleIn(Schema):
    name = Words(required=True)
    unit = Words(required=True, most=60)
    tiers = fields.List(
        fields.Nested(TierIn), required=True, validate=Length(min=1, max=MOST_TIERS)
    )
    order_number = Words(most=LONGEST_ORDER_NUMBER)
    second_line = Words()
    category = Words()
    minimum_units = Count(least=1)
    maximum_units = Count(least=1, allow_none=True)
    case_size = Count(least=1)
    vat_basis_points = Count(most=10_000)
    deposit = Amount()
    base_unit = Words(most=10)
    base_units_thousandths = Count(least=1, allow_none=True)
    overweight_basis_points = Count(
        most=MOST_OVERWEIGHT,
        allow_none=True,
        metadata={
            "description": "Only for goods by weight, whose prices are those of one unit of "
            "`base_units_thousandths` grams: so much more a unit may weigh and is charged for."
        },
    )
    origin = Words()
    quality = Words()
    maker = Words()
    food_information = Words(most=4_000, lines=True)
    ean = Words(most=20)
    revocability = Choice(
        Revocability,
        metadata={"description": "Whether consumers can withdraw from the contract on it."},
    )


class PickupPointIn(Schema):
    name = Words(required=True)
    address = Words(required=True, most=LONGEST_ADDRESS, lines=True)
    from_at = Moment(required=True)
    until_at = Moment(required=True)
    note = Words(most=500, lines=True)


def refuse_no_zone(name: str) -> None:
    # Six hundred names: too many to list in the document, as a choice would.
    if name not in available_timezones():
        raise ValidationError(N_("There is no such choice."))


class DescriptionIn(Schema):
    """What is said of a draft beside its articles and pick-up points."""

    opens_at = Moment(allow_none=True)
    extends_to_at = Moment(allow_none=True)
    summary = Words(most=300)
    description = Words(most=LONGEST_DESCRIPTION, lines=True, metadata={"description": "Markdown."})
    lang = fields.String(validate=OneOf(list(LOCALES)))
    category = Choice(Category)
    visibility = Choice(Visibility)
    circle = Id(
        allow_none=True,
        metadata={"description": "In which circle it is done, by one of its members."},
    )
    place_name = Words()
    latitude = fields.Float(allow_none=True, validate=Range(-90, 90))
    longitude = fields.Float(allow_none=True, validate=Range(-180, 180))
    time_zone = Words(
        validate=refuse_no_zone, metadata={"description": "Of the place, by its IANA name."}
    )
    supplier = Id(allow_none=True, metadata={"description": "A participant who is here."})
    supplier_name = Words()
    supplier_email = Email(most=254)
    rationing = Choice(Rationing)
    withdrawal_policy = Choice(WithdrawalPolicy)
    payee = Choice(Payee)
    shortfall_rule = Choice(ShortfallRule)
    floor_basis_points = Count(most=10_000)
    smallest_order = Amount()
    collecting_days = Count(most=7)
    by_card = Flag()
    at_pickup = Flag()
    freight_rule = Choice(Sharing)
    freight = Amount()
    freight_ceiling = Amount()
    share_rule = Choice(Sharing)
    share = Amount()
    share_ceiling = Amount()
    ships = Flag()
    shipping_ceiling = Amount(metadata={"description": "What it costs each one."})

    @validates_schema
    def be_whole(self, given: dict[str, Any], **_: Any) -> None:
        refuse_half_a_place(given)


class DescriptionChange(DescriptionIn):
    """What changes of a draft; what is left out stays as it is."""

    title = Words(most=120, least=3)
    closes_at = Moment()

    @validates_schema
    def change_the_whole_place(self, given: dict[str, Any], **_: Any) -> None:
        if ("latitude" in given) != ("longitude" in given):
            raise half_a_place()


class GroupBuyIn(DescriptionIn):
    """A draft; everything that is left out has the default that the page proposes."""

    title = Words(required=True, most=120, least=3)
    closes_at = Moment(required=True)
    currency = Words(most=16, metadata={"description": "Fixed once the draft is made."})
    articles = fields.List(
        fields.Nested(ArticleIn), load_default=list, validate=Length(max=MOST_ARTICLES)
    )
    pickup_points = fields.List(
        fields.Nested(PickupPointIn), load_default=list, validate=Length(max=MOST_PICKUPS)
    )


def refuse_half_a_place(given: Mapping[str, Any]) -> None:
    if (given.get("latitude") is None) != (given.get("longitude") is None):
        raise half_a_place()


def half_a_place() -> ValidationError:
    return ValidationError(N_("Please give latitude and longitude, or neither."), "latitude")

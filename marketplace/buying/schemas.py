"""What can be asked of group buys, by people and by programs."""

import re
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validates_schema
from marshmallow.validate import Range

from marketplace.api import PageQuery
from marketplace.config import LOCALES
from marketplace.fields import (
    LARGEST_COUNT,
    Amount,
    Choice,
    Count,
    Flag,
    Id,
    Length,
    Moment,
    OneOf,
    Words,
)
from marketplace.schemas import Schema
from models.buying import Payee, PaymentMethod, ShortfallRule, WithdrawalPolicy
from models.collaborations import Category, Visibility
from models.rules import Rationing, Sharing
from models.weights import MOST_OVERWEIGHT
from models.words import N_
from services import buying
from services.commitments import Which
from services.discovery import Status

LONGEST_TEXT = 20_000
MOST_LINES = 2_000
MOST_ARTICLES = 5_000
OFF_THE_MAP = N_("This is not on the map.")


class Delivery(Schema):
    """How an order is fetched and paid: the same words on a page and in the API."""

    payment_method = Choice(PaymentMethod, required=True)
    pickup_point = Id(load_default=None, allow_none=True)
    shipping_address = Words(most=500, lines=True, load_default="")
    note = Words(most=500, lines=True, load_default="")
    may_wait = Flag(
        load_default=False,
        metadata={"description": "Wait for units that others give up, if there is not enough."},
    )


class OrderTerms(Delivery):
    """An order as a page sends it; the units come in fields named after their articles."""


class OrderedLine(fields.Field[buying.Wanted]):
    """A line as it was shown above the button that binds: article, units, tolerance, price."""

    default_error_messages = {"invalid": N_("Please look at your order again.")}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> buying.Wanted:
        if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,18}(:[0-9]{1,12}){3}", value):
            raise self.make_error("invalid")
        article_id, units, tolerance, highest_price_minor = map(int, value.split(":"))
        if max(units, tolerance) > LARGEST_COUNT:
            raise self.make_error("invalid")
        return buying.Wanted(article_id, units, tolerance, highest_price_minor)


class Binding(Delivery):
    """What was shown above the button that binds, so that nobody is bound to anything else."""

    lines = fields.List(OrderedLine(), required=True, validate=Length(min=1, max=MOST_LINES))
    idempotency_key = Words(required=True, most=100)
    terms_number = Count(required=True)


class Reason(Schema):
    """Why, in one's own words, if one wants to say."""

    reason = Words(most=1_000, lines=True, load_default="")


class ArticleFilters(Schema):
    """What someone looks for in a long list of articles."""

    q = Words(most=100, load_default="")
    category = Words(most=200, load_default="")
    after = Words(most=400, load_default="")


class CommitmentFilters(Schema):
    which = Choice(Which, load_default=Which.UNDER_WAY)
    after = Words(most=400, load_default="")


class ArticleQuery(PageQuery):
    q = Words(most=100, load_default="", metadata={"description": "Words of the article."})
    category = Words(most=200, load_default="")


class GroupBuyQuery(PageQuery):
    q = Words(most=100, load_default="", metadata={"description": "Words to search for."})
    category = Choice(Category, load_default=None)
    status = Choice(Status, load_default=Status.OPEN)
    latitude = fields.Float(
        load_default=None,
        validate=Range(-90, 90, error=OFF_THE_MAP),
        metadata={"description": "Only deals near this place, the nearest first."},
    )
    longitude = fields.Float(load_default=None, validate=Range(-180, 180, error=OFF_THE_MAP))
    within_km = Count(least=1, most=500, load_default=25)

    @validates_schema
    def be_whole(self, given: dict[str, Any], **_: Any) -> None:
        refuse_half_a_place(given)


class CommitmentQuery(PageQuery):
    which = Choice(Which, load_default=Which.ALL)


class LineIn(Schema):
    article = Id(required=True)
    units = Count(required=True, least=1)
    tolerance = Count(load_default=0)
    highest_price = Amount(
        load_default=None,
        allow_none=True,
        metadata={"description": "Gross per unit. Left out: whatever the article costs at most."},
    )


class CommitmentIn(Delivery):
    lines = fields.List(
        fields.Nested(LineIn), required=True, validate=Length(min=1, max=MOST_LINES)
    )


class CancellationIn(Schema):
    reason = Words(required=True, most=1_000, lines=True, metadata={"description": "Public."})


class TierIn(Schema):
    from_units = Count(required=True, least=1)
    price = Amount(required=True)


class ArticleIn(Schema):
    name = Words(required=True)
    unit = Words(required=True, most=60)
    tiers = fields.List(fields.Nested(TierIn), required=True, validate=Length(min=1, max=6))
    order_number = Words(most=60)
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


class PickupPointIn(Schema):
    name = Words(required=True)
    address = Words(required=True, most=500)
    from_at = Moment(required=True)
    until_at = Moment(required=True)
    note = Words(most=500, lines=True)


class Nothing(Schema):
    """An empty object: the address says it all."""


class GroupBuyIn(Schema):
    """A draft; everything that is left out has the default that the page proposes."""

    title = Words(required=True, most=120, least=3)
    closes_at = Moment(required=True)
    opens_at = Moment(allow_none=True)
    extends_to_at = Moment(allow_none=True)
    summary = Words(most=300)
    description = Words(most=LONGEST_TEXT, lines=True, metadata={"description": "Markdown."})
    lang = fields.String(validate=OneOf(list(LOCALES)))
    category = Choice(Category)
    visibility = Choice(Visibility)
    place_name = Words()
    latitude = fields.Float(allow_none=True, validate=Range(-90, 90, error=OFF_THE_MAP))
    longitude = fields.Float(allow_none=True, validate=Range(-180, 180, error=OFF_THE_MAP))
    supplier = Id(allow_none=True, metadata={"description": "A participant who is here."})
    supplier_name = Words()
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
    shipping_ceiling = Amount()
    articles = fields.List(
        fields.Nested(ArticleIn), load_default=list, validate=Length(max=MOST_ARTICLES)
    )
    pickup_points = fields.List(
        fields.Nested(PickupPointIn), load_default=list, validate=Length(max=50)
    )

    @validates_schema
    def be_whole(self, given: dict[str, Any], **_: Any) -> None:
        refuse_half_a_place(given)


def refuse_half_a_place(given: Mapping[str, Any]) -> None:
    if (given.get("latitude") is None) != (given.get("longitude") is None):
        raise ValidationError(N_("Please give latitude and longitude, or neither."), "latitude")

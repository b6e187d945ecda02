"""What can be asked of group buys, by people and by programs."""

import re
from typing import Any

from marshmallow import fields, validates_schema

from marketplace.api import PageQuery
from marketplace.buying.descriptions import refuse_half_a_place
from marketplace.fields import (
    LARGEST_COUNT,
    Amount,
    Choice,
    Count,
    Flag,
    Id,
    Length,
    Range,
    Words,
)
from marketplace.schemas import Schema
from models.buying import PaymentMethod
from models.collaborations import Category
from models.words import N_
from services import buying
from services.commitments import Which
from services.discovery import Status

MOST_LINES = 2_000


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
    buyer = Count(load_default=None)
    version = Count(load_default=None)


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
        validate=Range(-90, 90),
        metadata={"description": "Only deals near this place, the nearest first."},
    )
    longitude = fields.Float(load_default=None, validate=Range(-180, 180))
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
    terms_number = Count(
        required=True,
        metadata={"description": "The version of the terms that whoever orders has seen."},
    )
    lines = fields.List(
        fields.Nested(LineIn), required=True, validate=Length(min=1, max=MOST_LINES)
    )


class CancellationIn(Schema):
    reason = Words(required=True, most=1_000, lines=True, metadata={"description": "Public."})


class Declining(Schema):
    """Why a supplier does not sell by the terms they were asked about."""

    reason = Words(required=True, most=1_000, lines=True)

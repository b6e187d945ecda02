"""What programs are told of goods: what is ordered, and what a delivery means."""

from typing import Any

from marshmallow import fields

from marketplace.fields import Count, Id, MoneyOut
from marketplace.schemas import Schema
from models.money import Money
from services.buying.delivering import Delivery
from services.buying.order_sheets import OrderLine


class OrderLineOut(Schema):
    article = Id(required=True)
    order_number = fields.String(required=True)
    name = fields.String(required=True)
    unit = fields.String(required=True)
    units = Count(required=True)
    cases = Count(required=True)
    loose_units = Count(required=True)
    price = MoneyOut(required=True)
    total = MoneyOut(required=True)
    deposit = MoneyOut(required=True)
    vat_basis_points = Count(required=True)
    vat = MoneyOut(required=True, metadata={"description": "The tax within the total."})
    expected_grams = Count(required=True, allow_none=True)


class LessOut(Schema):
    commitment = Id(required=True)
    article = Id(required=True)
    was_units = Count(required=True)
    units = Count(required=True)
    refund = MoneyOut(required=True)


class SurplusOut(Schema):
    article = Id(required=True)
    units = Count(required=True)


class DeliveryOut(Schema):
    """What a count of the delivery means: who gets less, who nothing, what is left over."""

    less = fields.List(fields.Nested(LessOut), required=True)
    left_out = fields.List(Id(), required=True)
    surplus = fields.List(fields.Nested(SurplusOut), required=True)


def shown_order_line(line: OrderLine, currency: str) -> dict[str, Any]:
    return {
        "article": line.article.id,
        "order_number": line.article.order_number,
        "name": line.article.name,
        "unit": line.article.unit,
        "units": line.units,
        "cases": line.cases,
        "loose_units": line.loose,
        "price": Money(line.price_minor, currency),
        "total": Money(line.total_minor, currency),
        "deposit": Money(line.deposit_minor, currency),
        "vat_basis_points": line.vat_basis_points,
        "vat": Money(line.vat_minor, currency),
        "expected_grams": line.expected_grams,
    }


def shown_delivery(meant: Delivery, currency: str) -> dict[str, Any]:
    return {
        "less": [
            {
                "commitment": one.commitment.id,
                "article": one.article.id,
                "was_units": one.was_units,
                "units": one.units,
                "refund": Money(one.refund_minor, currency),
            }
            for one in meant.less
        ],
        "left_out": sorted(meant.left_out),
        "surplus": [{"article": article.id, "units": more} for article, more in meant.surplus],
    }

"""What programs are told of group buys, articles and commitments."""

from typing import Any

from marshmallow import fields

from marketplace.fields import Choice, Count, Id, Moment, MoneyOut
from marketplace.schemas import Schema
from models.buying import (
    Article,
    GroupBuy,
    Payee,
    ShortfallRule,
    WithdrawalPolicy,
)
from models.collaborations import (
    Category,
    State,
    Visibility,
)
from models.money import Money
from models.revocations import Revocability
from models.rules import Rationing, Sharing
from services import buying


class GroupBuyOut(Schema):
    """A group buy as lists show it."""

    id = Id(required=True)
    slug = fields.String(required=True)
    title = fields.String(required=True)
    summary = fields.String(required=True)
    lang = fields.String(required=True)
    category = Choice(Category, required=True)
    state = Choice(State, required=True)
    stage = fields.String(required=True)
    is_paused = fields.Boolean(required=True)
    is_tipped = fields.Boolean(
        required=True, metadata={"description": "Whether it would happen if it closed now."}
    )
    visibility = Choice(Visibility, required=True)
    organiser_id = Id(required=True)
    place_name = fields.String(required=True)
    opens_at = Moment(required=True)
    closes_at = Moment(required=True)
    currency = fields.String(required=True)
    articles_count = Count(required=True)
    commitments_count = Count(required=True)
    progress_basis_points = Count(required=True)
    price_now = MoneyOut(
        required=True,
        allow_none=True,
        metadata={"description": "Of the only article; null where there are several."},
    )
    price_next = MoneyOut(required=True, allow_none=True)
    missing_units = Count(required=True, allow_none=True)
    version = Count(required=True)


class PickupPointOut(Schema):
    id = Id(required=True)
    name = fields.String(required=True)
    address = fields.String(required=True)
    note = fields.String(required=True)
    from_at = Moment(required=True)
    until_at = Moment(required=True)


class GroupBuyDetailOut(GroupBuyOut):
    """A group buy with everything that is promised in it."""

    description = fields.String(required=True, metadata={"description": "Markdown."})
    supplier_id = Id(required=True, allow_none=True)
    supplier_name = fields.String(required=True)
    terms_number = Count(required=True)
    rationing = Choice(Rationing, required=True)
    withdrawal_policy = Choice(WithdrawalPolicy, required=True)
    payee = Choice(Payee, required=True)
    shortfall_rule = Choice(ShortfallRule, required=True)
    floor_basis_points = Count(required=True)
    smallest_order = MoneyOut(required=True)
    standing_value = MoneyOut(
        required=True, metadata={"description": "Net, of what would be ordered now."}
    )
    collecting_days = Count(required=True)
    by_card = fields.Boolean(required=True)
    at_pickup = fields.Boolean(required=True)
    freight_rule = Choice(Sharing, required=True)
    freight_ceiling = MoneyOut(required=True)
    share_rule = Choice(Sharing, required=True)
    share_ceiling = MoneyOut(required=True)
    ships = fields.Boolean(required=True)
    shipping_ceiling = MoneyOut(
        required=True, metadata={"description": "What it costs each one who has the goods sent."}
    )
    extends_to_at = Moment(required=True, allow_none=True)
    decided_at = Moment(required=True, allow_none=True)
    series_id = Id(required=True, allow_none=True)
    round_number = Count(
        required=True, allow_none=True, metadata={"description": "Which round of its series."}
    )
    pickup_points = fields.List(fields.Nested(PickupPointOut), required=True)


class StepOut(Schema):
    from_units = Count(required=True)
    price = MoneyOut(required=True)
    missing_units = Count(
        required=True, allow_none=True, metadata={"description": "Null: out of reach."}
    )
    place = Choice(buying.Place, required=True)


class ArticleOut(Schema):
    id = Id(required=True)
    name = fields.String(required=True)
    second_line = fields.String(required=True)
    unit = fields.String(required=True)
    category = fields.String(required=True)
    order_number = fields.String(required=True)
    minimum_units = Count(required=True)
    maximum_units = Count(required=True, allow_none=True)
    case_size = Count(required=True)
    vat_basis_points = Count(required=True)
    deposit = MoneyOut(required=True)
    base_unit = fields.String(required=True)
    base_units_thousandths = Count(required=True, allow_none=True)
    overweight_basis_points = Count(
        required=True, allow_none=True, metadata={"description": "Only for goods by weight."}
    )
    origin = fields.String(required=True)
    quality = fields.String(required=True)
    maker = fields.String(required=True)
    food_information = fields.String(required=True)
    ean = fields.String(required=True)
    revocability = Choice(Revocability, required=True)
    active_units = Count(required=True)
    steps = fields.List(fields.Nested(StepOut), required=True)
    decided_units = Count(required=True, allow_none=True)
    decided_price = MoneyOut(required=True, allow_none=True)
    delivered_units = Count(required=True, allow_none=True)


def shown_group_buy(group_buy: GroupBuy) -> dict[str, Any]:
    """A group buy as both schemas dump it."""
    return {**columns_of(group_buy), **amounts_of(group_buy, group_buy.currency)}


def shown_detail(group_buy: GroupBuy) -> dict[str, Any]:
    return {**shown_group_buy(group_buy), "pickup_points": group_buy.pickup_points}


def shown_article(article: Article, currency: str) -> dict[str, Any]:
    steps = [
        {
            "from_units": step.from_units,
            "price": Money(step.price_minor, currency),
            "missing_units": step.missing_units,
            "place": step.place,
        }
        for step in buying.ladder(article).steps
    ]
    return {**columns_of(article), **amounts_of(article, currency), "steps": steps}


def columns_of(row: Any) -> dict[str, Any]:
    """What is read of a row, by name."""
    return {name: value for name, value in vars(row).items() if not name.startswith("_")}


def amounts_of(row: Any, currency: str) -> dict[str, Money | None]:
    """Amounts without their `_minor`, as money of one currency."""
    return {
        name.removesuffix("_minor"): None if value is None else Money(value, currency)
        for name, value in columns_of(row).items()
        if name.endswith("_minor")
    }

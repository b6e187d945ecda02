"""What programs are told of group buys, articles and commitments."""

from typing import Any

from marshmallow import fields

from marketplace.fields import Choice, Count, Id, Moment, MoneyOut
from marketplace.schemas import Schema
from models.buying import (
    Article,
    GroupBuy,
    GroupBuyCommitment,
    Payee,
    PaymentMethod,
    ShortfallRule,
    WithdrawalPolicy,
)
from models.collaborations import Category, CommitmentState, State, Visibility
from models.money import Money
from models.payments import PaymentState
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
    shipping_ceiling = MoneyOut(required=True)
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
    active_units = Count(required=True)
    steps = fields.List(fields.Nested(StepOut), required=True)
    decided_units = Count(required=True, allow_none=True)
    decided_price = MoneyOut(required=True, allow_none=True)
    delivered_units = Count(required=True, allow_none=True)


class LineOut(Schema):
    article = Id(required=True)
    units = Count(required=True)
    tolerance = Count(required=True)
    highest_price = MoneyOut(required=True)
    decided_units = Count(required=True, allow_none=True)
    price = MoneyOut(required=True, allow_none=True)
    delivered_units = Count(required=True, allow_none=True)
    weighed_grams = Count(
        required=True, allow_none=True, metadata={"description": "Only for goods by weight."}
    )


class PromiseOut(Schema):
    """A commitment as the list of one's own shows it."""

    id = Id(required=True)
    group_buy = Id(required=True)
    participant = Id(required=True)
    state = Choice(CommitmentState, required=True)
    out_reason = fields.String(required=True)
    terms_number = Count(required=True)
    worst_case = MoneyOut(required=True, metadata={"description": "The most it can cost."})
    due = MoneyOut(required=True, metadata={"description": "What it costs since the decision."})
    payment_state = Choice(PaymentState, required=True, allow_none=True)
    made_at = Moment(required=True)
    closes_at = Moment(required=True)


class CommitmentOut(PromiseOut):
    payment_method = Choice(PaymentMethod, required=True)
    pickup_point = Id(required=True, allow_none=True)
    shipping_address = fields.String(required=True)
    note = fields.String(required=True)
    usual_since_at = Moment(
        required=True, allow_none=True, metadata={"description": "Kept as the usual order."}
    )
    lines = fields.List(fields.Nested(LineOut), required=True)


def shown_group_buy(group_buy: GroupBuy) -> dict[str, Any]:
    """A group buy as both schemas dump it."""
    return {**_columns(group_buy), **_amounts(group_buy, group_buy.currency)}


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
    return {**_columns(article), **_amounts(article, currency), "steps": steps}


def shown_commitment(mine: buying.Mine, group_buy: GroupBuy) -> dict[str, Any]:
    commitment = mine.commitment
    lines = [
        {
            **_columns(line),
            **_amounts(line, group_buy.currency),
            "article": line.article_id,
        }
        for line in commitment.lines
    ]
    return {
        **shown_promise(commitment, group_buy.currency),
        "payment_state": mine.payment.state if mine.payment else None,
        "closes_at": group_buy.closes_at,
        "pickup_point": commitment.pickup_point_id,
        "lines": lines,
    }


def shown_promise(commitment: GroupBuyCommitment | Any, currency: str) -> dict[str, Any]:
    return {
        **_columns(commitment),
        **_amounts(commitment, currency),
        "group_buy": commitment.collaboration_id,
        "participant": commitment.participant_id,
    }


def _columns(row: Any) -> dict[str, Any]:
    """What is read of a row, by name."""
    return {name: value for name, value in vars(row).items() if not name.startswith("_")}


def _amounts(row: Any, currency: str) -> dict[str, Money | None]:
    """Amounts without their `_minor`, as money of one currency."""
    return {
        name.removesuffix("_minor"): None if value is None else Money(value, currency)
        for name, value in _columns(row).items()
        if name.endswith("_minor")
    }

"""What programs are told of commitments: one's own, as a list and each whole."""

from datetime import datetime
from typing import Any

from marshmallow import fields

from marketplace.buying.answers import amounts_of, columns_of
from marketplace.fields import Choice, Count, Id, Moment, MoneyOut
from marketplace.schemas import Schema
from models.buying import GroupBuy, PaymentMethod, PickupPoint
from models.collaborations import Collaboration, Commitment, CommitmentState
from models.payments import Payment, PaymentState
from services import buying


class LineOut(Schema):
    article = Id(required=True)
    units = Count(required=True)
    tolerance = Count(required=True)
    highest_price = MoneyOut(required=True)
    decided_units = Count(required=True, allow_none=True)
    price = MoneyOut(required=True, allow_none=True)
    vat_basis_points = Count(
        required=True,
        allow_none=True,
        metadata={"description": "The rate of the VAT in the price, as it was decided."},
    )
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
    pay_by_at = Moment(
        required=True,
        allow_none=True,
        metadata={"description": "By when to pay what is decided; null if nothing is to be paid."},
    )
    pickup_from_at = Moment(
        required=True, allow_none=True, metadata={"description": "Null if it is sent."}
    )
    pickup_until_at = Moment(required=True, allow_none=True)


class CommitmentOut(PromiseOut):
    payment_method = Choice(PaymentMethod, required=True)
    pickup_point = Id(required=True, allow_none=True)
    shipping_address = fields.String(required=True)
    note = fields.String(required=True)
    usual_since_at = Moment(
        required=True, allow_none=True, metadata={"description": "Kept as the usual order."}
    )
    lines = fields.List(fields.Nested(LineOut), required=True)


def shown_commitment(mine: buying.Mine, group_buy: GroupBuy) -> dict[str, Any]:
    commitment = mine.commitment
    lines = [
        {
            **columns_of(line),
            **amounts_of(line, group_buy.currency),
            "article": line.article_id,
        }
        for line in commitment.lines
    ]
    return {
        **shown_promise(
            commitment,
            group_buy,
            payment=mine.payment,
            pay_by_at=mine.pay_by_at(group_buy),
            pickup_point=commitment.pickup_point,
        ),
        "pickup_point": commitment.pickup_point_id,
        "lines": lines,
    }


def shown_promise(
    commitment: Commitment,
    collaboration: Collaboration,
    *,
    payment: Payment | None,
    pay_by_at: datetime | None,
    pickup_point: PickupPoint | None,
) -> dict[str, Any]:
    return {
        **columns_of(commitment),
        **amounts_of(commitment, collaboration.currency),
        "payment_state": payment.state if payment else None,
        "closes_at": collaboration.closes_at,
        "pay_by_at": pay_by_at,
        "pickup_from_at": pickup_point.from_at if pickup_point else None,
        "pickup_until_at": pickup_point.until_at if pickup_point else None,
        "group_buy": commitment.collaboration_id,
        "participant": commitment.participant_id,
    }

"""What programs are told of chargebacks."""

from typing import Any

from marshmallow import fields

from marketplace.fields import Choice, Id, Moment, MoneyOut
from marketplace.schemas import Schema
from models.chargebacks import Chargeback, ChargebackState
from models.money import Money
from services.chargebacks import Questioned


class ChargebackOut(Schema):
    """A charge that its payer's bank questions or has taken back."""

    id = Id(required=True)
    group_buy = Id(required=True)
    commitment = Id(required=True)
    state = Choice(ChargebackState, required=True)
    amount = MoneyOut(required=True)
    reason = fields.String(
        required=True, metadata={"description": "The bank's category, in the provider's words."}
    )
    answer_until_at = Moment(required=True, allow_none=True)
    answered_at = Moment(required=True, allow_none=True)
    opened_at = Moment(required=True)
    closed_at = Moment(required=True, allow_none=True)


def shown_chargeback(found: Questioned) -> dict[str, Any]:
    one: Chargeback = found.chargeback
    return {
        "id": one.id,
        "group_buy": found.group_buy.id,
        "commitment": found.commitment.id,
        "state": one.state,
        "amount": Money(one.amount_minor, one.currency),
        "reason": one.reason,
        "answer_until_at": one.answer_until_at,
        "answered_at": one.answered_at,
        "opened_at": one.opened_at,
        "closed_at": one.closed_at,
    }

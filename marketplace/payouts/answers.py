"""What programs are told of accounts for payouts and of what is sent to them."""

from typing import Any

from marshmallow import fields

from marketplace.fields import Choice, Count, Id, Moment, MoneyOut
from marketplace.schemas import Schema
from models.money import Money
from models.payouts import ConnectedAccount, WithheldFor
from services.payouts.reading import OfDeal, Withheld


class PayoutAccountOut(Schema):
    """The account for payouts of whom the token's owner acts as."""

    owner = Id(required=True)
    is_there = fields.Boolean(
        required=True, metadata={"description": "False until a person sets it up."}
    )
    country = fields.String(required=True)
    can_receive = fields.Boolean(
        required=True, metadata={"description": "Whether what is owed can be sent there."}
    )
    can_pay_out = fields.Boolean(
        required=True, metadata={"description": "Whether it can go on from there to a bank."}
    )
    needed = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "What the payment provider still wants to know, in its words."},
    )
    needed_by_at = Moment(required=True, allow_none=True)
    bank_last4 = fields.String(required=True)


class WithheldOut(Schema):
    """What of one group buy is not sent on yet, and why."""

    group_buy = Id(required=True)
    reason = Choice(WithheldFor, required=True)
    amount = MoneyOut(required=True)
    payments_count = Count(required=True)
    until_at = Moment(required=True, allow_none=True)


class OfGroupBuyOut(Schema):
    """What one group buy brought by card, and what became of it."""

    group_buy = Id(required=True)
    amount = MoneyOut(required=True, metadata={"description": "Without the fee."})
    fee = MoneyOut(required=True)
    sent = MoneyOut(required=True, metadata={"description": "Less what was taken back of it."})
    waiting = MoneyOut(required=True)
    set_off = MoneyOut(
        required=True, metadata={"description": "Kept for what had to be given back before."}
    )
    owed_back = MoneyOut(
        required=True, metadata={"description": "Of what is sent or set off, what is to come back."}
    )


def shown_account(owner_id: int, account: ConnectedAccount | None) -> dict[str, Any]:
    if account is None:
        missing = {"can_receive": False, "can_pay_out": False, "needed": [], "needed_by_at": None}
        return {"owner": owner_id, "is_there": False, "country": "", "bank_last4": "", **missing}
    return {
        "owner": owner_id,
        "is_there": True,
        "country": account.country,
        "can_receive": account.can_receive,
        "can_pay_out": account.can_pay_out,
        "needed": account.needed,
        "needed_by_at": account.needed_by_at,
        "bank_last4": account.bank_last4,
    }


def shown_withheld(one: Withheld) -> dict[str, Any]:
    return {
        "group_buy": one.collaboration.id,
        "reason": one.reason,
        "amount": Money(one.amount_minor, one.currency),
        "payments_count": one.count,
        "until_at": one.until_at,
    }


def shown_of_group_buy(one: OfDeal) -> dict[str, Any]:
    return {
        "group_buy": one.collaboration.id,
        "amount": Money(one.amount_minor, one.currency),
        "fee": Money(one.fee_minor, one.currency),
        "sent": Money(one.sent_minor, one.currency),
        "waiting": Money(one.waiting_minor, one.currency),
        "set_off": Money(one.set_off_minor, one.currency),
        "owed_back": Money(one.owed_back_minor, one.currency),
    }

"""What programs are told of accounts and of what moved on them."""

from typing import Any

from marshmallow import fields

from marketplace.fields import Id, Moment, MoneyOut
from marketplace.schemas import Schema
from models.ledger import Account, Entry
from models.money import Money


class AccountOut(Schema):
    """What the instance owes a participant in one currency; below zero, they owe it."""

    id = Id(required=True)
    owner = Id(required=True)
    currency = fields.String(required=True)
    balance = MoneyOut(required=True)
    held = MoneyOut(
        required=True, metadata={"description": "Set aside, until it is moved or given back."}
    )
    available = MoneyOut(required=True)
    opened_at = Moment(required=True)


class TransferOut(Schema):
    """What a transfer added to an account, or, below zero, took from it."""

    id = Id(required=True)
    amount = MoneyOut(required=True)
    reason = fields.String(
        required=True, metadata={"description": "Names why, whatever the language."}
    )
    group_buy = Id(required=True, allow_none=True)
    reverses = Id(
        required=True,
        allow_none=True,
        metadata={"description": "The transfer that was a mistake and is answered by this one."},
    )
    made_at = Moment(required=True)


def shown_account(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "owner": account.owner_id,
        "currency": account.currency,
        "balance": Money(account.balance_minor, account.currency),
        "held": Money(account.held_minor, account.currency),
        "available": Money(account.available_minor, account.currency),
        "opened_at": account.opened_at,
    }


def shown_transfer(entry: Entry) -> dict[str, Any]:
    return {
        "id": entry.transfer_id,
        "amount": Money(entry.amount_minor, entry.currency),
        "reason": entry.transfer.reason,
        "group_buy": entry.transfer.collaboration_id,
        "reverses": entry.transfer.reverses_id,
        "made_at": entry.transfer.made_at,
    }

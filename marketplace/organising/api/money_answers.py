"""What programs are told of money: the account for transfers, a statement, who owes what."""

from typing import Any

from marshmallow import fields

from marketplace.fields import Choice, Count, Id, MoneyOut
from marketplace.schemas import Schema
from models.buying import GroupBuyCommitment
from models.money import Money
from services.transfers import Fit, Preview, Statement


class BankAccountOut(Schema):
    """To whom members transfer what they owe."""

    holder = fields.String(required=True)
    iban = fields.String(required=True)
    bic = fields.String(required=True)
    due_days = Count(required=True)


class MatchOut(Schema):
    commitment = Id(required=True)
    group_buy_title = fields.String(required=True)
    name = fields.String(required=True)
    fit = Choice(Fit, required=True)
    amount = MoneyOut(required=True)
    owed = MoneyOut(required=True)


class StatementOut(Schema):
    """What a bank's statement would do. `seen` is sent back to book what is named of it."""

    seen = fields.String(required=True)
    matches = fields.List(fields.Nested(MatchOut), required=True)
    booked_before = Count(required=True)
    unmatched = Count(required=True)
    unreadable_lines = fields.List(Count(), required=True)


class BookedOut(Schema):
    received = Count(required=True)
    passed_over = Count(required=True)


class OwingOut(Schema):
    commitment = Id(required=True)
    name = fields.String(required=True)
    due = MoneyOut(required=True)


def shown_statement(statement: Statement, found: Preview, seen: str) -> dict[str, Any]:
    return {
        "seen": seen,
        "matches": [
            {
                "commitment": one.commitment_id,
                "group_buy_title": one.title,
                "name": one.name,
                "fit": one.fit,
                "amount": Money(one.amount_minor, one.currency),
                "owed": Money(one.owed_minor, one.currency),
            }
            for one in found.matches
        ],
        "booked_before": found.booked_before,
        "unmatched": len(found.unknown),
        "unreadable_lines": statement.unreadable,
    }


def shown_owing(one: GroupBuyCommitment, currency: str) -> dict[str, Any]:
    return {
        "commitment": one.id,
        "name": one.participant.name,
        "due": Money(one.due_minor, currency),
    }

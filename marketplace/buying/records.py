"""What a group buy leaves behind, for programs: terms, decisions with proof, accounts."""

from collections.abc import Sequence
from typing import Any

from marshmallow import fields

from marketplace import auth, db
from marketplace.api import Blueprint
from marketplace.fields import Count, Moment, MoneyOut
from marketplace.schemas import Schema
from models.base import Json
from models.buying import Clearing
from models.collaborations import Terms
from models.money import Money
from services import buying
from services.buying import agreeing

records = Blueprint(
    "records_api",
    __name__,
    path="/group-buys",
    about="What a group buy leaves behind: versions of its terms, proofs, accounts.",
)
ONE = "/<id:group_buy_id>"
_SUMS = (
    "due", "paid_by_card", "paid_in_cash", "paid_by_transfer", "freight", "share", "shipping",
    "paid_out", "outstanding", "to_pay_back",
)  # fmt: skip


class TermsOut(Schema):
    number = Count(required=True)
    sha256 = fields.String(required=True)
    made_at = Moment(required=True)


class TermsDetailOut(TermsOut):
    content = fields.Dict(
        required=True, metadata={"description": "All that was promised; amounts in minor units."}
    )


class ClearingOut(Schema):
    number = Count(required=True)
    why = fields.String(required=True)
    sha256 = fields.String(required=True, metadata={"description": "Of the proof."})
    cleared_at = Moment(required=True)


class ProofOut(ClearingOut):
    proof = fields.Dict(
        required=True, metadata={"description": "All that was given and decided, without names."}
    )


class BookingOut(Schema):
    made_at = Moment(required=True)
    reason = fields.String(required=True)
    amount = MoneyOut(required=True)
    count = Count(required=True)


class AccountsOut(Schema):
    due = MoneyOut(required=True)
    paid_by_card = MoneyOut(required=True)
    paid_in_cash = MoneyOut(required=True)
    paid_by_transfer = MoneyOut(required=True)
    freight = MoneyOut(required=True)
    share = MoneyOut(required=True)
    shipping = MoneyOut(required=True)
    paid_out = MoneyOut(required=True)
    outstanding = MoneyOut(required=True)
    to_pay_back = MoneyOut(required=True)
    bookings = fields.List(fields.Nested(BookingOut), required=True)


@records.get(f"{ONE}/terms")
@records.etag
@records.response(200, TermsOut(many=True))
def terms(group_buy_id: int) -> Sequence[Terms]:
    """List every version of the terms, the first one first."""
    session = db.session()
    group_buy = buying.find(session, group_buy_id, actor=auth.actor())
    return agreeing.versions(session, group_buy, whole=False)


@records.get(f"{ONE}/terms/<id:number>")
@records.etag
@records.response(200, TermsDetailOut)
def terms_version(group_buy_id: int, number: int) -> dict[str, Any]:
    """Show one version of the terms with all that it promises."""
    session = db.session()
    group_buy = buying.find(session, group_buy_id, actor=auth.actor())
    found = agreeing.version(session, group_buy, number)
    return {
        "number": found.number,
        "sha256": found.sha256,
        "made_at": found.made_at,
        "content": _public(found.content),
    }


@records.get(f"{ONE}/clearings")
@records.etag
@records.response(200, ClearingOut(many=True))
def clearings(group_buy_id: int) -> Sequence[Clearing]:
    """List what was decided: at the close, after failed charges, at the delivery."""
    session = db.session()
    return buying.clearings(session, buying.find(session, group_buy_id, actor=auth.actor()))


@records.get(f"{ONE}/clearings/<id:number>")
@records.etag
@records.response(200, ProofOut)
def proof(group_buy_id: int, number: int) -> Clearing:
    """Show one decision with its proof, which anyone can replay."""
    session = db.session()
    group_buy = buying.find(session, group_buy_id, actor=auth.actor())
    return buying.clearing(session, group_buy, number)


@records.get(f"{ONE}/accounts")
@records.etag
@records.response(200, AccountsOut)
def accounts(group_buy_id: int) -> dict[str, Any]:
    """Show the accounts, to everyone who takes part, sells or organises."""
    session, actor = db.session(), auth.actor()
    group_buy = buying.find(session, group_buy_id, actor=actor)
    buying.guard_accounts(session, group_buy, actor)
    found, currency = buying.accounts(session, group_buy), group_buy.currency
    return {
        **{name: Money(getattr(found, f"{name}_minor"), currency) for name in _SUMS},
        "bookings": [
            {
                "made_at": one.made_at,
                "reason": one.reason,
                "amount": Money(one.amount_minor, currency),
                "count": one.count,
            }
            for one in found.bookings
        ],
    }


def _public(content: Json) -> Json:
    """Terms without the address of a supplier who is not here: it was given for the order."""
    said = {**content["group_buy"]}
    said.pop("supplier_email", None)
    return {**content, "group_buy": said}

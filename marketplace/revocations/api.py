"""Withdrawing from a contract, and settling it, for programs."""

from typing import Any

from marshmallow import fields
from sqlalchemy.orm import Session

from marketplace import auth, db
from marketplace.api import Blueprint, idempotent, scope_required
from marketplace.fields import Id, Length, Moment, MoneyOut
from marketplace.revocations.schemas import Declaration
from marketplace.schemas import Nothing, Schema
from models.actors import Actor
from models.errors import NotFound
from models.members import Scope
from models.money import Money
from models.revocations import Revocation
from services import buying, revocations

endpoints = Blueprint(
    "revocations_api",
    __name__,
    path="/group-buys/<id:group_buy_id>",
    about="A consumer withdraws from a contract with a trader (Directive 2011/83).",
)
MINE = "/commitments/<id:commitment_id>/contract-withdrawal"


class DeclarationIn(Declaration):
    """What is declared. Sending it confirms it: a program shows it to its member before."""

    articles = fields.List(Id(), required=True, validate=Length(min=1, max=2_000))

    class Meta(Declaration.Meta):
        exclude = ("is_confirmed",)


class RevocationOut(Schema):
    id = Id(required=True)
    commitment = Id(required=True)
    name = fields.String(required=True)
    contact = fields.String(required=True)
    reason = fields.String(required=True)
    articles = fields.List(Id(), required=True)
    declared_at = Moment(required=True)
    refund_until_at = Moment(required=True)
    refunded_at = Moment(required=True, allow_none=True)


class ContractOut(Schema):
    """Whether one can withdraw, from what and until when; and what was declared."""

    seller = Id(required=True)
    articles = fields.List(Id(), required=True)
    until_at = Moment(
        required=True, allow_none=True, metadata={"description": "Null before the hand-over."}
    )
    is_open = fields.Boolean(required=True)
    revocation = fields.Nested(RevocationOut, required=True, allow_none=True)


class OpenOut(RevocationOut):
    amount = MoneyOut(required=True)
    is_due = fields.Boolean(
        required=True, metadata={"description": "False while the money is being collected."}
    )


@endpoints.get(MINE)
@scope_required(Scope.READ)
@endpoints.response(200, ContractOut)
def show(group_buy_id: int, commitment_id: int) -> dict[str, Any]:
    """Show from what of one's own order one can withdraw."""
    session, actor = db.session(), auth.signed_in_actor()
    found = _contract(session, group_buy_id, commitment_id, actor)
    return {
        "seller": found.seller.id,
        "articles": [one.id for one in found.articles],
        "until_at": found.until_at,
        "is_open": found.is_open(db.now(session)),
        "revocation": None if found.revocation is None else _shown(found.revocation),
    }


@endpoints.post(MINE)
@scope_required(Scope.BUYING)
@endpoints.arguments(DeclarationIn)
@idempotent
@endpoints.response(201, RevocationOut)
def declare(
    session: Session, given: dict[str, Any], group_buy_id: int, commitment_id: int
) -> dict[str, Any]:
    """Withdraw from the contract; a receipt goes out by mail."""
    actor, said = auth.signed_in_actor(), dict(given)
    _contract(session, group_buy_id, commitment_id, actor)
    made = revocations.declare(
        session,
        commitment_id,
        article_ids=said.pop("articles"),
        **said,
        actor=actor,
        now=db.now(session),
    )
    return _shown(made)


@endpoints.get("/contract-withdrawals")
@scope_required(Scope.ORGANISING)
@endpoints.response(200, OpenOut(many=True))
def at_desk(group_buy_id: int) -> list[dict[str, Any]]:
    """List the withdrawals that are not settled yet."""
    session = db.session()
    group_buy = buying.organised(session, group_buy_id, actor=auth.signed_in_actor())
    return [
        {
            **_shown(one.revocation),
            "amount": Money(one.amount_minor, group_buy.currency),
            "is_due": one.is_due,
        }
        for one in revocations.open_ones(session, group_buy)
    ]


@endpoints.post("/contract-withdrawals/<id:revocation_id>/refund")
@scope_required(Scope.ORGANISING)
@endpoints.arguments(Nothing)
@idempotent
@endpoints.response(204)
def refund(session: Session, _given: dict[str, Any], group_buy_id: int, revocation_id: int) -> None:
    """Give back what the contract cost, by the way it was paid."""
    actor = auth.signed_in_actor()
    group_buy = buying.organised(session, group_buy_id, actor=actor, lock=True)
    revocations.refund(session, group_buy, revocation_id, actor=actor, now=db.now(session))


def _contract(
    session: Session, group_buy_id: int, commitment_id: int, actor: Actor
) -> revocations.Contract:
    """The contract of this group buy; refuses with NotFound what belongs to another."""
    found = revocations.contract_of(session, commitment_id, actor=actor)
    if found.group_buy.id != group_buy_id:
        raise NotFound
    return found


def _shown(made: Revocation) -> dict[str, Any]:
    return {
        "id": made.id,
        "commitment": made.commitment_id,
        "name": made.name,
        "contact": made.contact,
        "reason": made.reason,
        "articles": made.article_ids,
        "declared_at": made.declared_at,
        "refund_until_at": made.refund_until_at,
        "refunded_at": made.refunded_at,
    }


ENDPOINTS = (endpoints,)

"""My usual order, for programs: filled in to be looked at; it binds nobody."""

from typing import Any

from marshmallow import fields

from marketplace import auth, db
from marketplace.api import Blueprint, scope_required
from marketplace.fields import Count, Id, MoneyOut
from marketplace.schemas import Schema
from models.errors import NotFound
from models.members import Scope
from models.money import Money
from services import buying

endpoints = Blueprint(
    "usual_orders_api",
    __name__,
    path="/group-buys/<id:group_buy_id>",
    about="What one orders every time, fitted to what is offered now.",
)
ONE = "/commitments/<id:commitment_id>/usual"


class UsualLineOut(Schema):
    """A line as a commitment takes it."""

    article = Id(required=True)
    units = Count(required=True)
    tolerance = Count(required=True)
    highest_price = MoneyOut(
        required=True, allow_none=True, metadata={"description": "Null: none was named."}
    )


class MissingOut(Schema):
    """An article that is gone, or sold in another unit."""

    name = fields.String(required=True)
    unit = fields.String(required=True)
    unit_now = fields.String(required=True, allow_none=True)


class RepricedOut(Schema):
    """An article that costs something else by now."""

    name = fields.String(required=True)
    before = MoneyOut(required=True)
    now = MoneyOut(required=True)


class UsualOrderOut(Schema):
    commitment = Id(required=True, metadata={"description": "Where it was ordered before."})
    group_buy = Id(required=True, metadata={"description": "Of that commitment."})
    is_kept = fields.Boolean(
        required=True, metadata={"description": "Else it is the last order, not one that was kept."}
    )
    lines = fields.List(fields.Nested(UsualLineOut), required=True)
    missing = fields.List(fields.Nested(MissingOut), required=True)
    repriced = fields.List(fields.Nested(RepricedOut), required=True)


@endpoints.get("/usual-order")
@scope_required(Scope.READ)
@endpoints.etag
@endpoints.response(200, UsualOrderOut)
def show(group_buy_id: int) -> dict[str, Any]:
    """Show the usual order of whom the token acts as, fitted to this group buy."""
    session, actor = db.session(), auth.signed_in_actor()
    group_buy = buying.find(session, group_buy_id, actor=actor)
    found = buying.usual(session, group_buy, actor.participant.id)
    if found is None:
        raise NotFound
    return _shown(buying.fill(session, group_buy, found), group_buy.currency)


@endpoints.put(ONE)
@scope_required(Scope.BUYING)
@endpoints.response(204)
def keep(group_buy_id: int, commitment_id: int) -> None:
    """Call this order the usual one, to be filled in the next time."""
    actor = auth.signed_in_actor()
    with db.transaction() as session:
        group_buy = buying.find(session, group_buy_id, actor=actor)
        commitment = buying.commitment(session, group_buy, commitment_id, actor=actor)
        buying.keep_as_usual(commitment, actor=actor, now=db.now(session))


@endpoints.delete(ONE)
@scope_required(Scope.BUYING)
@endpoints.response(204)
def forget(group_buy_id: int, commitment_id: int) -> None:
    """Call no order there the usual one any more."""
    actor = auth.signed_in_actor()
    with db.transaction() as session:
        group_buy = buying.find(session, group_buy_id, actor=actor)
        commitment = buying.commitment(session, group_buy, commitment_id, actor=actor)
        buying.forget_usual(session, group_buy, commitment, actor=actor)


def _shown(filled: buying.Filled, currency: str) -> dict[str, Any]:
    return {
        "commitment": filled.usual.commitment.id,
        "group_buy": filled.usual.deal.id,
        "is_kept": filled.usual.is_kept,
        "lines": [
            {
                "article": one.article_id,
                "units": one.units,
                "tolerance": one.tolerance,
                "highest_price": (
                    None
                    if one.highest_price_minor is None
                    else Money(one.highest_price_minor, currency)
                ),
            }
            for one in filled.wanted.values()
        ],
        "missing": filled.missing,
        "repriced": [
            {
                "name": one.name,
                "before": Money(one.before_minor, currency),
                "now": Money(one.now_minor, currency),
            }
            for one in filled.repriced
        ],
    }


ENDPOINTS = (endpoints,)

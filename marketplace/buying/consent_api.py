"""The supplier's answer, for programs: to sell by the terms of a draft that names them, or not."""

from typing import Any

from sqlalchemy.orm import Session

from marketplace import auth, db
from marketplace.api import Blueprint, idempotent, scope_required
from marketplace.buying.answers import GroupBuyDetailOut
from marketplace.buying.schemas import Declining
from marketplace.buying.whole import whole
from marketplace.schemas import Nothing
from models.members import Scope
from services import buying
from services.buying import consenting

answers = Blueprint(
    "supplier_answers_api",
    __name__,
    path="/group-buys/<id:group_buy_id>",
    about="What those who run the supplier say when a draft names them as the seller.",
)


@answers.post("/supplier-consent")
@scope_required(Scope.ORGANISING)
@answers.arguments(Nothing)
@idempotent
@answers.response(200, GroupBuyDetailOut)
def consent(session: Session, _given: dict[str, Any], group_buy_id: int) -> dict[str, Any]:
    """Agree to sell by these terms: it opens."""
    actor = auth.signed_in_actor()
    group_buy = buying.find(session, group_buy_id, actor=actor, lock=True)
    consenting.consent(session, group_buy, actor=actor, now=db.now(session))
    return whole(session, group_buy_id)


@answers.post("/supplier-refusal")
@scope_required(Scope.ORGANISING)
@answers.arguments(Declining)
@idempotent
@answers.response(204)
def decline(session: Session, given: dict[str, Any], group_buy_id: int) -> None:
    """Decline: it stays a draft, which is none of the supplier's any more."""
    actor = auth.signed_in_actor()
    group_buy = buying.find(session, group_buy_id, actor=actor, lock=True)
    consenting.decline(session, group_buy, **given, actor=actor, now=db.now(session))


ENDPOINTS = (answers,)

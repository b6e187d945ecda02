"""Being paid, for programs; an account is set up by a person, at the payment provider."""

from typing import Any

from marketplace import auth, db
from marketplace.api import Blueprint, PageQuery, answer_page, page_of, scope_required
from marketplace.payouts.answers import (
    OfGroupBuyOut,
    PayoutAccountOut,
    WithheldOut,
    shown_account,
    shown_of_group_buy,
    shown_withheld,
)
from models.members import Scope
from services import payouts

account = Blueprint(
    "payout_account_api",
    __name__,
    path="/payout-account",
    about="Where whom the token's owner acts as is sent what buyers paid by card.",
)


@account.get("")
@scope_required(Scope.READ)
@account.etag
@account.response(200, PayoutAccountOut)
def show() -> dict[str, Any]:
    """Show how the account for payouts stands, also while there is none."""
    owner_id = _own_id()
    return shown_account(owner_id, payouts.account_of(db.session(), owner_id))


@account.get("/withheld")
@scope_required(Scope.READ)
@account.etag
@account.response(200, WithheldOut(many=True))
def withheld() -> list[dict[str, Any]]:
    """List what is not sent on yet, by group buy and reason, the newest group buys first."""
    session = db.session()
    found = payouts.withheld_of(session, _own_id(), now=db.now(session))
    return [shown_withheld(one) for one in found]


@account.get("/group-buys")
@scope_required(Scope.READ)
@account.etag
@account.arguments(PageQuery, location="query")
@account.response(200, page_of(OfGroupBuyOut))
def group_buys(query: dict[str, Any]) -> dict[str, Any]:
    """List what each group buy brought by card and what became of it, the newest first."""
    page = payouts.by_deal(db.session(), _own_id(), after=query.get("after"), limit=query["limit"])
    return answer_page(page.map(shown_of_group_buy))


def _own_id() -> int:
    actor = auth.signed_in_actor()
    payouts.guard_payee(actor)
    return actor.participant.id


ENDPOINTS = (account,)

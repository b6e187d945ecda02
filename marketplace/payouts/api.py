"""Being paid, for programs; an account is set up by a person, at the payment provider."""

from typing import Any

from marketplace import auth, db
from marketplace.api import Blueprint, PageQuery, answer_page, page_of, scope_required
from marketplace.payouts.answers import (
    PayoutAccountOut,
    RemittanceOut,
    WithheldOut,
    shown_account,
    shown_remittance,
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
remittances = Blueprint(
    "remittances_api",
    __name__,
    path="/remittances",
    about="What group buys brought by card, sent on to whom the token's owner acts as.",
)


@account.get("")
@scope_required(Scope.READ)
@account.etag
@account.response(200, PayoutAccountOut(many=True))
def show() -> list[dict[str, Any]]:
    """Show the account for payouts; an empty list while there is none."""
    found = payouts.account_of(db.session(), _own_id())
    return [] if found is None else [shown_account(found)]


@account.get("/withheld")
@scope_required(Scope.READ)
@account.etag
@account.response(200, WithheldOut(many=True))
def withheld() -> list[dict[str, Any]]:
    """List what is not sent on yet, by group buy and reason, the newest group buys first."""
    session = db.session()
    found = payouts.withheld_of(session, _own_id(), now=db.now(session))
    return [shown_withheld(one) for one in found]


@remittances.get("")
@scope_required(Scope.READ)
@remittances.etag
@remittances.arguments(PageQuery, location="query")
@remittances.response(200, page_of(RemittanceOut))
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List what each group buy brought by card, the newest first."""
    page = payouts.by_deal(db.session(), _own_id(), after=query.get("after"), limit=query["limit"])
    return answer_page(page.map(shown_remittance))


def _own_id() -> int:
    actor = auth.signed_in_actor()
    payouts.guard_payee(actor)
    return actor.participant.id


ENDPOINTS = (account, remittances)

"""The books, for programs: they are read here, and moved by what happens in deals alone."""

from typing import Any

from marketplace import auth, db
from marketplace.api import Blueprint, PageQuery, answer_page, page_of, scope_required
from marketplace.ledger.schemas import AccountOut, TransferOut, shown_account, shown_transfer
from models.members import Scope
from services import ledger

accounts = Blueprint(
    "accounts_api",
    __name__,
    path="/accounts",
    about="Accounts of the member whose token is used and of organisations they manage.",
)


@accounts.get("")
@scope_required(Scope.READ)
@accounts.etag
@accounts.response(200, AccountOut(many=True))
def index() -> list[dict[str, Any]]:
    """List the accounts with their balances: one for each currency and owner."""
    found = ledger.accounts_of(db.session(), auth.signed_in_actor())
    return [shown_account(one) for one in found]


@accounts.get("/<id:account_id>/transfers")
@scope_required(Scope.READ)
@accounts.etag
@accounts.arguments(PageQuery, location="query")
@accounts.response(200, page_of(TransferOut))
def transfers(query: dict[str, Any], account_id: int) -> dict[str, Any]:
    """List what moved on an account, the newest first."""
    session = db.session()
    account = ledger.account(session, account_id, actor=auth.signed_in_actor())
    page = ledger.entries(session, account, after=query.get("after"), limit=query["limit"])
    return answer_page(page.map(shown_transfer))


ENDPOINTS = (accounts,)

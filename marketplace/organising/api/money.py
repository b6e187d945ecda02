"""Money: the account for transfers, the bank's statement, what is let off, closed accounts."""

from typing import Any

from sqlalchemy.orm import Session

from marketplace import auth, db
from marketplace.api import idempotent, scope_required
from marketplace.api.files import a_file, sent_file
from marketplace.buying.answers import GroupBuyDetailOut
from marketplace.buying.whole import whole
from marketplace.organising import statements
from marketplace.organising.api.blueprint import ONE, bp, organised
from marketplace.organising.api.money_answers import (
    BankAccountOut,
    BookedOut,
    OwingOut,
    StatementOut,
    shown_owing,
    shown_statement,
)
from marketplace.organising.schemas import Account, Receipts
from marketplace.schemas import Nothing
from models.errors import Invalid, NotFound
from models.members import Scope
from models.payments import BankAccount
from models.words import N_
from services import buying, transfers
from services.buying import settling

STATEMENTS = ("text/csv", "text/plain", "application/octet-stream")


@bp.get(f"{ONE}/bank-account")
@scope_required(Scope.ORGANISING)
@bp.response(200, BankAccountOut)
def account(group_buy_id: int) -> BankAccount:
    """Show the account that members can transfer to."""
    session = db.session()
    found = transfers.account_of(session, organised(session, group_buy_id).id)
    if found is None:
        raise NotFound
    return found


@bp.put(f"{ONE}/bank-account")
@scope_required(Scope.ORGANISING)
@bp.arguments(Account)
@bp.response(200, BankAccountOut)
def name_account(given: dict[str, Any], group_buy_id: int) -> BankAccount | None:
    """Name the account that members can transfer to; those who owe are told."""
    actor = auth.signed_in_actor()
    with db.transaction() as session:
        group_buy = organised(session, group_buy_id, lock=True)
        transfers.name_account(session, group_buy, **given, actor=actor, now=db.now(session))
        return transfers.account_of(session, group_buy.id)


@bp.delete(f"{ONE}/bank-account")
@scope_required(Scope.ORGANISING)
@bp.response(204)
def drop_account(group_buy_id: int) -> None:
    """Take no transfers any more."""
    with db.transaction() as session:
        group_buy = organised(session, group_buy_id, lock=True)
        transfers.drop_account(
            session, group_buy, actor=auth.signed_in_actor(), now=db.now(session)
        )


@bp.post(f"{ONE}/bank-statement")
@scope_required(Scope.ORGANISING)
@bp.doc(requestBody=a_file("A bank's statement as CSV, at most 2 MB.", *STATEMENTS))
@bp.response(200, StatementOut)
def look_at_statement(group_buy_id: int) -> dict[str, Any]:
    """Show what a statement would do, over all group buys of the organiser; nothing is kept."""
    session, actor = db.session(), auth.signed_in_actor()
    group_buy = organised(session, group_buy_id)
    statements.count_upload()
    statement = transfers.read(sent_file(STATEMENTS, transfers.MOST_BYTES))
    found = transfers.preview(session, group_buy, statement, actor=actor)
    seen = statements.signed(group_buy, found, actor)
    return shown_statement(statement, found, seen)


@bp.post(f"{ONE}/receipts")
@scope_required(Scope.ORGANISING)
@bp.arguments(Receipts)
@idempotent
@bp.response(200, BookedOut)
def receive(session: Session, given: dict[str, Any], group_buy_id: int) -> transfers.Booked:
    """Book what is named of a statement that was looked at; each line counts once."""
    actor, group_buy = auth.signed_in_actor(), organised(session, group_buy_id)
    taken = statements.taken(group_buy, given["seen"], given["take"], actor)
    if not taken:
        again = N_("Please upload the statement again, and tick what came.")
        raise Invalid(fields={"seen": again})
    return transfers.book(session, group_buy, taken, actor=actor, now=db.now(session))


@bp.get(f"{ONE}/owing")
@scope_required(Scope.ORGANISING)
@bp.response(200, OwingOut(many=True))
def owing(group_buy_id: int) -> list[dict[str, Any]]:
    """List whose orders are not paid yet."""
    session = db.session()
    group_buy = organised(session, group_buy_id)
    return [shown_owing(one, group_buy.currency) for one in settling.owing(session, group_buy)]


@bp.post(f"{ONE}/crates/<id:commitment_id>/waiver")
@scope_required(Scope.ORGANISING)
@bp.arguments(Nothing)
@idempotent
@bp.response(204)
def waive(session: Session, _given: dict[str, Any], group_buy_id: int, commitment_id: int) -> None:
    """Let someone off what they still owe, once all is completed."""
    actor, group_buy = auth.signed_in_actor(), organised(session, group_buy_id, lock=True)
    commitment = buying.commitment_in(session, group_buy, commitment_id, actor=actor)
    settling.waive(session, group_buy, commitment, actor=actor, now=db.now(session))


@bp.post(f"{ONE}/settlement")
@scope_required(Scope.ORGANISING)
@bp.arguments(Nothing)
@idempotent
@bp.response(200, GroupBuyDetailOut)
def settle(session: Session, _given: dict[str, Any], group_buy_id: int) -> dict[str, Any]:
    """Close the accounts: what the pot holds is the seller's."""
    group_buy = organised(session, group_buy_id, lock=True)
    buying.settle(session, group_buy, actor=auth.signed_in_actor(), now=db.now(session))
    return whole(session, group_buy_id)

"""Chargebacks, for programs: what a buyer's bank asks is read and answered."""

from typing import Any

from sqlalchemy.orm import Session

from marketplace import auth, db
from marketplace.api import Blueprint, idempotent, scope_required
from marketplace.chargebacks.answers import ChargebackOut, shown_chargeback
from marketplace.chargebacks.schemas import Answer
from marketplace.chargebacks.wording import for_bank
from marketplace.schemas import Nothing
from models.members import Scope
from services import chargebacks

endpoints = Blueprint(
    "chargebacks_api",
    __name__,
    path="/chargebacks",
    about="Charges that a buyer's bank questions; for those who organise or sell.",
)
ONE = "/<id:chargeback_id>"


@endpoints.get(ONE)
@scope_required(Scope.READ)
@endpoints.etag
@endpoints.response(200, ChargebackOut)
def show(chargeback_id: int) -> dict[str, Any]:
    """Show what a bank asks, and how it stands."""
    found = chargebacks.find(db.session(), chargeback_id, actor=auth.signed_in_actor())
    return shown_chargeback(found)


@endpoints.post(f"{ONE}/answer")
@scope_required(Scope.ORGANISING)
@endpoints.arguments(Answer)
@idempotent
@endpoints.response(200, ChargebackOut)
def answer(session: Session, given: dict[str, Any], chargeback_id: int) -> dict[str, Any]:
    """Tell the bank why the charge is right; it can be told once."""
    found = chargebacks.find(session, chargeback_id, actor=auth.signed_in_actor())
    return _told(session, chargeback_id, for_bank(found, given["words"]))


@endpoints.post(f"{ONE}/acceptance")
@scope_required(Scope.ORGANISING)
@endpoints.arguments(Nothing)
@idempotent
@endpoints.response(200, ChargebackOut)
def accept(session: Session, _given: dict[str, Any], chargeback_id: int) -> dict[str, Any]:
    """Say nothing against it: the buyer keeps the money."""
    return _told(session, chargeback_id, "")


def _told(session: Session, chargeback_id: int, words: str) -> dict[str, Any]:
    actor = auth.signed_in_actor()
    chargebacks.answer(session, chargeback_id, words, actor=actor, now=db.now(session))
    return shown_chargeback(chargebacks.find(session, chargeback_id, actor=actor))


ENDPOINTS = (endpoints,)

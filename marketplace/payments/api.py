"""Paying, for programs: a card itself is given by a person, on the page of the payment service."""

from collections.abc import Callable
from typing import Any

from flask import g
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.exceptions import Forbidden

from marketplace import auth, db
from marketplace.api import Blueprint, PageQuery, answer_page, idempotent, page_of, scope_required
from marketplace.buying.answers import GroupBuyDetailOut
from marketplace.buying.whole import whole
from marketplace.payments import cards, hosted
from marketplace.payments.answers import (
    CardOut,
    CheckoutOut,
    OwnPaymentOut,
    PaymentDetailOut,
    PaymentOut,
    RefundOut,
    ShortfallOut,
    shown_card,
    shown_own_payment,
    shown_payment,
    shown_refund,
    shown_shortfall,
    shown_standing,
)
from marketplace.payments.gateway import or_try_later
from marketplace.payments.schemas import Shortfall
from marketplace.payments.wording import consent
from marketplace.schemas import Nothing
from models.errors import NotFound
from models.members import Scope
from models.payments import Refund
from services import buying, payments, transfers
from services.buying import shortfalls

endpoints = Blueprint(
    "payments_api",
    __name__,
    path="/payments",
    about="The money for each commitment, named by the commitment's id.",
)
refunds = Blueprint("refunds_api", __name__, path="/refunds", about="Money that goes back.")
saved_cards = Blueprint(
    "saved_cards_api",
    __name__,
    path="/saved-cards",
    about="The cards that the one whose token is used has saved.",
)
asked = Blueprint(
    "shortfalls_api",
    __name__,
    path="/group-buys/<id:group_buy_id>/shortfall",
    about="Some did not pay: those who were asked say whether it goes on.",
)
ONE = "/<id:commitment_id>"


@endpoints.get("")
@scope_required(Scope.READ)
@endpoints.etag
@endpoints.arguments(PageQuery, location="query")
@endpoints.response(200, page_of(OwnPaymentOut))
def own(query: dict[str, Any]) -> dict[str, Any]:
    """List one's own payments and those of one's organisations, the newest first."""
    page = payments.of_actor(
        db.session(), auth.signed_in_actor(), after=query.get("after"), limit=query["limit"]
    )
    return answer_page(page.map(shown_own_payment))


@endpoints.get(ONE)
@scope_required(Scope.READ)
@endpoints.etag
@endpoints.response(200, PaymentDetailOut)
def show(commitment_id: int) -> dict[str, Any]:
    """Show how a payment of one's own stands, and what is to be done now."""
    session, actor = db.session(), auth.signed_in_actor()
    standing = payments.standing(session, commitment_id, actor=actor, now=db.now(session))
    return shown_standing(standing, transfers.transfer_of(session, standing.payment, standing.deal))


@endpoints.post(f"{ONE}/checkout")
@scope_required(Scope.BUYING)
@endpoints.arguments(Nothing)
@endpoints.response(200, CheckoutOut)
def check_out(_given: dict[str, Any], commitment_id: int) -> dict[str, Any]:
    """Open the page of the payment service, on which the payer agrees to `consent` and goes on.

    It takes no Idempotency-Key and is safe to repeat: while the page is open, and for the same
    amount, each repeat leads to it. Nothing is paid before somebody pays there.
    """
    return {"url": hosted.page_for(commitment_id, auth.signed_in_actor())}


@endpoints.post(f"{ONE}/saved-card")
@scope_required(Scope.BUYING)
@endpoints.arguments(Nothing)
@idempotent
@endpoints.response(200, PaymentOut)
def use_saved_card(session: Session, _given: dict[str, Any], commitment_id: int) -> dict[str, Any]:
    """Agree to `consent`, as the payment shows it, and let the saved card stand behind it."""
    actor, now = auth.signed_in_actor(), db.now(session)
    standing = payments.standing(session, commitment_id, actor=actor, now=now)
    payments.use_saved_card(session, commitment_id, consent=consent(standing), actor=actor, now=now)
    return _shown(session, commitment_id)


@endpoints.post(f"{ONE}/by-hand")
@scope_required(Scope.BUYING)
@endpoints.arguments(Nothing)
@idempotent
@endpoints.response(200, PaymentOut)
def pay_by_hand(session: Session, _given: dict[str, Any], commitment_id: int) -> dict[str, Any]:
    """Pay at pick-up instead what no card brought; for the payer and those who organise."""
    _guard_organising(session, commitment_id)
    return _acted(session, commitment_id, payments.pay_by_hand)


@endpoints.post(f"{ONE}/paid")
@scope_required(Scope.BUYING)
@endpoints.arguments(Nothing)
@idempotent
@endpoints.response(200, PaymentOut)
def confirm_paid(session: Session, _given: dict[str, Any], commitment_id: int) -> dict[str, Any]:
    """Say, as the payer, that what is owed was handed over."""
    return _acted(session, commitment_id, payments.confirm_paid)


@endpoints.post(f"{ONE}/received")
@scope_required(Scope.ORGANISING)
@endpoints.arguments(Nothing)
@idempotent
@endpoints.response(200, PaymentOut)
def confirm_received(
    session: Session, _given: dict[str, Any], commitment_id: int
) -> dict[str, Any]:
    """Say, as one who organises, that what is owed was received."""
    return _acted(session, commitment_id, payments.confirm_received)


@endpoints.post(f"{ONE}/denial")
@scope_required(Scope.ORGANISING)
@endpoints.arguments(Nothing)
@idempotent
@endpoints.response(200, PaymentOut)
def deny_paid(session: Session, _given: dict[str, Any], commitment_id: int) -> dict[str, Any]:
    """Say, as one who organises, that what the payer says was paid did not arrive.

    The payer can say once more that they have paid; after a second denial no longer.
    """
    return _acted(session, commitment_id, payments.deny_paid)


@endpoints.post(f"{ONE}/confirmation/withdrawal")
@scope_required(Scope.BUYING)
@endpoints.arguments(Nothing)
@idempotent
@endpoints.response(200, PaymentOut)
def take_back(session: Session, _given: dict[str, Any], commitment_id: int) -> dict[str, Any]:
    """Take one's own wrong confirmation back, while the other side has not confirmed."""
    _guard_organising(session, commitment_id)
    return _acted(session, commitment_id, payments.take_back)


@refunds.post("/<id:refund_id>/hand-over")
@scope_required(Scope.ORGANISING)
@refunds.arguments(Nothing)
@idempotent
@refunds.response(200, RefundOut)
def hand_back(session: Session, _given: dict[str, Any], refund_id: int) -> dict[str, Any]:
    """Say, as one who organises, that money was given back."""
    payments.hand_back(session, refund_id, actor=auth.signed_in_actor(), now=db.now(session))
    refund = session.get_one(Refund, refund_id)
    return shown_refund(refund, refund.payment.currency)


@saved_cards.get("")
@scope_required(Scope.READ)
@saved_cards.etag
@saved_cards.response(200, CardOut(many=True))
def list_cards() -> list[dict[str, Any]]:
    """List the saved cards, the newest first."""
    with or_try_later():
        found = cards.saved(auth.signed_in_actor().participant.id)
    return [shown_card(one) for one in found]


@saved_cards.delete("/<card_key>")
@scope_required(Scope.BUYING)
@saved_cards.response(204)
def remove_card(card_key: str) -> None:
    """Forget a saved card that stands behind no open payment."""
    with or_try_later():
        cards.forget(auth.signed_in_actor().participant.id, card_key)


@asked.get("")
@scope_required(Scope.READ)
@asked.etag
@asked.response(200, ShortfallOut)
def show_shortfall(group_buy_id: int) -> dict[str, Any]:
    """Show what is left, for those who decide: the supplier, and those who organise."""
    found = shortfalls.shortfall_of(db.session(), group_buy_id, actor=auth.signed_in_actor())
    return shown_shortfall(found)


@asked.post("/decision")
@scope_required(Scope.ORGANISING)
@asked.arguments(Shortfall)
@idempotent
@asked.response(200, GroupBuyDetailOut)
def decide_shortfall(session: Session, given: dict[str, Any], group_buy_id: int) -> dict[str, Any]:
    """Say whether it goes on with fewer than were declared."""
    actor = auth.signed_in_actor()
    group_buy = buying.find(session, group_buy_id, actor=actor, lock=True)
    shortfalls.decide(session, group_buy, **given, actor=actor, now=db.now(session))
    return whole(session, group_buy_id)


def _guard_organising(session: Session, commitment_id: int) -> None:
    """Demand the scope of those who organise of whoever does not act for the payer."""
    payment = payments.of_commitment(session, commitment_id)
    if payment is None or auth.signed_in_actor().may_act_for(payment.participant_id):
        return
    if Scope.ORGANISING not in current_user.token.scopes:
        g.missing_scope = Scope.ORGANISING
        raise Forbidden


def _acted(session: Session, commitment_id: int, act: Callable[..., None]) -> dict[str, Any]:
    act(session, commitment_id, actor=auth.signed_in_actor(), now=db.now(session))
    return _shown(session, commitment_id)


def _shown(session: Session, commitment_id: int) -> dict[str, Any]:
    payment = payments.of_commitment(session, commitment_id)
    if payment is None:
        raise NotFound
    return shown_payment(payment)


ENDPOINTS = (endpoints, refunds, saved_cards, asked)

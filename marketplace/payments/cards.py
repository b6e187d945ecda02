"""The cards a member has saved: kept by the gateway, listed and forgotten here."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.forms import Form
from marketplace.payments.gateway import gateway, or_try_later
from marketplace.payments.schemas import Nothing
from models.errors import NotFound, Refused
from services.gateways.answers import Card, UnknownToGateway
from services.payments import wallets

bp = Blueprint("cards", __name__, url_prefix="/settings/cards")


@bp.get("")
@member_required
def index() -> ResponseReturnValue:
    return page(Form(Nothing))


@bp.post("/<card_key>/removal")
@member_required
def remove(card_key: str) -> ResponseReturnValue:
    form = Form(Nothing)
    try:
        with or_try_later():
            forget(auth.signed_in_actor().participant.id, card_key)
    except NotFound:
        raise
    except Refused as refusal:
        status = form.refuse(refusal)
        return page(form), status
    flash(gettext("The card is removed."))
    return redirect(url_for(".index"), 303)


def page(form: Form) -> str:
    with or_try_later():
        cards = saved(auth.signed_in_actor().participant.id)
    return render_template("payments/cards.html", cards=cards, form=form)


def saved(participant_id: int) -> list[Card]:
    """The participant's cards, asked for when no transaction is open."""
    with db.transaction() as session:
        customer = wallets.customer_key(session, participant_id)
    try:
        return gateway().list_payment_methods(customer) if customer else []
    except UnknownToGateway:
        # A gateway that never saw this customer (other keys, a new simulator) has no card either.
        return []


def forget(participant_id: int, card_key: str) -> None:
    """Forget one of the participant's cards, here and at the gateway.

    Called outside of any transaction. Refuses with NotFound and CardInUse.
    """
    if card_key not in {card.id for card in saved(participant_id)}:
        raise NotFound
    with db.transaction() as session:
        wallets.forget_card(session, participant_id, card_key)
    gateway().detach(card_key, key=f"detach:{participant_id}:{card_key}")

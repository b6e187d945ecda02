"""Chargebacks, for people: what a buyer's bank asks, and what those who sold tell it."""

from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.chargebacks import wording
from marketplace.chargebacks.schemas import Answer
from marketplace.forms import Form
from marketplace.payments.schemas import Nothing
from services import chargebacks

bp = Blueprint("chargebacks", __name__, url_prefix="/chargebacks/<int:chargeback_id>")


@bp.get("")
@member_required
def show(chargeback_id: int) -> ResponseReturnValue:
    return page(chargeback_id, Form(Answer))


def page(chargeback_id: int, form: Form, **more: Any) -> str:
    session, actor = db.session(), auth.signed_in_actor()
    found = chargebacks.find(session, chargeback_id, actor=actor)
    g.time_zone = found.group_buy.time_zone
    label, tone, words = wording.STATES[found.chargeback.state]
    return render_template(
        "chargebacks/show.html",
        found=found,
        chargeback=found.chargeback,
        group_buy=found.group_buy,
        form=form,
        can_be_answered=found.chargeback.can_be_answered(db.now(session)),
        can_be_accepted=found.chargeback.can_be_accepted(db.now(session)),
        reason=wording.reason(found.chargeback.reason),
        label=label,
        tone=tone,
        words=words,
        told=wording.facts_for_bank(found),
        runs_it=found.group_buy.is_organised_by(actor),
        **{"asks_to_accept": False, **more},
    )


@bp.post("/answer")
@member_required
def answer(chargeback_id: int) -> ResponseReturnValue:
    """Tell the bank; the facts the house knows go with it."""
    form, actor = Form.sent(Answer), auth.signed_in_actor()
    with form.refusals(), form.transaction() as session:
        found = chargebacks.find(session, chargeback_id, actor=actor)
        g.time_zone = found.group_buy.time_zone
        words = wording.for_bank(found, form.fields["words"])
        chargebacks.answer(session, chargeback_id, words, actor=actor, now=db.now(session))
    if form.is_accepted:
        flash(gettext("Your answer goes to the bank. You will be told what it decides."))
        return redirect(url_for(".show", chargeback_id=chargeback_id), 303)
    return page(chargeback_id, form), form.status


@bp.get("/acceptance")
@member_required
def ask_to_accept(chargeback_id: int) -> ResponseReturnValue:
    """What cannot be undone is asked once more."""
    return page(chargeback_id, Form(Answer), asks_to_accept=True)


@bp.post("/acceptance")
@member_required
def accept(chargeback_id: int) -> ResponseReturnValue:
    form = Form(Nothing)
    with form.refusals(), form.transaction() as session:
        actor = auth.signed_in_actor()
        chargebacks.answer(session, chargeback_id, "", actor=actor, now=db.now(session))
    if form.is_accepted:
        flash(gettext("The bank is told that nothing is said against it."))
        return redirect(url_for(".show", chargeback_id=chargeback_id), 303)
    return page(chargeback_id, form), form.status

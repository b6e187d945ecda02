"""A forgotten password: the mailbox lets its owner in again."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import auth, db
from marketplace.forms import Form
from marketplace.members.blueprint import bp
from marketplace.members.schemas import AskForReset, Reset
from models.members import LinkNotValid
from services import members


@bp.get("/reset")
def forgotten() -> str:
    return render_template("members/forgotten.html", form=Form(AskForReset))


@bp.post("/reset")
def ask_for_reset() -> ResponseReturnValue:
    form = Form.sent(AskForReset)
    with form.refusals():
        with form.transaction() as session:
            email, address = form.fields["email"], request.remote_addr or ""
            members.count_reset(session, address=address, now=db.now(session))
        with form.transaction() as session:
            members.ask_for_reset(session, email)
    if form.is_accepted:
        return redirect(url_for("members.reset_sent"), 303)
    return render_template("members/forgotten.html", form=form), form.status


@bp.get("/reset/mailbox")
def reset_sent() -> str:
    return render_template("members/reset_sent.html")


@bp.get("/reset/<token>")
def new_password(token: str) -> str:
    session = db.session()
    members.find_reset(session, token, now=db.now(session))
    return render_template("members/reset.html", form=Form(Reset), token=token)


@bp.post("/reset/<token>")
def reset(token: str) -> ResponseReturnValue:
    form = Form.sent(Reset)
    with form.refusals(but=LinkNotValid), form.transaction() as session:
        members.reset(session, token, **form.fields, now=db.now(session))
    if form.is_accepted:
        auth.end_session()
        flash(gettext("Your new password is set. You are signed out everywhere else."))
        return redirect(url_for("members.sign_in"), 303)
    form.values.clear()
    return render_template("members/reset.html", form=form, token=token), form.status

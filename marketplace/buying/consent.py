"""The supplier's answer: to sell by the terms of a group buy that names them, or not."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.buying.blueprint import back, bp, locked, seen
from marketplace.buying.schemas import Declining
from marketplace.forms import Form
from services.buying import consenting


@bp.get("/group-buys/<slug>/supplier-consent")
@member_required
def ask_consent(slug: str) -> str:
    return _page(slug, Form(Declining))


@bp.post("/group-buys/<slug>/supplier-consent")
@member_required
def consent(slug: str) -> ResponseReturnValue:
    actor, form = auth.signed_in_actor(), Form(Declining)
    with form.refusals(), form.transaction() as session:
        consenting.consent(session, locked(session, slug), actor=actor, now=db.now(session))
    if form.is_accepted:
        flash(gettext("You sell by these terms. It is open."))
        return redirect(back(slug), 303)
    # What is missing can only be mended by those who organise: the page says what to tell them.
    return _page(slug, form), form.status


@bp.post("/group-buys/<slug>/supplier-refusal")
@member_required
def decline(slug: str) -> ResponseReturnValue:
    form, actor = Form.sent(Declining), auth.signed_in_actor()
    with form.refusals(), form.transaction() as session:
        group_buy, now = locked(session, slug), db.now(session)
        reason = form.fields["reason"]
        consenting.decline(session, group_buy, reason=reason, actor=actor, now=now)
    if form.is_accepted:
        flash(gettext("You declined. Those who organise it are told why."))
        return redirect(url_for("discovery.home"), 303)
    return _page(slug, form), form.status


def _page(slug: str, form: Form) -> str:
    group_buy = seen(db.session(), slug)
    if not consenting.may_answer(group_buy, auth.actor()):
        raise consenting.NotTheSupplier
    return render_template("buying/consent.html", group_buy=group_buy, form=form)

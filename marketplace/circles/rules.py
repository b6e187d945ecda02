"""The house rules of a circle: what holds, what held before, and agreeing to it."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import auth, context, db
from marketplace.auth import member_required
from marketplace.circles.blueprint import bp, run, seen
from marketplace.circles.schemas import Agreeing, HouseRulesIn
from marketplace.config import LOCALES
from marketplace.forms import Form
from marketplace.link_keys import link_key
from models.errors import NotFound
from models.lifecycle import NotInThisState
from services import circles


@bp.get("/circles/<slug>/rules")
def rules(slug: str) -> str:
    """The rules that hold, and with `?number=` those that held before."""
    session = db.session()
    visit = seen(session, slug)
    circle, asked = visit.circle, request.args.get("number", "")
    number = int(asked) if asked.isdecimal() and len(asked) < 8 else circle.rules_number
    return render_template(
        "circles/rules.html",
        visit=visit,
        circle=circle,
        key=link_key(),
        shown=circles.version(session, circle, number) if circle.rules_number else None,
        versions=circles.versions(session, circle),
        own=visit.standing.own,
    )


@bp.post("/circles/<slug>/rules/agreement")
@member_required
def agree(slug: str) -> ResponseReturnValue:
    form = Form.sent(Agreeing)
    if not form.is_valid:
        raise NotFound
    try:
        with db.transaction() as session:
            circles.agree(session, seen(session, slug, lock=True), form.fields["rules_number"])
    except NotInThisState:
        flash(gettext("The house rules have changed once more. Please read them again."), "warn")
    else:
        flash(gettext("Thank you. You have agreed to the house rules."))
    return redirect(url_for(".rules", slug=slug), 303)


@bp.get("/circles/<slug>/rules/new")
@member_required
def writing_rules(slug: str) -> str:
    session = db.session()
    circle = run(session, slug).circle
    before = circles.current(session, circle)
    shown = {
        "body": before.body if before else "",
        "lang": before.lang if before else context.choose_locale(),
    }
    return _page(slug, Form(HouseRulesIn, shown=shown))


@bp.post("/circles/<slug>/rules/new")
@member_required
def set_rules(slug: str) -> ResponseReturnValue:
    run(db.session(), slug)
    form, actor = Form.sent(HouseRulesIn), auth.signed_in_actor()
    with form.refusals(), form.transaction() as session:
        visit, now = run(session, slug, lock=True), db.now(session)
        body, lang = form.fields["body"], form.fields["lang"] or context.choose_locale()
        circles.set_rules(session, visit, body, lang=lang, actor=actor, now=now)
    if form.is_accepted:
        flash(gettext("These house rules hold now. Members are asked to agree."))
        return redirect(url_for(".rules", slug=slug), 303)
    return _page(slug, form), form.status


def _page(slug: str, form: Form) -> str:
    circle = run(db.session(), slug).circle
    locales = list(LOCALES.items())
    return render_template("circles/rules_form.html", circle=circle, form=form, locales=locales)

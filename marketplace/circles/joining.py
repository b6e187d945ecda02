"""Coming in and going; and, for stewards, who is let in, taken out, and given a role."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.circles import pages
from marketplace.circles.blueprint import bp, run, seen
from marketplace.circles.schemas import Appointing, CircleReason, Joining
from marketplace.circles.wording import ROLES
from marketplace.forms import Form
from models.errors import NotFound
from models.lifecycle import NotInThisState
from services import circles


@bp.post("/circles/<slug>/memberships")
@member_required
def join(slug: str) -> ResponseReturnValue:
    form, actor = Form.sent(Joining), auth.signed_in_actor()
    with form.refusals(but=NotFound), form.transaction() as session:
        visit = seen(session, slug, lock=True)
        made = circles.join(session, visit, **form.fields, actor=actor, now=db.now(session))
    if form.is_accepted:
        welcome = gettext("You belong to it now. Say who you are, if you like.")
        asked = gettext("You have asked. We tell you what the stewards answer.")
        flash(welcome if made.is_active else asked)
        # Who belongs to it needs no link any more.
        return redirect(url_for(".show", slug=slug), 303)
    return pages.shown(seen(db.session(), slug), form), form.status


@bp.get("/circles/<slug>/departure")
@member_required
def ask_leave(slug: str) -> str:
    visit = seen(db.session(), slug)
    return render_template("circles/leave.html", circle=visit.circle, own=visit.standing.own)


@bp.post("/circles/<slug>/departure")
@member_required
def leave(slug: str) -> ResponseReturnValue:
    actor = auth.signed_in_actor()
    with db.transaction() as session:
        visit = seen(session, slug, lock=True)
        circles.leave(session, visit, actor=actor, now=db.now(session))
    flash(gettext("You have left %(name)s.", name=visit.circle.name))
    return redirect(url_for(".mine"), 303)


@bp.get("/circles/<slug>/requests")
@member_required
def requests(slug: str) -> str:
    return _requests(slug)


@bp.post("/circles/<slug>/requests/<int:membership_id>/admission")
@member_required
def admit(slug: str, membership_id: int) -> ResponseReturnValue:
    name = _decide(slug, membership_id, circles.admit)
    if name:
        flash(gettext("%(name)s belongs to the circle now.", name=name))
    return redirect(url_for(".requests", slug=slug), 303)


@bp.post("/circles/<slug>/requests/<int:membership_id>/refusal")
@member_required
def decline(slug: str, membership_id: int) -> ResponseReturnValue:
    run(db.session(), slug)
    form = Form.sent(CircleReason)
    if not form.is_valid:
        return _requests(slug, form, membership_id), 422
    name = _decide(slug, membership_id, circles.decline, **form.fields)
    if name:
        flash(gettext("%(name)s is told that they are not let in.", name=name))
    return redirect(url_for(".requests", slug=slug), 303)


@bp.post("/circles/<slug>/members/<int:membership_id>/role")
@member_required
def appoint(slug: str, membership_id: int) -> ResponseReturnValue:
    form, actor = Form.sent(Appointing), auth.signed_in_actor()
    if not form.is_valid:
        raise NotFound
    with db.transaction() as session:
        visit = seen(session, slug, lock=True)
        role, now = form.fields["role"], db.now(session)
        member = circles.appoint(session, visit, membership_id, role, actor=actor, now=now)
    words = gettext(ROLES[role])
    flash(gettext("%(name)s: %(role)s.", name=member.participant.name, role=words))
    return redirect(url_for(".members", slug=slug), 303)


@bp.get("/circles/<slug>/members/<int:membership_id>/removal")
@member_required
def ask_remove(slug: str, membership_id: int) -> str:
    return _removal(slug, membership_id, Form(CircleReason))


@bp.post("/circles/<slug>/members/<int:membership_id>/removal")
@member_required
def remove(slug: str, membership_id: int) -> ResponseReturnValue:
    run(db.session(), slug)
    form, actor = Form.sent(CircleReason), auth.signed_in_actor()
    with form.refusals(but=NotFound), form.transaction() as session:
        visit, now = run(session, slug, lock=True), db.now(session)
        reason = form.fields["reason"]
        circles.remove(session, visit, membership_id, reason=reason, actor=actor, now=now)
    if form.is_accepted:
        flash(gettext("They do not belong to the circle any more, and are told why."))
        return redirect(url_for(".members", slug=slug), 303)
    return _removal(slug, membership_id, form), form.status


def _decide(slug: str, membership_id: int, act: Callable[..., Any], **said: Any) -> str | None:
    """Decide about somebody who asked; their name, or None if it was decided already."""
    actor = auth.signed_in_actor()
    try:
        with db.transaction() as session:
            visit, now = run(session, slug, lock=True), db.now(session)
            member = act(session, visit, membership_id, **said, actor=actor, now=now)
    except NotInThisState:
        flash(gettext("It was done already. This is how it stands."), "warn")
        return None
    return str(member.participant.name)


def _requests(slug: str, form: Form | None = None, refused_id: int | None = None) -> str:
    session = db.session()
    visit = run(session, slug)
    page = circles.asking(session, visit.circle, after=request.args.get("after"))
    return render_template(
        "circles/requests.html",
        circle=visit.circle,
        page=page,
        form=form,
        refused_id=refused_id,
    )


def _removal(slug: str, membership_id: int, form: Form) -> str:
    session = db.session()
    circle = run(session, slug).circle
    member = circles.membership(session, circle, membership_id)
    return render_template("circles/removal.html", circle=circle, member=member, form=form)

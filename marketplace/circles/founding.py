"""Founding a circle, changing what it is, ending it and letting it go on."""

from collections.abc import Callable
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import auth, context, db
from marketplace.auth import member_required
from marketplace.circles.blueprint import bp, run
from marketplace.circles.schemas import CircleIn
from marketplace.circles.wording import ADMISSIONS, KINDS, VISIBILITIES
from marketplace.config import LOCALES
from marketplace.discovery.views import named
from marketplace.forms import Form, Once
from marketplace.organising import typed
from models.circles import Circle
from models.lifecycle import NotInThisState
from services import circles, geography
from services.buying import revising
from services.circles import Description

# What most want: all can read it, all can come, and bring others.
USUAL = {"kind": "neighbourhood", "visibility": "public", "admission": "free"}


@bp.get("/circles/new")
@member_required
def new() -> str:
    actor = auth.signed_in_actor()
    shown = {
        **USUAL,
        "name": request.args.get("name", "")[:80],
        "members_invite": True,
        "place": actor.participant.place_name,
        "lang": context.choose_locale(),
    }
    return _page(Form(CircleIn, shown=shown))


@bp.post("/circles/new")
@member_required
def found() -> ResponseReturnValue:
    actor = auth.signed_in_actor()
    g.time_zone = revising.home_zone(db.session(), actor.participant)
    form = Form.sent(CircleIn)
    with form.refusals(), form.transaction() as session:
        once = Once(session)
        if once.led_to is None:
            said = described(form.fields, g.time_zone)
            made = circles.found(session, said, actor=actor, now=db.now(session))
            once.leads_to(url_for(".inviting", slug=made.slug))
    if form.is_accepted:
        flash(gettext("Your circle is there. Now bring others in."))
        return redirect(once.led_to or url_for(".mine"), 303)
    return _page(form), form.status


@bp.get("/circles/<slug>/settings")
@member_required
def changing(slug: str) -> str:
    circle = run(db.session(), slug).circle
    return _page(Form(CircleIn, shown=_stated(circle)), circle)


@bp.post("/circles/<slug>/settings")
@member_required
def change(slug: str) -> ResponseReturnValue:
    actor = auth.signed_in_actor()
    run(db.session(), slug)
    form = Form.sent(CircleIn)
    with form.refusals(), form.transaction() as session:
        visit = run(session, slug, lock=True)
        said = described(form.fields, visit.circle.time_zone)
        circles.edit(session, visit, said, actor=actor, now=db.now(session))
    if form.is_accepted:
        flash(gettext("The circle is changed."))
        return redirect(url_for(".show", slug=slug), 303)
    return _page(form, run(db.session(), slug).circle), form.status


@bp.get("/circles/<slug>/end")
@member_required
def ask_end(slug: str) -> str:
    """Nothing in an ended circle changes: say so first."""
    return render_template("circles/end.html", circle=run(db.session(), slug).circle)


@bp.post("/circles/<slug>/end")
@member_required
def archive(slug: str) -> ResponseReturnValue:
    return _steer(slug, circles.archive, gettext("The circle has ended. It can still be read."))


@bp.post("/circles/<slug>/reopening")
@member_required
def reopen(slug: str) -> ResponseReturnValue:
    return _steer(slug, circles.reopen, gettext("The circle goes on."))


def described(said: dict[str, Any], time_zone: str) -> Description:
    """What the schema has read; in the writer's language if they name none."""
    return Description(
        **{**said, "lang": said["lang"] or context.choose_locale()}, time_zone=time_zone
    )


def _steer(slug: str, act: Callable[..., None], done: str) -> ResponseReturnValue:
    actor = auth.signed_in_actor()
    try:
        with db.transaction() as session:
            act(session, run(session, slug, lock=True), actor=actor, now=db.now(session))
    except NotInThisState:
        flash(gettext("It was done already. This is how it stands."), "warn")
    else:
        flash(done)
    return redirect(url_for(".show", slug=slug), 303)


def _stated(circle: Circle) -> dict[str, Any]:
    said = ("name", "kind", "summary", "description", "lang", "visibility", "admission",
            "question", "members_invite")  # fmt: skip
    return {
        **{name: getattr(circle, name) for name in said},
        "place": circle.place_name,
        "ends_at": typed.moment(circle.ends_at),
    }


def _page(form: Form, circle: Circle | None = None) -> str:
    found = geography.offered(db.session(), form.values.get("place", "")[:120])
    is_asked = form.errors and (len(found) > 1 or "place" in form.errors)
    return render_template(
        "circles/settings.html",
        form=form,
        circle=circle,
        kinds=[(*one, "") for one in named(KINDS, list(KINDS))],
        visibilities=_explained(VISIBILITIES),
        admissions=_explained(ADMISSIONS),
        locales=list(LOCALES.items()),
        choices=[(str(one.id), one.label, "") for one in (found if is_asked else [])],
    )


def _explained(words: dict[Any, tuple[str, str]]) -> list[tuple[str, str, str]]:
    return [(str(one), gettext(title), gettext(more)) for one, (title, more) in words.items()]

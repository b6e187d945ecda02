"""Bringing others in: by one's own link, on a poster, or by name; and who brought whom."""

from io import BytesIO

import segno
from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.circles.blueprint import bp, read, seen
from marketplace.circles.schemas import Inviting
from marketplace.forms import Form
from marketplace.look_ups import count_look_up
from models.circles import NotInCircle, Standing
from models.errors import NotFound
from services import circles
from services.circles import Visit


@bp.get("/circles/<slug>/invitations")
@member_required
def inviting(slug: str) -> str:
    return _page(slug, Form(Inviting))


@bp.post("/circles/<slug>/invitations")
@member_required
def invite(slug: str) -> ResponseReturnValue:
    form, actor = Form.sent(Inviting), auth.signed_in_actor()
    read(db.session(), slug)
    with form.refusals(but=(NotFound, NotInCircle)):
        form.guard_filled_in()
        count_look_up()
        with db.transaction() as session:
            visit, now = read(session, slug, lock=True), db.now(session)
            made = circles.invite(session, visit, form.fields["who"], actor=actor, now=now)
            name, is_in = made.participant.name, made.is_active
    if form.is_accepted:
        came = gettext("%(name)s had asked, and belongs to the circle now.", name=name)
        flash(came if is_in else gettext("%(name)s is invited, and told.", name=name))
        return redirect(url_for(".inviting", slug=slug), 303)
    return _page(slug, form), form.status


@bp.post("/circles/<slug>/link")
@member_required
def draw_link(slug: str) -> ResponseReturnValue:
    with db.transaction() as session:
        circles.link_of(session, read(session, slug, lock=True))
    return redirect(url_for(".inviting", slug=slug), 303)


@bp.post("/circles/<slug>/link/renewal")
@member_required
def renew_link(slug: str) -> ResponseReturnValue:
    with db.transaction() as session:
        circles.renew_link(session, read(session, slug, lock=True))
    flash(gettext("You have another link. The one before opens nothing any more."))
    return redirect(url_for(".inviting", slug=slug), 303)


@bp.get("/circles/<slug>/poster")
@member_required
def poster(slug: str) -> str:
    """A sheet to hang up, with a code that leads to the circle."""
    visit = read(db.session(), slug)
    return render_template(
        "circles/poster.html", circle=visit.circle, address=_address(visit, external=True)
    )


@bp.get("/circles/<slug>/code.svg")
@member_required
def code(slug: str) -> Response:
    """The code of the poster: the link of whoever prints it, so that it counts for them."""
    visit = read(db.session(), slug)
    out = BytesIO()
    # Black on white in every theme: cameras read nothing else as well.
    segno.make(_address(visit, external=True), error="m").save(
        out, kind="svg", scale=8, border=4, dark="#000", light="#fff"
    )
    response = Response(out.getvalue(), mimetype="image/svg+xml")
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _address(visit: Visit, *, external: bool) -> str:
    """Their own link if they have one, else the page of a circle that others know of."""
    own = visit.standing.own
    if own is not None and own.link_key is not None:
        return url_for(".by_link", key=own.link_key, _external=external)
    if not visit.circle.is_known_to(Standing(None)):
        raise NotFound
    return url_for(".show", slug=visit.circle.slug, _external=external)


def _page(slug: str, form: Form) -> str:
    session = db.session()
    visit = seen(session, slug)
    own = visit.standing.own
    if own is None or not own.is_active:
        raise NotInCircle
    return render_template(
        "circles/inviting.html",
        visit=visit,
        circle=visit.circle,
        may_invite=visit.circle.may_be_invited_to_by(visit.standing),
        link=url_for(".by_link", key=own.link_key, _external=True) if own.link_key else None,
        brought=circles.brought_by(session, visit.circle, own),
        embedded=_embedding(visit),
        form=form,
    )


def _embedding(visit: Visit) -> str:
    """What somebody puts into a page of their own, for circles that everyone may know of."""
    if not visit.circle.is_known_to(Standing(None)):
        return ""
    slug, title = visit.circle.slug, visit.circle.name
    return render_template(
        "circles/embedding.html",
        widget_url=url_for("widgets.circle", slug=slug, _external=True),
        page_url=url_for(".show", slug=slug, _external=True),
        title=title,
    )

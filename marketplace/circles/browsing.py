"""Finding a circle, and one's own."""

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.circles.blueprint import bp
from marketplace.circles.schemas import Browsing
from marketplace.circles.wording import HOW_IN, KINDS, RANKING, ROLES, SHORT_VISIBILITIES
from marketplace.discovery.views import RADII_KM, named, place_of_form
from marketplace.forms import Form
from models.circles import CircleKind
from services import circles
from services.circles import CircleFilters

KNOWN = frozenset(Browsing().fields) - {"after"}


@bp.get("/circles")
def browse() -> ResponseReturnValue:
    """The circles that everyone may know of, by what someone looks for."""
    form = Form(Browsing, request.args)
    session, actor = db.session(), auth.actor()
    near = place_of_form(form)
    asked = form.fields
    filters = CircleFilters(
        words=asked.get("q", ""),
        near=near.point if near else None,
        within_km=asked.get("within", 25),
        kind=asked.get("kind"),
        after=asked.get("after"),
    )
    page = circles.browse(session, filters, actor=actor)
    first: dict[str, Any] = {name: value for name, value in request.args.items() if name in KNOWN}
    rendered = render_template(
        "circles/browse.html",
        form=form,
        filters=filters,
        place=near,
        page=page,
        ranking=RANKING[filters.order],
        kinds=KINDS,
        how_in=HOW_IN,
        kind_options=named(KINDS, list(CircleKind)),
        within_options=RADII_KM,
        own=circles.belonging_of(session, actor, limit=6) if actor and not asked.get("q") else [],
        roles=ROLES,
        is_narrowed=bool(filters.words or filters.kind or near),
        next_url=url_for(".browse", **{**first, "after": page.after}) if page.after else None,
        start_url=url_for(".browse", **first) if filters.after else None,
    )
    return rendered, 200 if form.is_valid else 422


@bp.get("/circles/mine")
@member_required
def mine() -> str:
    """The circles of whom one acts as, with those one asks or is asked to join."""
    found = circles.belonging_of(db.session(), auth.signed_in_actor(), limit=200)
    return render_template(
        "circles/mine.html",
        own=found,
        kinds=KINDS,
        roles=ROLES,
        visibilities=SHORT_VISIBILITIES,
    )

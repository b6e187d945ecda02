"""Pages about the instance itself, and how it is read: language, theme, print."""

from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask import session as cookie
from markupsafe import escape
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import NotFound

from marketplace import auth, db, forms
from marketplace.config import LOCALES
from marketplace.context import THEMES
from marketplace.drawing import avatar_svg, cover_svg
from marketplace.returning import came_from
from marketplace.site.example import Example
from marketplace.site.schemas import Parts
from services import circles, discovery

# What is personal, or leads to acts.
NOT_INDEXED = (
    "/api/v1/",
    "/commitments",
    "/confirm",
    "/demo",
    "/invitations",
    "/messages",
    "/moderation",
    "/notices",
    "/operator",
    "/organising",
    "/payments",
    "/refunds",
    "/report",
    "/reset",
    "/settings",
    "/sign-in",
    "/sign-up",
)

bp = Blueprint("site", __name__)


@bp.post("/preferences")
def preferences() -> Response:
    """Remember how this browser (and its member) wants to read."""
    chosen = request.form
    if chosen.get("locale") in LOCALES:
        cookie["locale"] = chosen["locale"]
    if chosen.get("theme") in THEMES:
        cookie["theme"] = chosen["theme"]
    if "large_print" in chosen:
        cookie["large_print"] = chosen["large_print"] == "on"
    cookie.permanent = True
    if auth.actor() is not None:
        with db.transaction():
            member = auth.signed_in_member()
            member.locale = cookie.get("locale", member.locale)
            member.theme = cookie.get("theme", member.theme)
            member.large_print = bool(cookie.get("large_print"))
    return redirect(came_from(), 303)  # type: ignore[return-value]


@bp.get("/covers/<kind>/<key>.svg")
def cover(kind: str, key: str) -> Response:
    return _drawing(cover_svg(kind, key, request.args.get("title", "")))


@bp.get("/avatars/<key>.svg")
def avatar(key: str) -> Response:
    return _drawing(avatar_svg(key, request.args.get("initials", "")[:3]))


def _drawing(svg: str) -> Response:
    response = Response(svg, mimetype="image/svg+xml")
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    return response


@bp.get("/how-it-works")
def how_it_works() -> str:
    return render_template(
        "site/how_it_works.html",
        example=Example(),
        browse_url=url_for("discovery.browse"),
        start_url=url_for("organising.new"),
    )


@bp.get("/styleguide")
def styleguide() -> str:
    """Every component on one page, for those who build; only in the demo."""
    if not current_app.config["SETTINGS"].is_demo:
        raise NotFound
    form = forms.Form(
        Parts, MultiDict({"wrong": "nobody at home", "name": "Ilse", "price": "12,50"})
    )
    return render_template("styleguide.html", form=form)


@bp.get("/robots.txt")
def robots() -> Response:
    """Public pages may be found; forms and personal pages are nobody's to index."""
    rules = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in NOT_INDEXED),
        f"Sitemap: {url_for('.sitemap', _external=True)}",
    ]
    return Response("\n".join(rules) + "\n", mimetype="text/plain")


@bp.get("/sitemap.xml")
def sitemap() -> Response:
    """Every page that strangers may read, for search engines (sitemaps.org)."""
    urls = [
        url_for("discovery.home", _external=True),
        url_for("discovery.browse", _external=True),
        url_for(".how_it_works", _external=True),
        *(
            url_for("buying.show", slug=slug, _external=True)
            for slug in discovery.all_public(db.session())
        ),
        url_for("circles.browse", _external=True),
        *(
            url_for("circles.show", slug=slug, _external=True)
            for slug in circles.all_public(db.session())
        ),
    ]
    lines = "".join(f"<url><loc>{escape(url)}</loc></url>\n" for url in urls)
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{lines}</urlset>\n'
    )
    return Response(body, mimetype="application/xml")


@bp.app_template_global()
def form_key() -> str:
    """A fresh key for a form that creates something, against double clicks."""
    return forms.form_key()

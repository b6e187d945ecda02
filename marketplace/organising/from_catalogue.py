"""Articles from a catalogue: the whole list, a category, or the ticked ones."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.catalogues.blueprint import over_since
from marketplace.forms import Form
from marketplace.organising.blueprint import bp, drafted, organised
from marketplace.organising.schemas import Ticked
from models.buying import GroupBuy
from models.catalogues import Catalogue, CatalogueVersion
from models.errors import NotFound
from services import catalogues


@bp.get("/group-buys/<slug>/draft/catalogues")
@member_required
def choose_catalogue(slug: str) -> str:
    session = db.session()
    group_buy = drafted(session, slug)
    page = catalogues.of_owner(
        session, actor=auth.signed_in_actor(), after=request.args.get("after")
    )
    return render_template("organising/catalogues.html", group_buy=group_buy, page=page)


@bp.get("/group-buys/<slug>/draft/catalogues/<int:catalogue_id>")
@member_required
def catalogue(slug: str, catalogue_id: int) -> str:
    return _page(drafted(db.session(), slug), catalogue_id, Form(Ticked))


@bp.post("/group-buys/<slug>/draft/catalogues/<int:catalogue_id>")
@member_required
def take_articles(slug: str, catalogue_id: int) -> ResponseReturnValue:
    form = Form.sent(Ticked)
    category = request.form.get("category", "")[:100] or None
    wanted = _choice(request.form.get("which", ""), form, category)
    if wanted is None:
        form.add_error("", gettext("Tick the articles you want to offer."))
    with form.refusals(), form.transaction() as session:
        group_buy = organised(session, slug, lock=True)
        _, version = _found(session, catalogue_id)
        added = catalogues.copy_into(session, group_buy, version, wanted)
    if form.is_accepted:
        flash(ngettext("%(num)s article is added.", "%(num)s articles are added.", added))
        return redirect(url_for("organising.articles", slug=slug), 303)
    return _page(organised(db.session(), slug), catalogue_id, form), form.status


def _choice(which: str, form: Form, category: str | None) -> catalogues.Choice | None:
    if which == "all":
        return catalogues.Choice()
    if which == "category" and category:
        return catalogues.Choice(category=category)
    ticked = form.fields.get("articles")
    return catalogues.Choice(ids=ticked) if ticked else None


def _found(session: Session, catalogue_id: int) -> tuple[Catalogue, CatalogueVersion]:
    found = catalogues.find(session, catalogue_id, actor=auth.signed_in_actor())
    version = catalogues.current(session, found)
    if version is None:
        raise NotFound
    return found, version


def _page(group_buy: GroupBuy, catalogue_id: int, form: Form) -> str:
    session = db.session()
    found, version = _found(session, catalogue_id)
    words = request.values.get("q", "")[:100]
    category = request.values.get("category", "")[:100]
    return render_template(
        "organising/catalogue.html",
        group_buy=group_buy,
        catalogue=found,
        version=version,
        over_since=over_since(version),
        form=form,
        words=words,
        category=category,
        categories=catalogues.categories(session, version),
        page=catalogues.articles(
            session,
            version,
            words=words,
            category=category or None,
            after=request.args.get("after"),
        ),
    )

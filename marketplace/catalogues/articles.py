"""Articles typed by hand: adding, changing and removing one."""

from decimal import Decimal
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import auth, db, filters
from marketplace.auth import member_required
from marketplace.catalogues.blueprint import bp, editable, locked, over_since
from marketplace.catalogues.schemas import TIERS, article_form, percent_text
from marketplace.forms import Form
from models.catalogues import ArticleReplaced, Catalogue, CatalogueArticle
from models.money import Money
from services import catalogues
from services.catalogues import TypedArticle

_TYPED_AS_THEY_ARE = (
    "name",
    "unit",
    "order_number",
    "second_line",
    "category",
    "case_size",
    "minimum_units",
    "maximum_units",
    "base_unit",
    "origin",
    "quality",
    "maker",
    "food_information",
    "note",
    "is_available",
)


@bp.get("/<id:catalogue_id>/articles/new")
@member_required
def new_article(catalogue_id: int) -> str:
    catalogue = editable(catalogue_id)
    rates = catalogues.proposed_vat_rates(db.session(), catalogue)
    shown = {
        "vat": percent_text(rates.reduced_basis_points),
        "case_size": 1,
        "minimum_units": 1,
        "is_available": True,
    }
    return _page(catalogue, Form(article_form(catalogue.currency), shown=shown))


@bp.post("/<id:catalogue_id>/articles")
@member_required
def add_article(catalogue_id: int) -> ResponseReturnValue:
    catalogue = editable(catalogue_id)
    form = Form.sent(article_form(catalogue.currency))
    with form.refusals(), form.transaction() as session:
        catalogues.add_article(
            session,
            locked(session, catalogue_id),
            _typed(form.fields),
            actor=auth.signed_in_actor(),
            now=db.now(session),
        )
    if form.is_accepted:
        flash(gettext("%(name)s is in the catalogue.", name=form.fields["name"]))
        return redirect(_after_adding(catalogue_id), 303)
    return _page(catalogue, form), form.status


@bp.get("/<id:catalogue_id>/articles/<id:article_id>")
@member_required
def edit_article(catalogue_id: int, article_id: int) -> str:
    catalogue = editable(catalogue_id)
    article = _current_article(catalogue, article_id)
    form = Form(article_form(catalogue.currency), shown=_shown(article, catalogue.currency))
    return _page(catalogue, form, article)


@bp.post("/<id:catalogue_id>/articles/<id:article_id>")
@member_required
def change_article(catalogue_id: int, article_id: int) -> ResponseReturnValue:
    catalogue = editable(catalogue_id)
    article = _current_article(catalogue, article_id)
    form = Form.sent(article_form(catalogue.currency))
    with form.refusals(), form.transaction() as session:
        catalogues.change_article(
            session,
            locked(session, catalogue_id),
            article_id,
            _typed(form.fields),
            actor=auth.signed_in_actor(),
            now=db.now(session),
        )
    if form.is_accepted:
        flash(gettext("Kept."))
        return redirect(url_for("catalogues.show", catalogue_id=catalogue_id), 303)
    return _page(catalogue, form, article), form.status


@bp.post("/<id:catalogue_id>/articles/<id:article_id>/removal")
@member_required
def remove_article(catalogue_id: int, article_id: int) -> ResponseReturnValue:
    with db.transaction() as session:
        catalogues.remove_article(
            session,
            locked(session, catalogue_id),
            article_id,
            actor=auth.signed_in_actor(),
            now=db.now(session),
        )
    flash(gettext("The article is out of the catalogue. Older lists still have it."))
    return redirect(url_for("catalogues.show", catalogue_id=catalogue_id), 303)


def _after_adding(catalogue_id: int) -> str:
    """Whoever types a list goes on with the next article."""
    endpoint = "catalogues.new_article" if "another" in request.form else "catalogues.show"
    return url_for(endpoint, catalogue_id=catalogue_id)


def _current_article(catalogue: Catalogue, article_id: int) -> CatalogueArticle:
    current = catalogues.current(db.session(), catalogue)
    article = catalogues.article(db.session(), current, article_id) if current else None
    if article is None:
        raise ArticleReplaced
    return article


def _typed(given: dict[str, Any]) -> TypedArticle:
    steps = [(given[f"tier_{step}_from"], given[f"tier_{step}_price"]) for step in TIERS]
    return TypedArticle(
        **{name: given[name] for name in _TYPED_AS_THEY_ARE},
        price_minor=given["price"].minor,
        vat_basis_points=given["vat"],
        # A step of which only one half was typed is refused there, as a step that saves nothing.
        more_tiers=[
            (units or 0, 0 if price is None else price.minor)
            for units, price in steps
            if units is not None or price is not None
        ],
        deposit_minor=given["deposit"].minor if given["deposit"] else 0,
        base_units_thousandths=given["content"] if given["base_unit"] else None,
        overweight_basis_points=given["overweight"] if given["by_weight"] else None,
    )


def _shown(article: CatalogueArticle, currency: str) -> dict[str, Any]:
    def amount(minor: int) -> str:
        return filters.money_json(Money(minor, currency))["amount"]

    content = article.base_units_thousandths
    shown = {name: getattr(article, name) for name in _TYPED_AS_THEY_ARE}
    shown |= {
        "price": amount(article.price_minor),
        "vat": percent_text(article.vat_basis_points),
        "deposit": amount(article.deposit_minor) if article.deposit_minor else "",
        "content": "" if content is None else format(Decimal(content) / 1000, "f"),
    }
    if article.overweight_basis_points is not None:
        shown |= {"by_weight": True, "overweight": percent_text(article.overweight_basis_points)}
    for step, (units, price) in enumerate(article.more_tiers, 1):
        shown |= {f"tier_{step}_from": units, f"tier_{step}_price": amount(price)}
    return {name: "" if value is None else value for name, value in shown.items()}


def _page(catalogue: Catalogue, form: Form, article: CatalogueArticle | None = None) -> str:
    return render_template(
        "catalogues/article.html",
        catalogue=catalogue,
        form=form,
        article=article,
        tiers=TIERS,
        over_since=over_since(catalogues.current(db.session(), catalogue)),
    )

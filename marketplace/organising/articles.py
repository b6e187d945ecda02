"""The second step: articles and their prices, by hand."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from sqlalchemy.orm import Session

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.forms import Form
from marketplace.organising import typed
from marketplace.organising.blueprint import bp, drafted, organised
from marketplace.organising.schemas import MORE_TIERS, Revocable, Ticked, article_schema, minor_of
from marketplace.uploads import picture_of_form
from models.buying import Article, GroupBuy
from models.errors import Invalid
from services import buying, pictures
from services.buying import listing, revising
from services.buying.describing import guard_article
from services.pictures import MOST_MEGABYTES

# So few articles are shown with their ladders.
FEW = 3
MOST_SEARCHED = 100
_PLAIN = (
    "name", "unit", "order_number", "second_line", "category", "minimum_units", "maximum_units",
    "case_size", "base_unit", "origin", "quality", "maker", "food_information", "ean",
    "revocability",
)  # fmt: skip


@bp.get("/group-buys/<slug>/draft/articles")
@member_required
def articles(slug: str) -> ResponseReturnValue:
    group_buy = drafted(db.session(), slug)
    if not group_buy.articles_count:
        return redirect(url_for("organising.new_article", slug=slug), 303)
    return _list(group_buy, Form(Ticked))


@bp.get("/group-buys/<slug>/draft/articles/new")
@member_required
def new_article(slug: str) -> str:
    group_buy = drafted(db.session(), slug)
    shown = {"minimum_units": "1", "case_size": "1", "vat_percent": "0"}
    return article_page(group_buy, Form(article_schema(group_buy.currency), shown=shown))


@bp.post("/group-buys/<slug>/draft/articles")
@member_required
def add_article(slug: str) -> ResponseReturnValue:
    return _save(slug, None)


@bp.get("/group-buys/<slug>/draft/articles/<int:article_id>")
@member_required
def article(slug: str, article_id: int) -> str:
    session = db.session()
    group_buy = drafted(session, slug)
    found = buying.shown_article(session, group_buy, article_id)
    form = Form(article_schema(group_buy.currency), shown=shown_article(found, group_buy.currency))
    return article_page(group_buy, form, found, buying.rungs_of(found))


@bp.post("/group-buys/<slug>/draft/articles/<int:article_id>")
@member_required
def change_article(slug: str, article_id: int) -> ResponseReturnValue:
    return _save(slug, article_id)


@bp.post("/group-buys/<slug>/draft/articles/removal")
@member_required
def remove_articles(slug: str) -> ResponseReturnValue:
    form = Form.sent(Ticked)
    if not form.is_valid or not form.fields["articles"]:
        form.add_error("", gettext("Tick the articles that should go."))
        return _list(organised(db.session(), slug), form), 422
    with db.transaction() as session:
        group_buy = organised(session, slug, lock=True)
        count = buying.remove_articles(session, group_buy, form.fields["articles"])
    flash(ngettext("%(num)s article is gone.", "%(num)s articles are gone.", count))
    return redirect(url_for("organising.articles", slug=slug), 303)


@bp.post("/group-buys/<slug>/draft/articles/revocability")
@member_required
def say_revocability(slug: str) -> ResponseReturnValue:
    """Say of every article that the search finds whether one can withdraw from the contract."""
    form = Form.sent(Revocable)
    if not form.is_valid:
        return _list(organised(db.session(), slug), form), 422
    said = form.fields
    words, category = said["q"][:MOST_SEARCHED], said["category"][:MOST_SEARCHED]
    with db.transaction() as session:
        group_buy = organised(session, slug, lock=True)
        count = revising.say_revocability(
            session, group_buy, said["revocability"], words=words, category=category
        )
    flash(ngettext("Said of %(num)s article.", "Said of %(num)s articles.", count))
    place = url_for("organising.articles", slug=slug, q=words or None, category=category or None)
    return redirect(place, 303)


def _save(slug: str, article_id: int | None) -> ResponseReturnValue:
    current = db.session()
    group_buy = organised(current, slug)
    if article_id is not None:
        buying.shown_article(current, group_buy, article_id)
    form = Form.sent(article_schema(group_buy.currency))
    with form.refusals():
        form.guard_filled_in()
        if form.fields["preview"]:
            guard_article(said_in(form))
            found = _found(current, group_buy, article_id)
            return article_page(group_buy, form, found, drawn_in(form))
        content = picture_of_form()
        with db.transaction() as session:
            _keep(session, slug, article_id, form, content)
    if form.is_accepted:
        flash(gettext("%(name)s is on the list.", name=form.fields["name"]))
        return redirect(url_for("organising.articles", slug=slug), 303)
    group_buy = organised(current, slug)
    return article_page(group_buy, form, _found(current, group_buy, article_id)), form.status


def _found(session: Session, group_buy: GroupBuy, article_id: int | None) -> Article | None:
    return None if article_id is None else buying.shown_article(session, group_buy, article_id)


def _keep(session: Session, slug: str, article_id: int | None, form: Form, content: bytes) -> None:
    group_buy = organised(session, slug, lock=True)
    picture_id = None
    if content:
        picture_id = pictures.keep(
            session,
            content,
            alt=form.fields["name"],
            actor=auth.signed_in_actor(),
            now=db.now(session),
        ).id
    given = said_in(form, picture_id)
    if article_id is None:
        buying.add_articles(session, group_buy, [given])
    else:
        revising.revise_article(
            session,
            group_buy,
            article_id,
            given,
            keeps_picture=not form.fields["remove_picture"],
        )


def said_in(form: Form, picture_id: int | None = None) -> buying.NewArticle:
    said = form.fields
    return buying.NewArticle(
        **{name: said[name] for name in _PLAIN},
        tiers=tiers_in(form),
        vat_basis_points=said["vat_percent"],
        deposit_minor=minor_of(said["deposit"]),
        base_units_thousandths=said["content"],
        overweight_basis_points=said["overweight"] if said["by_weight"] else None,
        picture_id=picture_id,
    )


def tiers_in(form: Form) -> list[tuple[int, int]]:
    said = form.fields
    steps = [
        (said[f"tier_{step}_from"], said[f"tier_{step}_price"].minor)
        for step in range(1, MORE_TIERS + 1)
        if said[f"tier_{step}_from"] is not None
    ]
    return [(1, said["price"].minor), *sorted(steps)]


def drawn_in(form: Form) -> list[tuple[int, int]]:
    """The ladder that members would see."""
    return buying.rungs(tiers_in(form), form.fields["minimum_units"] or 1)


def shown_article(found: Article, currency: str) -> dict[str, Any]:
    shown = {name: getattr(found, name) for name in _PLAIN}
    shown = {name: "" if value is None else str(value) for name, value in shown.items()}
    shown["price"] = typed.amount(found.tiers[0].price_minor, currency)
    for step, tier in enumerate(found.tiers[1:], start=1):
        shown[f"tier_{step}_from"] = str(tier.from_units)
        shown[f"tier_{step}_price"] = typed.amount(tier.price_minor, currency)
    shown["vat_percent"] = typed.hundredths(found.vat_basis_points)
    shown["deposit"] = typed.amount(found.deposit_minor or None, currency)
    shown["content"] = typed.thousandths(found.base_units_thousandths)
    if found.overweight_basis_points is not None:
        shown["by_weight"] = "true"
        shown["overweight"] = typed.hundredths(found.overweight_basis_points)
    return shown


def article_page(
    group_buy: GroupBuy,
    form: Form,
    found: Article | None = None,
    tiers: list[tuple[int, int]] | None = None,
    *,
    amends: bool = False,
) -> str:
    return render_template(
        "organising/article.html",
        group_buy=group_buy,
        form=form,
        article=found,
        tiers=tiers or [],
        more_tiers=MORE_TIERS,
        most_megabytes=MOST_MEGABYTES,
        amends=amends,
    )


def _list(group_buy: GroupBuy, form: Form) -> str:
    session = db.session()
    words, category = (
        request.values.get(name, "").replace("\0", "")[:MOST_SEARCHED] for name in ("q", "category")
    )
    try:
        page = listing.articles_page(
            session, group_buy, words=words, category=category, after=request.args.get("after")
        )
    except Invalid:
        page = listing.articles_page(session, group_buy, words=words, category=category)
    return render_template(
        "organising/articles.html",
        group_buy=group_buy,
        form=form,
        page=page,
        ladders=[
            (one, buying.rungs_of(one))
            for one in page.rows
            if group_buy.articles_count <= FEW and len(one.tiers) > 1
        ],
        words=words,
        category=category,
        categories=listing.categories(session, group_buy),
    )

"""Ordering from a long list: page after page into a basket, with or without JavaScript."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.buying.blueprint import bp, seen
from marketplace.buying.bodies import shown
from marketplace.buying.joining import own_commitment
from marketplace.buying.orders import article_ids, quantities_of, refuse, sent_quantities, typed
from marketplace.buying.schemas import ArticleFilters
from marketplace.forms import Form
from marketplace.schemas import Schema
from models.errors import Refused
from services import buying

# So many articles are easier to look through than to leaf through.
PAGE = 100


@bp.get("/group-buys/<slug>/articles")
def articles(slug: str) -> ResponseReturnValue:
    return _list_page(slug)


@bp.post("/group-buys/<slug>/basket")
@member_required
def gather(slug: str) -> ResponseReturnValue:
    """Keep the quantities of one page, and go on to where the button says."""
    session, actor = db.session(), auth.signed_in_actor()
    group_buy = seen(session, slug)
    form, ids = sent_quantities(group_buy), article_ids(request.form)
    status = 422
    if form.is_valid:
        try:
            with db.transaction():
                commitment = own_commitment(session, group_buy, actor)
                kept = buying.gathered(session, group_buy, actor.participant.id, commitment)
                buying.gather(
                    session,
                    group_buy,
                    quantities_of(form, ids, kept),
                    commitment,
                    actor=actor,
                    now=db.now(session),
                )
        except Refused as refusal:
            status = refuse(form, refusal, ids)
        else:
            return redirect(_onward(slug), 303)
    return _list_page(slug, form), status


@bp.post("/group-buys/<slug>/basket/emptying")
@member_required
def empty_basket(slug: str) -> ResponseReturnValue:
    """Begin anew; what was ordered with obligation to pay stays as it is."""
    with db.transaction() as session:
        group_buy = seen(session, slug)
        buying.empty(session, group_buy.id, auth.signed_in_actor().participant.id)
        has_ordered = own_commitment(session, group_buy, auth.signed_in_actor()) is not None
    if has_ordered:
        flash(gettext("Your changes are forgotten. What you ordered stays as it is."))
    else:
        flash(gettext("What you had gathered is forgotten."))
    return redirect(url_for("buying.articles", slug=slug), 303)


def _onward(slug: str) -> str:
    if "review" in request.form:
        return url_for("buying.order", slug=slug)
    filters = Form(ArticleFilters, request.form).fields
    kept = {name: filters[name] for name in ("q", "category") if filters.get(name)}
    goes_on = "onward" in request.form
    after = request.form.get("next") if goes_on else filters.get("after")
    other_words = filters.get("q", "") != request.form.get("sought", filters.get("q", ""))
    if "search" in request.form or other_words:
        after = None
    else:
        flash(gettext("Kept. Nothing is ordered yet."))
    return url_for("buying.articles", slug=slug, after=after or None, **kept)


def _as_it_was() -> MultiDict[str, str]:
    """By what the page was found that was sent: what is wrong stands there, whatever is sought."""
    sent = request.form
    return MultiDict(
        {
            "q": sent.get("sought", sent.get("q", "")),
            "category": sent.get("sought_category", sent.get("category", "")),
            "after": sent.get("after", ""),
        }
    )


def _list_page(slug: str, form: Form | None = None) -> str:
    session, actor = db.session(), auth.actor()
    group_buy = seen(session, slug)
    asked = Form(ArticleFilters, request.args if form is None else _as_it_was()).fields
    page = buying.articles_page(
        session,
        group_buy,
        words=asked.get("q", ""),
        category=asked.get("category", ""),
        after=asked.get("after"),
        limit=PAGE,
    )
    commitment = own_commitment(session, group_buy, actor) if actor is not None else None
    wanted = buying.gathered(session, group_buy, actor.participant.id, commitment) if actor else {}
    ordered = buying.articles(session, group_buy, wanted) if wanted else []
    here = {article.id for article in page.rows}
    elsewhere = {at: one for at, one in wanted.items() if at not in here}
    usual = None
    if actor is not None and commitment is None and not wanted:
        usual = buying.usual(session, group_buy, actor.participant.id)
    shown_form = Form(Schema, shown=typed(group_buy, wanted.values()))
    return render_template(
        "buying/articles.html",
        group_buy=group_buy,
        page=page,
        articles=[shown(one) for one in page.rows],
        categories=buying.categories(session, group_buy),
        filters=asked,
        wanted=wanted,
        ordered=ordered,
        at_most_minor=buying.goods_at_most(wanted, ordered),
        elsewhere_minor=buying.goods_at_most(elsewhere, ordered),
        ceilings_minor=group_buy.freight_ceiling_minor + group_buy.share_ceiling_minor,
        commitment=commitment,
        usual=usual,
        filled=None,
        form=form or shown_form,
        is_open=group_buy.is_open(db.now(session)),
    )

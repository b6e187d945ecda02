"""Changing the terms of an open group buy: its rules and costs, and each article.

What was entered is shown first: what changes, and how many orders then wait. A second button lets
it hold.
"""

from functools import cache
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.buying.terms import said
from marketplace.fields import Amount, Choice, Decimals, Flag, Moment
from marketplace.forms import Form
from marketplace.organising import typed
from marketplace.organising.articles import article_page, drawn_in, said_in, shown_article
from marketplace.organising.blueprint import bp, organised
from marketplace.organising.schemas import AMOUNTS, article_schema, minor_of
from marketplace.schemas import Schema
from models.buying import GroupBuy, ShortfallRule, WithdrawalPolicy
from models.errors import Invalid
from models.rules import Sharing
from services import buying
from services.buying import agreeing, amending, consenting, listing
from services.buying.amending import Amendment
from services.buying.collecting import DECISION_LIMIT
from services.buying.describing import guard_article
from services.buying.previewing import preview_amendment

# The review page sends the version it was shown with (let it hold) or this (change something).
TERMS_NUMBER = "terms_number"
EDIT = "edit"
NOT_TERMS = {"csrf_token", TERMS_NUMBER, EDIT}


class AmendedWords(Schema):
    """The rules that can change after the opening; `amendment_schema` adds the amounts."""

    closes_at = Moment(required=True)
    by_card = Flag(load_default=False)
    at_pickup = Flag(load_default=False)
    ships = Flag(load_default=False)
    withdrawal_policy = Choice(WithdrawalPolicy, required=True)
    shortfall_rule = Choice(ShortfallRule, required=True)
    floor_percent = Decimals(places=2, most=10_000, required=True)
    freight_rule = Choice(Sharing, load_default=Sharing.NONE)
    share_rule = Choice(Sharing, load_default=Sharing.NONE)


AMENDED_AMOUNTS = (*AMOUNTS, "shipping_ceiling")


@cache
def amendment_schema(currency: str) -> type[Schema]:
    amounts = {name: Amount(currency=currency, load_default=None) for name in AMENDED_AMOUNTS}
    return type("Amended", (AmendedWords,), amounts)


_FLAGS = ("by_card", "at_pickup", "ships")
_CHOICES = ("withdrawal_policy", "shortfall_rule", "freight_rule", "share_rule")


@bp.get("/group-buys/<slug>/desk/terms")
@member_required
def amending_terms(slug: str) -> str:
    group_buy = organised(db.session(), slug)
    currency = group_buy.currency
    shown: dict[str, Any] = {name: str(getattr(group_buy, name)) for name in _CHOICES}
    shown |= {name: "true" if getattr(group_buy, name) else "" for name in _FLAGS}
    shown |= {
        name: typed.amount(getattr(group_buy, f"{name}_minor") or None, currency)
        for name in AMENDED_AMOUNTS
    }
    shown["floor_percent"] = typed.hundredths(group_buy.floor_basis_points)
    shown["closes_at"] = typed.moment(group_buy.closes_at)
    return _page(group_buy, Form(amendment_schema(currency), shown=shown))


@bp.post("/group-buys/<slug>/desk/terms")
@member_required
def amend(slug: str) -> ResponseReturnValue:
    group_buy = organised(db.session(), slug)
    form = Form.sent(amendment_schema(group_buy.currency))
    if EDIT in request.form:
        return _page(group_buy, form)
    with form.refusals():
        form.guard_filled_in()
        answer = _amend_or_review(slug, Amendment(_changes(slug, form)))
    if form.is_accepted:
        return answer
    return _page(organised(db.session(), slug), form), form.status


@bp.get("/group-buys/<slug>/desk/terms/articles/<int:article_id>")
@member_required
def amending_article(slug: str, article_id: int) -> str:
    session = db.session()
    group_buy = organised(session, slug)
    found = buying.shown_article(session, group_buy, article_id)
    form = Form(article_schema(group_buy.currency), shown=shown_article(found, group_buy.currency))
    tiers = [(tier.from_units, tier.price_minor) for tier in found.tiers]
    return article_page(group_buy, form, found, tiers, amends=True)


@bp.post("/group-buys/<slug>/desk/terms/articles/<int:article_id>")
@member_required
def amend_article(slug: str, article_id: int) -> ResponseReturnValue:
    session = db.session()
    group_buy = organised(session, slug)
    found = buying.shown_article(session, group_buy, article_id)
    form = Form.sent(article_schema(group_buy.currency))
    if EDIT in request.form:
        return article_page(group_buy, form, found, amends=True)
    with form.refusals():
        form.guard_filled_in()
        given = said_in(form)
        if form.fields["preview"]:
            guard_article(given)
            return article_page(group_buy, form, found, drawn_in(form), amends=True)
        answer = _amend_or_review(slug, Amendment(articles={article_id: given}))
    if form.is_accepted:
        return answer
    session = db.session()
    group_buy = organised(session, slug)
    found = buying.shown_article(session, group_buy, article_id)
    return article_page(group_buy, form, found, [], amends=True), form.status


def _amend_or_review(slug: str, amendment: Amendment) -> ResponseReturnValue:
    """Let the new terms hold that were looked at, or show them to be looked at."""
    seen_number = request.form.get(TERMS_NUMBER, type=int)
    if seen_number is None:
        return _review(slug, amendment)
    with db.transaction() as session:
        group_buy = organised(session, slug, lock=True)
        buying.guard_terms(group_buy, seen_number)
        amending.amend(
            session, group_buy, amendment, actor=auth.signed_in_actor(), now=db.now(session)
        )
        asked_count = agreeing.asked(session, group_buy)
    return _done(slug, asked_count)


def _review(slug: str, amendment: Amendment) -> str:
    """What the new terms change and for whom they are worse; nothing of it is kept."""
    with db.trial() as session:
        group_buy = organised(session, slug, lock=True)
        preview = preview_amendment(
            session, group_buy, amendment, actor=auth.signed_in_actor(), now=db.now(session)
        )
        changes = said(preview.differences, group_buy.currency)
    sent = request.form.items(multi=True)
    return render_template(
        "organising/terms_review.html",
        group_buy=organised(session, slug),
        changes=changes,
        asked_count=preview.asked_count,
        sent=[(name, value) for name, value in sent if name not in NOT_TERMS],
    )


def _changes(slug: str, form: Form) -> dict[str, Any]:
    said = form.fields
    changes = {name: said[name] for name in (*_FLAGS, *_CHOICES)}
    changes |= {f"{name}_minor": minor_of(said[name]) for name in AMENDED_AMOUNTS}
    changes["floor_basis_points"] = said["floor_percent"]
    # A box shows minutes: what was not touched stays to the second.
    if form.values.get("closes_at") != typed.moment(organised(db.session(), slug).closes_at):
        changes["closes_at"] = said["closes_at"]
    return changes


def _done(slug: str, asked_count: int) -> ResponseReturnValue:
    flash(
        ngettext(
            "The new terms hold. %(num)s order waits until its member agrees.",
            "The new terms hold. %(num)s orders wait until their members agree.",
            asked_count,
        )
        if asked_count
        else gettext("The new terms hold for everyone.")
    )
    return redirect(url_for("organising.desk", slug=slug), 303)


def _page(group_buy: GroupBuy, form: Form) -> str:
    session = db.session()
    words = request.args.get("q", "")[:100]
    try:
        page = listing.articles_page(
            session, group_buy, words=words, after=request.args.get("after")
        )
    except Invalid:
        page = listing.articles_page(session, group_buy, words=words)
    return render_template(
        "organising/terms.html",
        group_buy=group_buy,
        form=form,
        page=page,
        words=words,
        is_agreed=consenting.needs_consent(group_buy, auth.signed_in_actor()),
        decision_days=DECISION_LIMIT.days,
    )

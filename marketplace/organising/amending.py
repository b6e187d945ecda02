"""Changing the terms of an open group buy: its rules and costs, and each article."""

from functools import cache
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.fields import Amount, Choice, Decimals, Flag, Moment
from marketplace.forms import Form
from marketplace.organising import typed
from marketplace.organising.articles import article_page, said_in, shown_article, tiers_in
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
    form = Form.sent(amendment_schema(organised(db.session(), slug).currency))
    with form.refusals():
        form.guard_filled_in()
        asked = _amend(slug, Amendment(_changes(slug, form)))
    if form.is_accepted:
        return _done(slug, asked)
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
    with form.refusals():
        form.guard_filled_in()
        given = said_in(form)
        if form.fields["preview"]:
            guard_article(given)
            return article_page(group_buy, form, found, tiers_in(form), amends=True)
        asked = _amend(slug, Amendment(articles={article_id: given}))
    if form.is_accepted:
        return _done(slug, asked)
    session = db.session()
    group_buy = organised(session, slug)
    found = buying.shown_article(session, group_buy, article_id)
    return article_page(group_buy, form, found, [], amends=True), form.status


def _amend(slug: str, amendment: Amendment) -> int:
    """Let the new terms hold; how many orders they leave waiting for consent."""
    with db.transaction() as session:
        group_buy = organised(session, slug, lock=True)
        amending.amend(
            session, group_buy, amendment, actor=auth.signed_in_actor(), now=db.now(session)
        )
        return agreeing.asked(session, group_buy)


def _changes(slug: str, form: Form) -> dict[str, Any]:
    said = form.fields
    changes = {name: said[name] for name in (*_FLAGS, *_CHOICES)}
    changes |= {f"{name}_minor": minor_of(said[name]) for name in AMENDED_AMOUNTS}
    changes["floor_basis_points"] = said["floor_percent"]
    # A box shows minutes: what was not touched stays to the second.
    if form.values.get("closes_at") != typed.moment(organised(db.session(), slug).closes_at):
        changes["closes_at"] = said["closes_at"]
    return changes


def _done(slug: str, asked: int) -> ResponseReturnValue:
    flash(
        ngettext(
            "The new terms hold. %(num)s order waits until its member agrees.",
            "The new terms hold. %(num)s orders wait until their members agree.",
            asked,
        )
        if asked
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

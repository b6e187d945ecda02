"""The delivery: units are counted, what that means is shown, and then it binds."""

from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.fields import Count
from marketplace.forms import Form
from marketplace.organising.blueprint import bp, organised
from marketplace.schemas import Schema
from models.buying import Article, GroupBuy, Stage
from models.payments import PaymentState
from services import buying
from services.buying import delivering, roll
from services.buying.delivering import Delivery


@bp.get("/group-buys/<slug>/desk/delivery")
@member_required
def delivery(slug: str) -> str:
    session = db.session()
    group_buy = organised(session, slug)
    delivering.guard_stage(group_buy, Stage.ORDERED)
    articles = buying.ordered_articles(session, group_buy)
    shown = {f"units-{one.id}": str(one.decided_units) for one in articles}
    return _page(group_buy, articles, Form(_schema(articles), shown=shown))


@bp.post("/group-buys/<slug>/desk/delivery")
@member_required
def count_delivery(slug: str) -> ResponseReturnValue:
    """First show what the count means; with the second button it binds."""
    session = db.session()
    group_buy = organised(session, slug)
    delivering.guard_stage(group_buy, Stage.ORDERED)
    articles = buying.ordered_articles(session, group_buy)
    form = Form.sent(_schema(articles))
    with form.refusals():
        form.guard_filled_in()
        delivered = {one.id: form.fields[f"units-{one.id}"] for one in articles}
        # Only the count whose meaning was shown can bind; another one is shown first.
        is_sure = request.form.get("confirmed") == "yes"
        if not is_sure or request.form.get("meant") != _said(delivered):
            meant = delivering.preview(session, group_buy, delivered)
            return _page(group_buy, articles, form, meant, _said(delivered))
        with db.transaction() as current:
            buying.deliver(
                current,
                organised(current, slug, lock=True),
                delivered,
                actor=auth.signed_in_actor(),
                now=db.now(current),
            )
    if form.is_accepted:
        flash(gettext("The delivery is counted. Now you can pack."))
        return redirect(url_for("organising.packing", slug=slug), 303)
    return _page(organised(session, slug), articles, form), form.status


def _schema(articles: Sequence[Article]) -> type[Schema]:
    return type(
        "Delivered", (Schema,), {f"units-{one.id}": Count(required=True) for one in articles}
    )


def _said(delivered: dict[int, int]) -> str:
    return ",".join(f"{article_id}:{units}" for article_id, units in sorted(delivered.items()))


def _page(
    group_buy: GroupBuy,
    articles: Sequence[Article],
    form: Form,
    meant: Delivery | None = None,
    count_meant: str = "",
) -> str:
    received = _received(group_buy) if meant else frozenset[int]()
    refunds = meant.refunds_minor if meant else {}
    return render_template(
        "organising/delivery.html",
        group_buy=group_buy,
        articles=articles,
        form=form,
        meant=meant,
        count_meant=count_meant,
        received=received,
        back_minor=sum(minor for one, minor in refunds.items() if one in received),
    )


def _received(group_buy: GroupBuy) -> frozenset[int]:
    """The commitments whose money has come: only that can go back."""
    people = roll.people(db.session(), group_buy, limit=roll.MOST_PEOPLE).rows
    return frozenset(
        one.commitment.id
        for one in people
        if one.payment is not None and one.payment.state == PaymentState.PAID
    )

"""Weighing: grams are typed article by article or in the packing list, and then made final."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from marshmallow import EXCLUDE
from marshmallow import Schema as BaseSchema
from marshmallow.fields import Field
from sqlalchemy.orm import Session

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.fields import Count, Flag
from marketplace.forms import Form
from marketplace.organising.blueprint import bp, organised
from marketplace.schemas import Schema
from marketplace.tables import download, names_by_heading, spelling
from models.buying import GroupBuy, Stage
from models.errors import NotFound, Refused
from models.weights import MOST_GRAMS
from services import buying
from services.buying import handing_over, weighing, weights_table
from services.buying.delivering import NotAtThisStage
from services.buying.weighing import Portion


class Final(Schema):
    rest_as_ordered = Flag(load_default=False)


@bp.get("/group-buys/<slug>/desk/weights")
@member_required
def weights(slug: str) -> str:
    session = db.session()
    return _page(session, organised(session, slug), Form(Final))


@bp.post("/group-buys/<slug>/desk/weights")
@member_required
def weigh(slug: str) -> ResponseReturnValue:
    """Keep the weights that were changed: what others typed meanwhile stays."""
    session = db.session()
    form = Form.sent(_schema(_portions(session, organised(session, slug)), request.form))
    with form.refusals(), form.transaction() as session:
        buying.weigh(session, organised(session, slug, lock=True), _changed(form))
    if form.is_accepted:
        return redirect(_back(slug), 303)
    session = db.session()
    return _page(session, organised(session, slug), form), form.status


@bp.get("/group-buys/<slug>/desk/weights.csv")
@member_required
def weights_csv(slug: str) -> Response:
    session = db.session()
    every = chain(*_portions(session, organised(session, slug)).values())
    return download(weights_table.write(every, spelling=spelling()), f"weights-{slug}.csv")


@bp.post("/group-buys/<slug>/desk/weights/table")
@member_required
def read_weights(slug: str) -> ResponseReturnValue:
    """Keep the weights of a table that was filled in; all of them or none."""
    form = Form.sent(Final)
    sent = request.files.get("table")
    try:
        content = sent.stream.read(weights_table.LARGEST + 1) if sent else b""
        with db.transaction() as session:
            grams = weights_table.read(content, names_by_heading(weights_table.READ_BACK))
            buying.weigh(session, organised(session, slug, lock=True), grams)
    except NotFound:
        form.add_error("table", gettext("A portion of this table does not belong here."))
        status = 422
    except Refused as refusal:
        status = form.refuse(refusal)
    else:
        count = len(grams)
        flash(ngettext("%(num)s weight is kept.", "%(num)s weights are kept.", count))
        return redirect(url_for("organising.weights", slug=slug), 303)
    session = db.session()
    return _page(session, organised(session, slug), form), status


@bp.post("/group-buys/<slug>/desk/weights/final")
@member_required
def make_final(slug: str) -> ResponseReturnValue:
    form = Form.sent(Final)
    with form.refusals(), form.transaction() as session:
        buying.make_final(
            session,
            organised(session, slug, lock=True),
            rest_as_ordered=form.fields["rest_as_ordered"],
            actor=auth.signed_in_actor(),
            now=db.now(session),
        )
    if form.is_accepted:
        flash(gettext("The weights are final. Everyone pays for what they get."))
        return redirect(url_for("organising.weights", slug=slug), 303)
    session = db.session()
    return _page(session, organised(session, slug), form), form.status


def _schema(by_article: Mapping[int, Sequence[Portion]], sent: Mapping[str, str]) -> BaseSchema:
    """The weights that were sent, each a field of its own; NotFound refuses those of others."""
    own = {f"grams-{portion.line.id}" for portion in chain(*by_article.values())}
    names = [name for name in sent if name.startswith("grams-")]
    if not own.issuperset(names):
        raise NotFound
    fields: dict[str, Field[Any]] = {
        name: Count(least=1, most=MOST_GRAMS, load_default=None) for name in names
    }
    return Schema.from_dict(fields, name="Weights")(unknown=EXCLUDE)


def _changed(form: Form) -> dict[int, int | None]:
    return {
        int(name[6:]): grams
        for name, grams in form.fields.items()
        if request.form.get(f"was-{name[6:]}") != ("" if grams is None else str(grams))
    }


def _back(slug: str) -> str:
    """The place where it was typed."""
    by = request.form.get("by")
    if by in ("crate", "article"):
        line_id = next((name[6:] for name in request.form if name.startswith("grams-")), "")
        return f"{url_for('organising.packing', slug=slug, by=by)}#line-{line_id}"
    article_id = request.form.get("article", type=int) or ""
    return f"{url_for('organising.weights', slug=slug)}#article-{article_id}"


def _portions(session: Session, group_buy: GroupBuy) -> Mapping[int, Sequence[Portion]]:
    if group_buy.delivered_at is None:
        raise NotAtThisStage
    articles = buying.articles(session, group_buy)
    return weighing.portions(articles, handing_over.crates(session, group_buy))


def _page(session: Session, group_buy: GroupBuy, form: Form) -> str:
    by_article = _portions(session, group_buy)
    every = list(chain(*by_article.values()))
    return render_template(
        "organising/weights.html",
        group_buy=group_buy,
        form=form,
        articles=list(by_article.values()),
        may_weigh=group_buy.stage == Stage.DELIVERED and group_buy.weighed_at is None,
        missing=sum(one.line.weighed_grams is None for one in every),
        at_most_minor=sum(one.at_most_minor for one in every),
        weighed_minor=sum(one.weighed_minor for one in every),
    )

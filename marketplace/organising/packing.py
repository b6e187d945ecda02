"""Packing lists: crate by crate or article by article, ticked by posting, so a phone will do."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.forms import Form
from marketplace.organising.blueprint import bp, organised
from marketplace.organising.schemas import Tick
from models.buying import Stage
from models.collaborations import State
from services import buying
from services.buying import handing_over, sheets, weighing
from services.buying.delivering import NotAtThisStage
from services.buying.held_back import held_back, whole


@bp.get("/group-buys/<slug>/desk/packing")
@member_required
def packing(slug: str) -> str:
    session = db.session()
    group_buy = organised(session, slug)
    if group_buy.delivered_at is None:
        raise NotAtThisStage
    crates = handing_over.crates(session, group_buy)
    articles = buying.articles(session, group_buy)
    by_id = {one.id: one for one in articles}
    by_weight = weighing.portions(articles, crates)
    held = held_back(session, group_buy)
    kept = whole(held)
    by_article = request.args.get("by") == "article"
    return render_template(
        "organising/packing.html",
        group_buy=group_buy,
        by_article=by_article,
        crates=[] if by_article else [(one, sheets.goods(one, by_id)) for one in crates],
        heaps=sheets.heaps(articles, crates, held) if by_article else [],
        articles=by_id,
        held_back=held,
        portions={one.line.id: one for some in by_weight.values() for one in some},
        may_tick=group_buy.state == State.RUNNING,
        may_begin=group_buy.stage == Stage.DELIVERED,
        unpacked=sum(one.packed_at is None and one.id not in kept for one in crates),
    )


@bp.post("/group-buys/<slug>/desk/packing/crates/<int:commitment_id>")
@member_required
def tick_crate(slug: str, commitment_id: int) -> ResponseReturnValue:
    form = Form.sent(Tick)
    with db.transaction() as session:
        group_buy = organised(session, slug, lock=True)
        commitment = buying.commitment_in(
            session, group_buy, commitment_id, actor=auth.signed_in_actor()
        )
        handing_over.mark_packed(
            session,
            group_buy,
            commitment,
            is_packed=form.fields.get("on", False),
            now=db.now(session),
        )
    return redirect(f"{url_for('organising.packing', slug=slug)}#crate-{commitment_id}", 303)


@bp.post("/group-buys/<slug>/desk/packing/lines/<int:line_id>")
@member_required
def tick_line(slug: str, line_id: int) -> ResponseReturnValue:
    form = Form.sent(Tick)
    with db.transaction() as session:
        group_buy = organised(session, slug, lock=True)
        handing_over.mark_line_packed(
            session,
            group_buy,
            line_id,
            is_packed=form.fields.get("on", False),
            now=db.now(session),
        )
    by = "article" if request.form.get("by") == "article" else "crate"
    return redirect(f"{url_for('organising.packing', slug=slug, by=by)}#line-{line_id}", 303)


@bp.post("/group-buys/<slug>/desk/hand-over")
@member_required
def begin_hand_over(slug: str) -> ResponseReturnValue:
    with db.transaction() as session:
        group_buy = organised(session, slug, lock=True)
        buying.begin_hand_over(
            session, group_buy, actor=auth.signed_in_actor(), now=db.now(session)
        )
    return redirect(url_for("organising.handing_over", slug=slug), 303)

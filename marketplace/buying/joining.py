"""Joining and changing: enter an order, look at what it binds to, then be bound."""

import json
import secrets
from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.buying.blueprint import back, bp, locked, seen, to_join
from marketplace.buying.bodies import orderable
from marketplace.buying.orders import (
    article_ids,
    delivery_of,
    order_of,
    refuse,
    sent_order,
    shown_order,
    typed,
    typed_delivery,
)
from marketplace.buying.reviewing import binding_words, reviewed_rows, reviewed_sums, trader_facts
from marketplace.buying.schemas import Binding, OrderTerms
from marketplace.errors import words
from marketplace.forms import Form
from models.actors import Actor
from models.buying import GroupBuy, GroupBuyCommitment, PaymentMethod
from models.collaborations import AlreadyCommitted, CommitmentState
from models.errors import Refused
from services import buying, idempotency


@bp.get("/group-buys/<slug>/order")
@member_required
def order(slug: str) -> ResponseReturnValue:
    """The form of an order: what is ordered or gathered already can be changed here."""
    session, actor = db.session(), auth.signed_in_actor()
    group_buy = seen(session, slug)
    commitment = own_commitment(session, group_buy, actor)
    wanted = buying.gathered(session, group_buy, actor.participant.id, commitment)
    filled = None
    if "usual" in request.args and commitment is None:
        found = buying.usual(session, group_buy, actor.participant.id)
        filled = buying.fill(session, group_buy, found) if found is not None else None
        if filled is not None and group_buy.articles_count == 1:
            wanted = dict(filled.wanted)
    if not wanted and group_buy.articles_count > 1:
        return redirect(url_for("buying.articles", slug=slug), 303)
    form = shown_order(group_buy, wanted, commitment)
    return _order_page(session, group_buy, form, list(wanted), commitment, filled)


@bp.post("/group-buys/<slug>/order")
@member_required
def review(slug: str) -> ResponseReturnValue:
    """The order as it would bind, with everything one has to know before; nothing is kept."""
    session, actor = db.session(), auth.signed_in_actor()
    group_buy = seen(session, slug)
    commitment = own_commitment(session, group_buy, actor)
    form, ids = sent_order(group_buy), article_ids(request.form)
    if "edit" in request.form:
        form.errors.clear()
        return _order_page(session, group_buy, form, ids, commitment)
    status = 422
    if form.is_valid:
        try:
            asked = order_of(form, ids)
            preview = buying.preview(
                session, group_buy, asked, commitment, actor=actor, now=db.now(session)
            )
            if preview.short is not None and not (asked.may_wait and _may_wait(commitment)):
                raise preview.short
        except Refused as refusal:
            status = refuse(form, refusal, ids)
        else:
            return _review_page(group_buy, asked, preview, commitment)
    return _order_page(session, group_buy, form, ids, commitment), status


@bp.post("/group-buys/<slug>/commitments")
@member_required
def join(slug: str) -> ResponseReturnValue:
    """Be bound to the order that was shown; pressed twice, one is bound once."""
    form, actor = Form.sent(Binding), auth.signed_in_actor()
    if not form.is_valid:
        return _refused_page(slug, form, actor, []), 422
    asked, buyer_id = delivery_of(form, form.fields["lines"]), form.fields["buyer"]
    sent = idempotency.Sent.by(actor, _route(), form.fields["idempotency_key"], _asked())
    try:
        try:
            with db.transaction() as session:
                # All others who join wait for this lock; all that needs none came before.
                group_buy, stock, now = to_join(session, slug, asked)
                buying.guard_terms(group_buy, form.fields["terms_number"])
                buying.guard_the_buyer(buyer_id, actor.participant.id)
                buying.forget_basket(session, group_buy, actor.participant.id)
                bound = buying.join(
                    session, group_buy, asked, stock=stock, actor=actor, sent=sent, now=now
                )
        except Refused:
            # The second of two clicks is refused; it is answered as the first was.
            answer = idempotency.answered(db.session(), sent)
            if answer is None:
                raise
            return redirect(_next_step(slug, answer.content["commitment_id"], asked), 303)
    except Refused as refusal:
        return _refused(slug, form, actor, refusal)
    return redirect(_next_step(slug, bound, asked), 303)


@bp.post("/group-buys/<slug>/commitments/<int:commitment_id>")
@member_required
def change(slug: str, commitment_id: int) -> ResponseReturnValue:
    """Be bound to the changed order that was shown."""
    form, actor = Form.sent(Binding), auth.signed_in_actor()
    if not form.is_valid:
        return _refused_page(slug, form, actor, []), 422
    asked, location = delivery_of(form, form.fields["lines"]), back(slug, "mine")
    try:
        with db.transaction() as session:
            claim = idempotency.claim(
                session,
                _route(),
                form.fields["idempotency_key"],
                _asked(),
                actor=actor,
                now=db.asked_at(session),
            )
            if claim.answer is not None:
                return redirect(claim.answer.content["location"], 303)
            group_buy = locked(session, slug)
            now = db.now(session)
            buying.guard_terms(group_buy, form.fields["terms_number"])
            commitment = buying.commitment(session, group_buy, commitment_id, actor=actor)
            buying.guard_the_order(commitment, form.fields["buyer"], form.fields["version"])
            agrees = not group_buy.has_consent_of(commitment)
            buying.change(session, group_buy, commitment, asked, actor=actor, now=now)
            buying.forget_basket(session, group_buy, actor.participant.id)
            idempotency.keep(session, claim, idempotency.Answer(303, {"location": location}))
    except Refused as refusal:
        return _refused(slug, form, actor, refusal)
    agreed = gettext("You have agreed to the new terms. Your order counts again.")
    flash(agreed if agrees else gettext("Your order is changed."))
    return redirect(location, 303)


def own_commitment(
    session: Session, group_buy: GroupBuy, actor: Actor
) -> GroupBuyCommitment | None:
    """The commitment that whom `actor` acts as can still change."""
    mine = buying.mine(session, group_buy, actor)
    return mine.commitment if mine is not None and mine.commitment.is_alive else None


def _refused(slug: str, form: Form, actor: Actor, refusal: Refused) -> ResponseReturnValue:
    if isinstance(refusal, AlreadyCommitted):
        flash(words(refusal), "warn")
        return redirect(back(slug, "mine"), 303)
    wanted: Sequence[buying.Wanted] = form.fields["lines"]
    status = refuse(form, refusal, [one.article_id for one in wanted])
    return _refused_page(slug, form, actor, wanted), status


def _route() -> str:
    return f"{request.method} {request.endpoint}"


def _asked() -> bytes:
    """The request in one canonical form, without what differs between two tabs."""
    sent = {name: found for name, found in request.form.lists() if name != "csrf_token"}
    return json.dumps([request.path, sent], sort_keys=True).encode()


def _next_step(slug: str, commitment_id: int, asked: buying.Order) -> str:
    if asked.payment_method == PaymentMethod.CARD:
        return url_for("payments.show", commitment_id=commitment_id)
    return back(slug, "mine")


def _may_wait(commitment: GroupBuyCommitment | None) -> bool:
    """Whoever has a place does not give it up for the waiting list."""
    return commitment is None or commitment.state == CommitmentState.WAITING


def _order_page(
    session: Session,
    group_buy: GroupBuy,
    form: Form,
    ids: Sequence[int],
    commitment: GroupBuyCommitment | None,
    filled: buying.Filled | None = None,
) -> str:
    found = buying.shown_articles(
        session, group_buy, None if group_buy.articles_count == 1 else ids
    )
    return render_template(
        "buying/join.html",
        group_buy=group_buy,
        articles=[orderable(one) for one in found],
        form=form,
        commitment=commitment,
        is_open=group_buy.is_open(db.now(session)),
        filled=filled,
        usual=None,
    )


def _review_page(
    group_buy: GroupBuy,
    asked: buying.Order,
    preview: buying.Preview,
    commitment: GroupBuyCommitment | None,
) -> str:
    points = {point.id: point for point in group_buy.pickup_points}
    seller = group_buy.seller
    return render_template(
        "buying/join_review.html",
        group_buy=group_buy,
        order=asked,
        preview=preview,
        rows=reviewed_rows(preview),
        sums=reviewed_sums(group_buy, asked, preview),
        commitment=commitment,
        pickup_point=points.get(asked.pickup_point_id or 0),
        seller=seller,
        trader=trader_facts(seller),
        buyer=commitment.participant if commitment else auth.signed_in_actor().participant,
        typed=typed(group_buy, preview.wanted),
        delivery=typed_delivery(asked),
        **binding_words(group_buy, asked, preview, now=db.now(db.session())),
        idempotency_key=secrets.token_urlsafe(18),
    )


def _refused_page(slug: str, form: Form, actor: Actor, wanted: Sequence[buying.Wanted]) -> str:
    """The order as it was sent, to be changed: nothing typed is lost."""
    session = db.session()
    group_buy = seen(session, slug)
    again = Form(OrderTerms, shown={**form.values, **typed(group_buy, wanted)})
    again.errors = form.errors
    ids = [one.article_id for one in wanted]
    return _order_page(session, group_buy, again, ids, own_commitment(session, group_buy, actor))

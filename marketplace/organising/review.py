"""The last step: everything at a glance, what is missing, and the opening."""

from datetime import timedelta

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import auth, db, filters
from marketplace.auth import member_required
from marketplace.buying.wording import CHOICES
from marketplace.organising.blueprint import bp, organised
from models.buying import GroupBuy, Stage
from models.collaborations import State
from services import buying, payouts, series
from services.buying import consenting, inviting, listing, opening, settling, steering


@bp.get("/group-buys/<slug>/draft/review")
@member_required
def review(slug: str) -> ResponseReturnValue:
    group_buy = organised(db.session(), slug)
    if group_buy.state != State.DRAFT:
        return redirect(url_for("organising.desk", slug=slug), 303)
    return _page(group_buy)


@bp.post("/group-buys/<slug>/publication")
@member_required
def publish(slug: str) -> ResponseReturnValue:
    try:
        with db.transaction() as session:
            group_buy = organised(session, slug, lock=True)
            buying.publish(session, group_buy, actor=auth.signed_in_actor(), now=db.now(session))
            is_asked = consenting.is_asked(group_buy)
            opens_at = group_buy.opens_at if group_buy.stage == Stage.SCHEDULED else None
    except opening.NotComplete:
        return _page(organised(db.session(), slug)), 422
    if is_asked:
        flash(gettext("The supplier is asked. It opens as soon as they agree."))
    elif opens_at is not None:
        moment = filters.datetime_(opens_at)
        flash(gettext("It is published and opens on %(moment)s.", moment=moment))
    else:
        flash(gettext("It is open. Tell people about it."))
    return redirect(url_for("organising.desk", slug=slug), 303)


@bp.post("/group-buys/<slug>/draft/question-withdrawal")
@member_required
def take_question_back(slug: str) -> ResponseReturnValue:
    """Ask the supplier no longer, so that the draft can be changed."""
    with db.transaction() as session:
        group_buy = organised(session, slug, lock=True)
        consenting.take_back(session, group_buy, actor=auth.signed_in_actor(), now=db.now(session))
    flash(gettext("The supplier is not asked any more. You can change the draft."))
    return redirect(url_for("organising.review", slug=slug), 303)


@bp.post("/group-buys/<slug>/deletion")
@member_required
def discard(slug: str) -> ResponseReturnValue:
    """Throw a draft away; what was opened is called off instead."""
    with db.transaction() as session:
        group_buy = organised(session, slug, lock=True)
        title = group_buy.title
        steering.discard(session, group_buy, actor=auth.signed_in_actor(), now=db.now(session))
    flash(gettext("The draft of %(title)s is gone.", title=title))
    return redirect(url_for("organising.index"), 303)


def _page(group_buy: GroupBuy) -> str:
    session = db.session()
    changes, changes_count = series.changes_of(session, group_buy)
    points = buying.pickup_points(session, group_buy)
    seller_id = settling.payee_id(group_buy)
    account = payouts.account_of(session, seller_id) if group_buy.by_card else None
    paid_at = group_buy.last_close_at + timedelta(days=group_buy.collecting_days)
    return render_template(
        "organising/review.html",
        changes=changes,
        changes_count=changes_count,
        group_buy=group_buy,
        is_asked=consenting.is_asked(group_buy),
        asks_consent=consenting.needs_consent(group_buy, auth.signed_in_actor()),
        missing=opening.missing(session, group_buy, now=db.now(session)),
        articles=listing.articles_page(session, group_buy, limit=5).rows,
        lacking_food_information=listing.without_food_information(session, group_buy),
        by_weight=listing.has_goods_by_weight(session, group_buy),
        points=points,
        is_fetched_early=group_buy.by_card and any(one.from_at < paid_at for one in points),
        guests=inviting.named_guests(session, group_buy),
        lacks_payout_account=group_buy.by_card and (account is None or not account.can_receive),
        is_paid_here=seller_id == auth.signed_in_actor().participant.id,
        payout_terms=payouts.terms_at(session, db.now(session)),
        words=CHOICES,
    )

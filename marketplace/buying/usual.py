"""My usual order: filled in with one button, kept or forgotten with another; it binds nobody."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.buying.blueprint import back, bp, seen
from marketplace.buying.joining import own_commitment
from marketplace.errors import words
from models.errors import Refused
from services import buying


@bp.post("/group-buys/<slug>/usual-order")
@member_required
def fill_usual(slug: str) -> ResponseReturnValue:
    """Gather the usual order, and go on to the form in which it can be changed."""
    session, actor = db.session(), auth.signed_in_actor()
    group_buy = seen(session, slug)
    onward = url_for("buying.order", slug=slug, usual="1")
    try:
        with db.transaction():
            found = buying.usual(session, group_buy, actor.participant.id)
            if found is None or own_commitment(session, group_buy, actor) is not None:
                return redirect(back(slug, "act"), 303)
            filled = buying.fill(session, group_buy, found)
            if group_buy.articles_count > 1:
                now = db.now(session)
                buying.gather(session, group_buy, filled.wanted, actor=actor, now=now)
    except Refused as refusal:
        flash(words(refusal), "warn")
        return redirect(back(slug, "act"), 303)
    if not filled.wanted:
        flash(gettext("Nothing of your usual order is offered here now."), "warn")
        return redirect(back(slug, "act"), 303)
    return redirect(onward, 303)


@bp.post("/group-buys/<slug>/commitments/<int:commitment_id>/usual")
@member_required
def keep_usual(slug: str, commitment_id: int) -> ResponseReturnValue:
    """Call this order the usual one, to be filled in the next time."""
    actor = auth.signed_in_actor()
    with db.transaction() as session:
        group_buy = seen(session, slug)
        commitment = buying.commitment(session, group_buy, commitment_id, actor=actor)
        buying.keep_as_usual(commitment, actor=actor, now=db.now(session))
    flash(gettext("Kept. You can fill it in with one button the next time."))
    return redirect(back(slug, "mine"), 303)


@bp.post("/group-buys/<slug>/commitments/<int:commitment_id>/usual/end")
@member_required
def forget_usual(slug: str, commitment_id: int) -> ResponseReturnValue:
    """Call no order there the usual one any more."""
    actor = auth.signed_in_actor()
    with db.transaction() as session:
        group_buy = seen(session, slug)
        commitment = buying.commitment(session, group_buy, commitment_id, actor=actor)
        buying.forget_usual(session, group_buy, commitment, actor=actor)
    flash(gettext("It is not your usual order any more."))
    return redirect(back(slug, "mine"), 303)

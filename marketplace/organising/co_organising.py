"""The answer of a member who is asked to run a group buy too."""

from flask import flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.organising.blueprint import bp
from services.buying import co_organising


@bp.get("/group-buys/<slug>/co-organising")
@member_required
def ask_co_organising(slug: str) -> str:
    group_buy = co_organising.asked(db.session(), slug, actor=auth.signed_in_actor())
    g.time_zone = group_buy.time_zone
    return render_template("organising/co_organising.html", group_buy=group_buy)


@bp.post("/group-buys/<slug>/co-organising/acceptance")
@member_required
def accept_co_organising(slug: str) -> ResponseReturnValue:
    actor = auth.signed_in_actor()
    with db.transaction() as session:
        group_buy = co_organising.asked(session, slug, actor=actor, lock=True)
        co_organising.accept(session, group_buy, actor=actor, now=db.now(session))
    flash(gettext("You run this too. Here is what is to be done."))
    return redirect(url_for("organising.desk", slug=slug), 303)


@bp.post("/group-buys/<slug>/co-organising/refusal")
@member_required
def decline_co_organising(slug: str) -> ResponseReturnValue:
    actor = auth.signed_in_actor()
    with db.transaction() as session:
        group_buy = co_organising.asked(session, slug, actor=actor, lock=True)
        co_organising.decline(session, group_buy, actor=actor, now=db.now(session))
    flash(gettext("You declined. Those who organise it are told."))
    return redirect(url_for("discovery.home"), 303)

"""Series, for people: its page, its rhythm, and what those who run or follow it can do."""

from collections.abc import Callable

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.forms import Form
from marketplace.series.schemas import RhythmTerms
from marketplace.series.words import rhythm, why_held_up
from models.buying import GroupBuy
from models.collaborations import State
from models.lifecycle import NotInThisState
from models.series import Series
from services import buying, series
from services.series import Rhythm

bp = Blueprint("series", __name__)


@bp.get("/series/<slug>")
def show(slug: str) -> str:
    session, actor = db.session(), auth.actor()
    key = request.args.get("key", "")
    found = series.find(session, slug, actor=actor, link_key=key)
    newest = series.newest(session, found)
    shown = newest if newest.state != State.DRAFT else series.newest(session, found, opened=True)
    g.time_zone = shown.time_zone
    is_organiser = newest.is_organised_by(actor)
    return render_template(
        "series/show.html",
        series=found,
        newest=newest,
        shown=shown,
        rhythm=rhythm(found, shown.time_zone),
        why=why_held_up(found) if is_organiser else [],
        planned=series.next_round(session, found, newest) if found.is_running else None,
        page=series.rounds(session, found, actor=actor, after=request.args.get("after")),
        is_organiser=is_organiser,
        is_followed=series.follows(session, found, actor),
        key=key,
    )


@bp.get("/group-buys/<slug>/series")
@member_required
def new(slug: str) -> ResponseReturnValue:
    """How often should this group buy come again?"""
    group_buy = _organised(db.session(), slug)
    if group_buy.series_id is not None:
        found = series.find(db.session(), group_buy.series_id, actor=auth.actor())
        return redirect(url_for("series.show", slug=found.slug), 303)
    return _form_page(group_buy, None, Form(RhythmTerms, shown=_FIRST))


@bp.post("/group-buys/<slug>/series")
@member_required
def begin(slug: str) -> ResponseReturnValue:
    form, actor = Form.sent(RhythmTerms), auth.signed_in_actor()
    with form.refusals(), form.transaction() as session:
        group_buy = _organised(session, slug, lock=True)
        now = db.now(session)
        said = Rhythm(**form.fields)
        found = series.begin(session, group_buy, said, actor=actor, now=now)
    if form.is_accepted:
        flash(gettext("It is a series now."))
        return redirect(url_for("series.show", slug=found.slug), 303)
    return _form_page(_organised(db.session(), slug), None, form), form.status


@bp.get("/series/<slug>/rhythm")
@member_required
def changing(slug: str) -> str:
    session = db.session()
    found = series.organised(session, slug, actor=auth.signed_in_actor())
    newest = series.newest(session, found)
    more = None if found.last_number is None else found.last_number - (newest.round_number or 0)
    shown = {
        "every_weeks": str(found.every_weeks),
        "more_rounds": more or "",
        "opens_by_itself": str(found.opens_by_itself).lower(),
    }
    return _form_page(newest, found, Form(RhythmTerms, shown=shown))


@bp.post("/series/<slug>/rhythm")
@member_required
def change(slug: str) -> ResponseReturnValue:
    form, actor = Form.sent(RhythmTerms), auth.signed_in_actor()
    with form.refusals(), form.transaction() as session:
        found = series.organised(session, slug, actor=actor, lock=True)
        now = db.now(session)
        series.change(session, found, Rhythm(**form.fields), actor=actor, now=now)
    if form.is_accepted:
        flash(gettext("The series goes on like this."))
        return redirect(url_for("series.show", slug=slug), 303)
    found = series.organised(db.session(), slug, actor=actor)
    return _form_page(series.newest(db.session(), found), found, form), form.status


@bp.post("/series/<slug>/pause")
@member_required
def pause(slug: str) -> ResponseReturnValue:
    return _steer(slug, series.pause, gettext("It is paused: no new round opens."))


@bp.post("/series/<slug>/resumption")
@member_required
def resume(slug: str) -> ResponseReturnValue:
    return _steer(slug, series.resume, gettext("It goes on."))


@bp.post("/series/<slug>/skip")
@member_required
def skip(slug: str) -> ResponseReturnValue:
    return _steer(slug, series.skip, gettext("That round is left out."))


@bp.post("/series/<slug>/end")
@member_required
def stop(slug: str) -> ResponseReturnValue:
    return _steer(slug, series.stop, gettext("It is stopped. What is open stays open."))


@bp.post("/series/<slug>/following")
@member_required
def follow(slug: str) -> ResponseReturnValue:
    actor, key = auth.signed_in_actor(), request.args.get("key", "")
    with db.transaction() as session:
        found = series.find(session, slug, actor=actor, link_key=key)
        series.follow(session, found, actor=actor, now=db.now(session))
    flash(gettext("We tell you when the next round opens."))
    return redirect(_back(slug, key), 303)


@bp.post("/series/<slug>/following/end")
@member_required
def unfollow(slug: str) -> ResponseReturnValue:
    actor, key = auth.signed_in_actor(), request.args.get("key", "")
    with db.transaction() as session:
        found = series.find(session, slug, actor=actor, link_key=key)
        series.unfollow(session, found, actor=actor)
    flash(gettext("You hear no more of new rounds."))
    return redirect(_back(slug, key), 303)


# The costly choice is never made beforehand: somebody looks first.
_FIRST = {"every_weeks": "1", "opens_by_itself": "false"}


def _organised(session: Session, slug: str, *, lock: bool = False) -> GroupBuy:
    found = buying.organised(session, slug, actor=auth.signed_in_actor(), lock=lock)
    g.time_zone = found.time_zone
    return found


def _steer(slug: str, act: Callable[..., None], done: str) -> ResponseReturnValue:
    actor = auth.signed_in_actor()
    try:
        with db.transaction() as session:
            found = series.organised(session, slug, actor=actor, lock=True)
            act(session, found, actor=actor, now=db.now(session))
    except NotInThisState:
        flash(gettext("It was done already. This is how it stands."), "warn")
    else:
        flash(done)
    return redirect(url_for("series.show", slug=slug), 303)


def _form_page(group_buy: GroupBuy, found: Series | None, form: Form) -> str:
    g.time_zone = group_buy.time_zone
    return render_template("series/rhythm.html", group_buy=group_buy, series=found, form=form)


def _back(slug: str, key: str) -> str:
    """To the group buy that was read, else to the page of the series."""
    deal = request.form.get("deal", "")
    if deal:
        return url_for("buying.show", slug=deal, key=key or None, _anchor="series")
    return url_for("series.show", slug=slug, key=key or None)

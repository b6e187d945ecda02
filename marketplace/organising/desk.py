"""The desk: what needs the organiser now, how it stands, and what happened."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.forms import Form, Once
from marketplace.organising.blueprint import bp, organised
from marketplace.organising.schemas import CoOrganiserAddress, Who
from marketplace.organising.words import EVENTS, NEEDS, address_of
from models.collaborations import State
from services import buying, chargebacks, series
from services.buying import amending, inviting, organised_by, rescheduling, roll, settling, steering
from services.buying import desk as desks
from services.notices.reasons import REASONS


@bp.get("/organising")
@member_required
def index() -> str:
    """All that one organises: drafts and deals, the newest first."""
    page = organised_by.page(
        db.session(), actor=auth.signed_in_actor(), after=request.args.get("after")
    )
    return render_template("organising/index.html", page=page)


@bp.get("/group-buys/<slug>/desk")
@member_required
def desk(slug: str) -> ResponseReturnValue:
    session = db.session()
    group_buy = organised(session, slug)
    if group_buy.state == State.DRAFT:
        return redirect(url_for("organising.review", slug=slug), 303)
    tasks = desks.tasks(session, group_buy, now=db.now(session))
    return render_template(
        "organising/desk.html",
        group_buy=group_buy,
        tasks=[(one, *NEEDS[one.need], address_of(one.need, slug)) for one in tasks],
        asked_by_banks=chargebacks.answerable(session, group_buy, now=db.now(session)),
        questioned=chargebacks.standing_against(session, group_buy),
        figures=desks.figures(session, group_buy),
        events=[(one, EVENTS[one.kind]) for one in desks.history(session, group_buy)],
        reasons=REASONS,
        points=buying.pickup_points(session, group_buy),
        chosen=rescheduling.chosen(session, group_buy),
        may_change_points=rescheduling.may_change_points(group_buy),
        may_cancel=steering.may_cancel(group_buy),
        may_pause=steering.may_pause(group_buy),
        may_amend=amending.may_amend(group_buy, now=db.now(session)),
        is_held=steering.is_paused_by_moderator(session, group_buy),
        in_series=series.at_desk(session, group_buy),
        is_seller=auth.signed_in_actor().may_manage(settling.payee_id(group_buy)),
    )


@bp.post("/group-buys/<slug>/copies")
@member_required
def copy(slug: str) -> ResponseReturnValue:
    """A new draft of the same kind; pick-up times are asked anew."""
    actor = auth.signed_in_actor()
    with db.transaction() as session:
        once = Once(session)
        if once.led_to is None:
            made = buying.copy(session, organised(session, slug), actor=actor, now=db.now(session))
            flash(gettext("Here is your copy. Check the dates, then go on."))
            once.leads_to(url_for("organising.what", slug=made.slug))
    return redirect(once.led_to or url_for("organising.index"), 303)


@bp.get("/group-buys/<slug>/desk/people")
@member_required
def people(slug: str) -> str:
    return people_page(slug, Form(CoOrganiserAddress), Form(Who))


def people_page(slug: str, co_organising: Form, naming: Form) -> str:
    session = db.session()
    group_buy = organised(session, slug)
    is_draft = group_buy.state == State.DRAFT
    after = request.args.get("after")
    return render_template(
        "organising/people.html",
        group_buy=group_buy,
        questioned={} if is_draft else chargebacks.standing_against(session, group_buy),
        page=None if is_draft else roll.people(session, group_buy, with_lines=True, after=after),
        co_organisers=inviting.co_organisers(session, group_buy),
        guests=inviting.named_guests(session, group_buy),
        may_choose=inviting.may_choose_co_organisers(group_buy, auth.signed_in_actor()),
        co_organising=co_organising,
        naming=naming,
    )

"""The first step: what it is, where, for whom, and until when."""

from datetime import timedelta
from typing import Any

from flask import flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from marketplace import auth, context, currencies, db, filters
from marketplace.auth import member_required
from marketplace.discovery.wording import CATEGORIES
from marketplace.forms import Form, Once
from marketplace.organising import typed
from marketplace.organising.blueprint import bp, drafted, organised
from marketplace.organising.schemas import What
from marketplace.uploads import picture_of_form
from models.actors import Actor
from models.buying import GroupBuy
from models.errors import Refused
from services import buying, circles, geography
from services.buying import revising
from services.buying.describing import CLOSES_LATER
from services.geography import Found


@bp.get("/group-buys/new")
@member_required
def new() -> str:
    session = db.session()
    actor = auth.signed_in_actor()
    g.time_zone = revising.home_zone(session, actor.participant)
    # A week from now in the evening, when people are at home.
    week = (db.now(session) + timedelta(days=7)).astimezone(filters.zone())
    shown = {
        "title": request.args.get("title", "")[:100],
        "place": actor.participant.place_name,
        "closes_at": week.strftime("%Y-%m-%dT20:00"),
        "category": "food",
        "visibility": "circle" if request.args.get("circle") else "public",
        "circle": request.args.get("circle", ""),
        "lang": context.choose_locale(),
        "currency": currencies.usual(currencies.offered()),
    }
    return _page(Form(What, shown=shown))


@bp.post("/group-buys/new")
@member_required
def begin() -> ResponseReturnValue:
    actor = auth.signed_in_actor()
    form = _sent(actor)
    with form.refusals():
        form.guard_filled_in()
        content = picture_of_form()
        with db.transaction() as session:
            once = Once(session)
            if once.led_to is None:
                given = buying.Draft(buying.Description(**_columns(session, form)))
                made = buying.draft(session, given, actor=actor, now=db.now(session))
                _keep_picture(session, made, content, form)
                once.leads_to(url_for("organising.articles", slug=made.slug))
    if form.is_accepted:
        flash(gettext("Your draft is saved. Nobody else sees it yet."))
        return redirect(once.led_to or url_for("organising.index"), 303)
    return _page(form), form.status


@bp.get("/group-buys/<slug>/draft")
@member_required
def what(slug: str) -> str:
    group_buy = drafted(db.session(), slug)
    opens = group_buy.opens_at if group_buy.opens_at > db.now(db.session()) else None
    shown = {
        "title": group_buy.title,
        "summary": group_buy.summary,
        "description": group_buy.description,
        "category": group_buy.category,
        "place": group_buy.place_name,
        "closes_at": typed.moment(group_buy.closes_at),
        "opens_at": typed.moment(opens),
        "visibility": group_buy.visibility,
        "circle": group_buy.circle_id or "",
        "lang": group_buy.lang,
    }
    return _page(Form(What, shown=shown), group_buy)


@bp.post("/group-buys/<slug>/draft")
@member_required
def describe(slug: str) -> ResponseReturnValue:
    actor = auth.signed_in_actor()
    form = _sent(actor, organised(db.session(), slug).place_name)
    with form.refusals():
        form.guard_filled_in()
        content = picture_of_form()
        with db.transaction() as session:
            group_buy = organised(session, slug, lock=True)
            revising.revise(
                session, group_buy, now=db.now(session), **_columns(session, form, group_buy)
            )
            _keep_picture(session, group_buy, content, form)
    if form.is_accepted:
        return redirect(url_for("organising.articles", slug=slug), 303)
    return _page(form, organised(db.session(), slug)), form.status


def _sent(actor: Actor, place_before: str = "") -> Form:
    """The form, its times read by the clocks of the place that is named in it.

    What is not well-formed is told along with a place that is not known and a close that is over:
    nobody is to send it once for each.
    """
    session = db.session()
    found = geography.offered(session, request.form.get("place", "")[:120])
    chosen = [one for one in found if str(one.id) == request.form.get("place_id")]
    if found:
        g.time_zone = revising.zone_of(session, (chosen or found)[0].id)
    elif "time_zone" not in g:
        g.time_zone = revising.home_zone(session, actor.participant)
    form = Form.sent(What)
    place, closes_at = form.fields.get("place"), form.fields.get("closes_at")
    if not form.is_valid and place and place != place_before:
        try:
            geography.resolve(session, place, place_id=form.fields.get("place_id"))
        except Refused as refusal:
            form.refuse(refusal)
    if not form.is_valid and closes_at is not None and closes_at <= db.now(session):
        form.add_error("closes_at", gettext(CLOSES_LATER))
    return form


def _columns(session: Session, form: Form, group_buy: GroupBuy | None = None) -> dict[str, Any]:
    said = dict(form.fields)
    place, place_id = said.pop("place"), said.pop("place_id")
    del said["remove_picture"]
    said["circle_id"] = said.pop("circle")
    # Prices are typed in it, so it is chosen once, when the draft is begun.
    currency = said.pop("currency")
    if group_buy is None:
        said["currency"] = currencies.chosen(currency)
    said["lang"] = said["lang"] or context.choose_locale()
    if group_buy is not None and place == group_buy.place_name and place_id is None:
        return said
    if place:
        found = geography.resolve(session, place, place_id=place_id)
        return {**said, **revising.place_columns(session, found)}
    return {**said, "place_name": "", "latitude": None, "longitude": None,
            "time_zone": g.time_zone}  # fmt: skip


def _keep_picture(session: Session, group_buy: GroupBuy, content: bytes, form: Form) -> None:
    if content:
        revising.show_picture(
            session, group_buy, content, actor=auth.signed_in_actor(), now=db.now(session)
        )
    elif form.fields["remove_picture"]:
        revising.hide_picture(session, group_buy)


def _choices(form: Form) -> list[Found]:
    """The places that may be meant, once it is asked which of them is."""
    if not form.errors:
        return []
    found = geography.offered(db.session(), form.values.get("place", "")[:120])
    return found if len(found) > 1 or "place" in form.errors else []


def _circles(group_buy: GroupBuy | None) -> list[tuple[int, str]]:
    """The circles in which whoever organises could do this, and the one it is done in.

    Who helps to organise it does not read here in which circles the organiser is.
    """
    session, actor = db.session(), auth.signed_in_actor()
    organiser_id = group_buy.organiser_id if group_buy is not None else actor.participant.id
    is_theirs = actor.may_manage(organiser_id)
    offered = {
        one.id: one.name for one in (circles.open_to(session, organiser_id) if is_theirs else ())
    }
    chosen_id = group_buy.circle_id if group_buy is not None else None
    if chosen_id is not None and chosen_id not in offered:
        known = circles.known_by_id(session, chosen_id, actor)
        offered[chosen_id] = known.name if known is not None else gettext("A private circle")
    return list(offered.items())


def _page(form: Form, group_buy: GroupBuy | None = None) -> str:
    return render_template(
        "organising/what.html",
        form=form,
        group_buy=group_buy,
        circles=_circles(group_buy),
        categories=[(category, gettext(words)) for category, words in CATEGORIES.items()],
        currencies=[(code, f"{code} ({name})") for code, name in currencies.offered().items()],
        choices=[(str(one.id), one.label, "") for one in _choices(form)],
    )

"""The third step: where and when goods are fetched, or that they are sent."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import auth, db, filters
from marketplace.auth import member_required
from marketplace.forms import Form
from marketplace.organising import typed
from marketplace.organising.blueprint import bp, drafted, organised
from marketplace.organising.schemas import Pickup, minor_of, shipping_schema
from models.buying import GroupBuy, PickupPoint
from models.collaborations import State
from services import buying
from services.buying import opening, rescheduling, revising


@bp.get("/group-buys/<slug>/draft/pick-up")
@member_required
def fetching(slug: str) -> str:
    group_buy = drafted(db.session(), slug)
    return _page(group_buy, _new_form(group_buy))


@bp.post("/group-buys/<slug>/draft/pick-up")
@member_required
def add_pickup(slug: str) -> ResponseReturnValue:
    group_buy = organised(db.session(), slug)
    form = Form.sent(Pickup)
    with form.refusals(), form.transaction() as session:
        group_buy = organised(session, slug, lock=True)
        buying.add_pickup_point(session, group_buy, buying.NewPickupPoint(**form.fields))
    if form.is_accepted:
        flash(gettext("The pick-up point is saved."))
        return redirect(url_for("organising.fetching", slug=slug), 303)
    return _page(organised(db.session(), slug), form), form.status


@bp.post("/group-buys/<slug>/draft/pick-up/<int:point_id>/removal")
@member_required
def remove_pickup(slug: str, point_id: int) -> ResponseReturnValue:
    with db.transaction() as session:
        group_buy = organised(session, slug, lock=True)
        buying.remove_pickup_point(session, group_buy, point_id)
    flash(gettext("The pick-up point is gone."))
    return redirect(url_for("organising.fetching", slug=slug), 303)


@bp.post("/group-buys/<slug>/draft/shipping")
@member_required
def ship(slug: str) -> ResponseReturnValue:
    group_buy = organised(db.session(), slug)
    form = Form.sent(shipping_schema(group_buy.currency))
    with form.refusals(), form.transaction() as session:
        revising.revise(
            session,
            organised(session, slug, lock=True),
            now=db.now(session),
            ships=form.fields["ships"],
            shipping_ceiling_minor=minor_of(form.fields["shipping_ceiling"]),
        )
    if form.is_accepted:
        flash(gettext("Saved."))
        return redirect(url_for("organising.rules", slug=slug), 303)
    group_buy = organised(db.session(), slug)
    return _page(group_buy, _new_form(group_buy), form), form.status


@bp.get("/group-buys/<slug>/desk/pick-up")
@member_required
def new_pickup(slug: str) -> ResponseReturnValue:
    session = db.session()
    group_buy = organised(session, slug)
    if group_buy.state == State.DRAFT:
        return redirect(url_for("organising.fetching", slug=slug), 303)
    rescheduling.guard_ahead(group_buy)
    points = buying.pickup_points(session, group_buy)
    return _pickup_page(group_buy, None, _further_form(group_buy, points, db.now(session)))


@bp.post("/group-buys/<slug>/desk/pick-up")
@member_required
def offer_pickup(slug: str) -> ResponseReturnValue:
    """One more place or time, until the hand-over begins; everyone who joined is told."""
    form = Form.sent(Pickup)
    with form.refusals(), form.transaction() as session:
        rescheduling.add_pickup(
            session,
            organised(session, slug, lock=True),
            buying.NewPickupPoint(**form.fields),
            actor=auth.signed_in_actor(),
            now=db.now(session),
        )
    if form.is_accepted:
        flash(gettext("The pick-up point is added, and everyone who joined is told."))
        return redirect(url_for("organising.desk", slug=slug), 303)
    return _pickup_page(organised(db.session(), slug), None, form), form.status


@bp.post("/group-buys/<slug>/desk/pick-up/<int:point_id>/removal")
@member_required
def withdraw_pickup(slug: str, point_id: int) -> ResponseReturnValue:
    """Take a place away that nobody has chosen."""
    actor = auth.signed_in_actor()
    with db.transaction() as session:
        group_buy = organised(session, slug, lock=True)
        rescheduling.remove_pickup(session, group_buy, point_id, actor=actor, now=db.now(session))
    flash(gettext("The pick-up point is gone."))
    return redirect(url_for("organising.desk", slug=slug), 303)


@bp.get("/group-buys/<slug>/desk/pick-up/<int:point_id>")
@member_required
def pickup(slug: str, point_id: int) -> str:
    session = db.session()
    group_buy = organised(session, slug)
    point = rescheduling.pickup_point(session, group_buy, point_id)
    shown = {
        "name": point.name,
        "address": point.address,
        "from_at": typed.moment(point.from_at),
        "until_at": typed.moment(point.until_at),
        "note": point.note,
    }
    return _pickup_page(group_buy, point, Form(Pickup, shown=shown))


@bp.post("/group-buys/<slug>/desk/pick-up/<int:point_id>")
@member_required
def move_pickup(slug: str, point_id: int) -> ResponseReturnValue:
    """Another place or time, also after the close; everyone who joined is told."""
    rescheduling.pickup_point(db.session(), organised(db.session(), slug), point_id)
    form = Form.sent(Pickup)
    with form.refusals(), form.transaction() as session:
        group_buy = organised(session, slug, lock=True)
        rescheduling.move_pickup(
            session,
            group_buy,
            rescheduling.pickup_point(session, group_buy, point_id),
            buying.NewPickupPoint(**form.fields),
            actor=auth.signed_in_actor(),
            now=db.now(session),
        )
    if form.is_accepted:
        return _moved(slug)
    group_buy = organised(db.session(), slug)
    point = rescheduling.pickup_point(db.session(), group_buy, point_id)
    return _pickup_page(group_buy, point, form), form.status


def _moved(slug: str) -> ResponseReturnValue:
    if organised(db.session(), slug).state == State.DRAFT:
        flash(gettext("The pick-up point is saved."))
        return redirect(url_for("organising.fetching", slug=slug), 303)
    flash(gettext("The pick-up is changed, and everyone concerned is told."))
    return redirect(url_for("organising.desk", slug=slug), 303)


def _new_form(group_buy: GroupBuy) -> Form:
    return _form(*_early_evening(group_buy))


def _further_form(group_buy: GroupBuy, points: Sequence[PickupPoint], now: datetime) -> Form:
    """A day after the last one there is, at the same hours of the place, and never in the past."""
    last = max(points, key=lambda one: one.from_at, default=None)
    times = (last.from_at, last.until_at) if last is not None else _early_evening(group_buy)
    from_at, until_at = (one.astimezone(filters.zone()) for one in times)
    over = (now.astimezone(filters.zone()) - from_at) // timedelta(days=1) + 1
    days = timedelta(days=max(over, 0 if last is None else 1))
    return _form(from_at + days, until_at + days)


def _early_evening(group_buy: GroupBuy) -> tuple[datetime, datetime]:
    """Three days after all is paid, two hours: until then cards that failed are tried again."""
    collecting = group_buy.collecting_days if group_buy.by_card else 0
    day = (group_buy.closes_at + timedelta(days=collecting + 3)).astimezone(filters.zone())
    begin = day.replace(hour=17, minute=0)
    return begin, begin + timedelta(hours=2)


def _form(from_at: datetime, until_at: datetime) -> Form:
    shown = {"from_at": typed.moment(from_at), "until_at": typed.moment(until_at)}
    return Form(Pickup, shown=shown)


def _page(group_buy: GroupBuy, form: Form, shipping: Form | None = None) -> str:
    ceiling = group_buy.shipping_ceiling_minor or None
    shown = {
        "ships": "true" if group_buy.ships else "",
        "shipping_ceiling": typed.amount(ceiling, group_buy.currency),
    }
    session = db.session()
    return render_template(
        "organising/fetching.html",
        missing=opening.missing(session, group_buy, now=db.now(session)),
        group_buy=group_buy,
        form=form,
        shipping=shipping or Form(shipping_schema(group_buy.currency), shown=shown),
        points=buying.pickup_points(session, group_buy),
    )


def _pickup_page(group_buy: GroupBuy, point: PickupPoint | None, form: Form) -> str:
    """The form of a pick-up point that is there, or of one more."""
    return render_template("organising/pickup.html", group_buy=group_buy, point=point, form=form)

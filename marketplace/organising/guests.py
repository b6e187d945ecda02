"""Orders taken for people without e-mail, by those who organise."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from marshmallow import EXCLUDE, Schema
from marshmallow.fields import Field
from sqlalchemy.orm import Session

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.buying.orders import article_ids
from marketplace.fields import Count
from marketplace.forms import Form, Once
from marketplace.organising.blueprint import bp, organised
from marketplace.organising.schemas import GuestChange, GuestOrder
from models.actors import Actor
from models.buying import GroupBuy, GroupBuyCommitment, PaymentMethod
from models.errors import Invalid
from services import buying
from services.buying import guests, listing
from services.paging import Page

# The button that looks for other articles and keeps what is typed.
SEARCH = "search"


@bp.get("/group-buys/<slug>/desk/guest-orders/new")
@member_required
def new_guest_order(slug: str) -> str:
    return _page(organised(db.session(), slug), Form(GuestOrder))


@bp.post("/group-buys/<slug>/desk/guest-orders")
@member_required
def order_for_guest(slug: str) -> ResponseReturnValue:
    group_buy = organised(db.session(), slug)
    form = Form.sent(_with_units(GuestOrder))
    if SEARCH in request.form:
        form.errors.clear()
        return _page(group_buy, form)
    actor = auth.signed_in_actor()
    with form.refusals(), form.transaction() as session:
        once = Once(session)
        if once.led_to is None:
            _take_order(session, slug, form.fields, actor)
            once.leads_to(url_for("organising.people", slug=slug))
    if form.is_accepted:
        return redirect(url_for("organising.people", slug=slug), 303)
    return _page(organised(db.session(), slug), form), form.status


@bp.get("/group-buys/<slug>/desk/guest-orders/<int:commitment_id>")
@member_required
def guest_order(slug: str, commitment_id: int) -> str:
    session = db.session()
    group_buy = organised(session, slug)
    commitment = guests.commitment(session, group_buy, commitment_id, actor=auth.signed_in_actor())
    shown = {
        "pickup_point": str(commitment.pickup_point_id or ""),
        "shipping_address": commitment.shipping_address,
        "note": commitment.note,
        **{f"units-{line.article_id}": str(line.units) for line in commitment.lines},
    }
    return _page(group_buy, Form(GuestChange, shown=shown), commitment)


@bp.post("/group-buys/<slug>/desk/guest-orders/<int:commitment_id>")
@member_required
def change_guest_order(slug: str, commitment_id: int) -> ResponseReturnValue:
    actor = auth.signed_in_actor()
    session = db.session()
    group_buy = organised(session, slug)
    commitment = guests.commitment(session, group_buy, commitment_id, actor=actor)
    form = Form.sent(_with_units(GuestChange))
    if SEARCH in request.form:
        form.errors.clear()
        return _page(group_buy, form, commitment)
    with form.refusals(), form.transaction() as current:
        group_buy = organised(current, slug, lock=True)
        found = guests.commitment(current, group_buy, commitment_id, actor=actor)
        guests.change(
            current,
            group_buy,
            found,
            _order(form.fields, found.lines, agrees=not group_buy.has_consent_of(found)),
            actor=actor,
            now=db.now(current),
        )
    if form.is_accepted:
        flash(gettext("The order is changed."))
        return redirect(url_for("organising.people", slug=slug), 303)
    group_buy = organised(session, slug)
    commitment = guests.commitment(session, group_buy, commitment_id, actor=actor)
    return _page(group_buy, form, commitment), form.status


@bp.post("/group-buys/<slug>/desk/guest-orders/<int:commitment_id>/withdrawal")
@member_required
def withdraw_guest_order(slug: str, commitment_id: int) -> ResponseReturnValue:
    actor = auth.signed_in_actor()
    with db.transaction() as session:
        group_buy = organised(session, slug, lock=True)
        commitment = guests.commitment(session, group_buy, commitment_id, actor=actor)
        guests.withdraw(session, group_buy, commitment, actor=actor, now=db.now(session))
    flash(gettext("The order is taken back."))
    return redirect(url_for("organising.people", slug=slug), 303)


def _take_order(session: Session, slug: str, said: dict[str, Any], actor: Actor) -> None:
    group_buy = organised(session, slug, lock=True)
    now = db.now(session)
    guest = (
        guests.find(session, group_buy, said["guest"], actor=actor)
        if said["guest"]
        else guests.add(session, group_buy, said["name"], said["contact"], actor=actor, now=now)
    )
    guests.order(session, group_buy, guest, _order(said, []), actor=actor, now=now)
    flash(gettext("The order of %(name)s is taken.", name=guest.name))


def _with_units(schema: type[GuestOrder]) -> Schema:
    """The form with a number for each article it shows; others are left as they are."""
    boxes: dict[str, Field[Any]] = {
        f"units-{article_id}": Count(load_default=0) for article_id in article_ids(request.form)
    }
    return schema.from_dict(boxes, name=schema.__name__)(unknown=EXCLUDE)


def _order(said: dict[str, Any], lines: list[Any], *, agrees: bool = False) -> buying.Order:
    """What the form says; articles it did not show stay as they were ordered.

    Whoever `agrees` to new terms agrees to their prices.
    """
    units = {
        line.article_id: (line.units, line.tolerance, None if agrees else line.highest_price_minor)
        for line in lines
    }
    for name, count in said.items():
        if name.startswith("units-"):
            article_id = int(name[6:])
            _, tolerance, highest = units.get(article_id, (0, 0, None))
            units[article_id] = (count, tolerance if count else 0, highest)
    return buying.Order(
        wanted=[
            buying.Wanted(article_id, count, tolerance, highest)
            for article_id, (count, tolerance, highest) in units.items()
        ],
        payment_method=PaymentMethod.AT_PICKUP,
        pickup_point_id=said["pickup_point"],
        shipping_address=said["shipping_address"],
        note=said["note"],
    )


def _articles(session: Session, group_buy: GroupBuy, words: str) -> Page[Any]:
    after = request.form.get("next") if request.form.get(SEARCH) == "next" else None
    try:
        return listing.articles_page(session, group_buy, words=words, after=after)
    except Invalid:
        return listing.articles_page(session, group_buy, words=words)


def _page(group_buy: GroupBuy, form: Form, commitment: GroupBuyCommitment | None = None) -> str:
    session = db.session()
    words = request.values.get("q", "")[:100]
    page = _articles(session, group_buy, words)
    shown = {one.id for one in page.rows}
    typed = {int(name[6:]) for name in form.values if name.startswith("units-")
             and name[6:].isdecimal() and len(name) < 25 and form.values[name]}  # fmt: skip
    actor = auth.signed_in_actor()
    return render_template(
        "organising/guest_order.html",
        group_buy=group_buy,
        form=form,
        commitment=commitment,
        is_searched=SEARCH in request.form or bool(words),
        may_order=guests.may_be_ordered_for(group_buy, actor),
        kept_options=[
            (str(one.id), one.name) for one in guests.kept(session, group_buy, actor=actor)
        ],
        point_options=[
            *(
                (str(point.id), f"{point.name}, {point.address}", "")
                for point in buying.pickup_points(session, group_buy)
            ),
            *([("", gettext("It is sent"), "")] if group_buy.ships else []),
        ],
        page=page,
        words=words,
        also=buying.articles(session, group_buy, typed - shown) if typed - shown else [],
    )

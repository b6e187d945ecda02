"""The order to the supplier: to read, to print, to download, and that it was sent."""

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from marketplace import auth, db, filters
from marketplace.auth import member_required
from marketplace.organising.blueprint import bp, organised
from marketplace.tables import download, spelling
from models.buying import GroupBuy
from models.collaborations import State
from services import buying
from services.buying import order_sheets, vat
from services.buying.delivering import NotAtThisStage


@bp.get("/group-buys/<slug>/desk/order")
@member_required
def order(slug: str) -> str:
    session = db.session()
    group_buy = organised(session, slug)
    guard_decided(group_buy)
    lines = lines_of(session, group_buy)
    return render_template(
        "organising/order.html",
        group_buy=group_buy,
        lines=lines,
        total_minor=sum(line.total_minor for line in lines),
        deposit_minor=sum(line.deposit_minor for line in lines),
        taxed=[one for one in order_sheets.order_vat(lines) if one.vat_minor],
    )


@bp.get("/group-buys/<slug>/desk/order.csv")
@member_required
def order_csv(slug: str) -> Response:
    session = db.session()
    group_buy = organised(session, slug)
    guard_decided(group_buy)
    lines = lines_of(session, group_buy)
    places = filters.exponent(group_buy.currency)
    text = order_sheets.order_csv(
        lines, currency=group_buy.currency, exponent=places, spelling=spelling()
    )
    return download(text, f"order-{slug}.csv")


@bp.get("/group-buys/<slug>/desk/order-numbers.csv")
@member_required
def order_numbers(slug: str) -> Response:
    session = db.session()
    group_buy = organised(session, slug)
    guard_decided(group_buy)
    lines = lines_of(session, group_buy)
    return download(order_sheets.order_numbers(lines), f"order-numbers-{slug}.csv")


@bp.post("/group-buys/<slug>/desk/order")
@member_required
def mark_ordered(slug: str) -> ResponseReturnValue:
    with db.transaction() as session:
        group_buy = organised(session, slug, lock=True)
        buying.mark_ordered(session, group_buy, actor=auth.signed_in_actor(), now=db.now(session))
    flash(gettext("The order is sent. Everyone who joined is told."))
    return redirect(url_for("organising.desk", slug=slug), 303)


def lines_of(session: Session, group_buy: GroupBuy) -> list[order_sheets.OrderLine]:
    """What goes to the supplier, with the tax in it."""
    rates = vat.decided_rates(session, group_buy)
    return order_sheets.order_lines(buying.ordered_articles(session, group_buy), rates)


def guard_decided(group_buy: GroupBuy) -> None:
    # While payments are collected units can still drop out; an order would be too large.
    if group_buy.state not in (State.RUNNING, State.COMPLETED):
        raise NotAtThisStage

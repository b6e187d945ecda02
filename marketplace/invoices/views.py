"""Invoices, receipts and credit notes, for people: those one got, and those one issued."""

from collections.abc import Sequence

from flask import Blueprint, Response, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from marketplace import auth, db
from marketplace.auth import member_required
from marketplace.forms import Form
from marketplace.invoices import papers, tables
from marketplace.invoices.schemas import BillTo, Filters, asked
from marketplace.tables import download, spelling
from models.participants import Participant
from services import invoices
from services.invoices import MayNotBill, Side

bp = Blueprint("invoices", __name__)


@bp.get("/invoices")
@member_required
def received() -> ResponseReturnValue:
    return _list(Side.RECEIVED)


@bp.get("/invoices/issued")
@member_required
def issued() -> ResponseReturnValue:
    """What one issued as the seller, of all group buys or of one."""
    return _list(Side.ISSUED)


def _list(side: Side) -> ResponseReturnValue:
    form = Form(Filters, request.args)
    session, actor, chosen = db.session(), auth.signed_in_actor(), asked(form.fields)
    page = invoices.of_actor(session, actor, side, **chosen, after=form.fields.get("after"))
    deal_id = chosen["group_buy_id"]
    rendered = render_template(
        "invoices/index.html",
        page=page,
        side=side,
        year=chosen["year"],
        years=_by_year(invoices.years(session, actor, side), chosen["year"], deal_id),
        deal_id=deal_id,
        deal_title=page.rows[0].title if deal_id and page.rows else "",
        title_of=papers.title_of,
    )
    return rendered, 200 if form.is_valid else 422


def _by_year(
    years: Sequence[int], chosen: int | None, deal_id: int | None
) -> list[tuple[str, str, bool]]:
    """Where each year leads to, what it is called, whether it is read; none without a choice."""
    if len(years) < 2 and not chosen:
        return []
    here = request.endpoint or ".received"
    every = (url_for(here, group_buy=deal_id), str(gettext("All years")), not chosen)
    return [
        every,
        *((url_for(here, year=one, group_buy=deal_id), str(one), one == chosen) for one in years),
    ]


@bp.get("/invoices/issued.csv")
@member_required
def table() -> Response:
    """What was issued, line by line, for whoever keeps the seller's books."""
    chosen = asked(Form(Filters, request.args).fields)
    lines = invoices.lines_of(db.session(), auth.signed_in_actor(), **chosen)
    return download(tables.written(lines, spelling()), "invoices.csv")


@bp.get("/invoices/<int:invoice_id>")
@member_required
def show(invoice_id: int) -> str:
    session, actor = db.session(), auth.signed_in_actor()
    invoice = invoices.find(session, invoice_id, actor=actor)
    return render_template(
        "invoices/show.html",
        invoice=invoice,
        title=papers.title_of(invoice),
        paper=papers.paper(invoice),
        is_seller=actor.may_manage(invoice.seller_id),
        corrections=invoices.corrections_of(session, invoice),
    )


@bp.get("/commitments/<int:commitment_id>/invoices")
@member_required
def of_order(commitment_id: int) -> str:
    """The documents of one order, or when they will come."""
    found = invoices.of_commitment(db.session(), commitment_id, actor=auth.signed_in_actor())
    g.time_zone = found.deal.time_zone
    return render_template("invoices/of_order.html", papers=found, title_of=papers.title_of)


@bp.get("/invoices/billing")
@member_required
def billing() -> str:
    """The name and address that later documents bear, of whom one acts as."""
    participant = _billed()
    shown = {"name": participant.billing_name, "address": participant.billing_address}
    return _billing_page(participant, Form(BillTo, shown=shown))


@bp.post("/invoices/billing")
@member_required
def bill_to() -> ResponseReturnValue:
    form = Form.sent(BillTo)
    actor = auth.signed_in_actor()
    with form.refusals(but=MayNotBill), form.transaction() as session:
        invoices.bill_to(session, actor.participant.id, **form.fields, actor=actor)
    if form.is_accepted:
        flash(gettext("Noted. Later invoices bear it; those that are there stay as they are."))
        return redirect(url_for(".billing"), 303)
    return _billing_page(_billed(), form), form.status


def _billed() -> Participant:
    """Whom one acts as, if one may say where their invoices go; refuses with MayNotBill."""
    actor = auth.signed_in_actor()
    return invoices.billed(db.session(), actor.participant.id, actor=actor)


def _billing_page(participant: Participant, form: Form) -> str:
    return render_template("invoices/billing.html", participant=participant, form=form)

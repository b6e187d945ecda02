"""Invoices, receipts and credit notes, for programs."""

from typing import Any

from flask import Response
from marshmallow import fields
from sqlalchemy.orm import Session

from marketplace import auth, db
from marketplace.api import Blueprint, answer_page, idempotent, page_of, scope_required
from marketplace.fields import Choice, Count, Id, Moment, MoneyOut
from marketplace.invoices import tables
from marketplace.invoices.schemas import BillTo, InvoiceQuery, TableQuery
from marketplace.schemas import Schema
from marketplace.tables import download
from models.invoices import Invoice, InvoiceKind, InvoiceLine, InvoiceLineKind
from models.members import Scope
from models.money import Money
from services import invoices
from services.buying.sheets import FOR_PROGRAMS

endpoints = Blueprint(
    "invoices_api",
    __name__,
    path="/invoices",
    about="Invoices, receipts and credit notes, for the buyer's side and the seller's.",
)


class InvoicePartyOut(Schema):
    """Seller or buyer, as they were when it was issued; empty is what they did not state."""

    participant = Id(required=True)
    name = fields.String(required=True)
    address = fields.String(required=True)
    email = fields.String(required=True)
    phone = fields.String(required=True)
    register = fields.String(required=True)
    vat_number = fields.String(required=True)


class InvoiceOut(Schema):
    """A document; the amounts of a credit note are negative."""

    id = Id(required=True)
    kind = Choice(InvoiceKind, required=True)
    number = fields.String(required=True)
    corrects = Id(required=True, allow_none=True)
    group_buy = Id(required=True)
    commitment = Id(required=True)
    title = fields.String(required=True)
    by_trader = fields.Boolean(
        required=True, metadata={"description": "False of a receipt, which states no tax."}
    )
    seller = Id(required=True)
    buyer = Id(required=True)
    issued_at = Moment(required=True)
    supplied_at = Moment(required=True)
    total = MoneyOut(required=True)
    vat = MoneyOut(required=True)


class InvoiceLineOut(Schema):
    kind = Choice(InvoiceLineKind, required=True)
    name = fields.String(required=True)
    order_number = fields.String(required=True)
    unit = fields.String(required=True)
    units = fields.Integer(required=True, allow_none=True)
    grams = fields.Integer(required=True, allow_none=True)
    price = MoneyOut(
        required=True,
        allow_none=True,
        metadata={"description": "Gross, of a unit; of a kilogram where `grams` is said."},
    )
    vat_basis_points = Count(
        required=True,
        allow_none=True,
        metadata={"description": "Null where no tax is stated."},
    )
    gross = MoneyOut(required=True)
    vat = MoneyOut(required=True)


class InvoiceDetailOut(InvoiceOut):
    lang = fields.String(required=True)
    paid_at = Moment(
        required=True, allow_none=True, metadata={"description": "If it was by the time of issue."}
    )
    from_whom = fields.Nested(InvoicePartyOut, required=True)
    to_whom = fields.Nested(InvoicePartyOut, required=True)
    lines = fields.List(fields.Nested(InvoiceLineOut), required=True)


class BillToOut(Schema):
    name = fields.String(required=True)
    address = fields.String(required=True)


@endpoints.get("")
@scope_required(Scope.READ)
@endpoints.etag
@endpoints.arguments(InvoiceQuery, location="query")
@endpoints.response(200, page_of(InvoiceOut))
def index(query: dict[str, Any]) -> dict[str, Any]:
    """List the documents of one side, the newest first."""
    page = invoices.of_actor(
        db.session(),
        auth.signed_in_actor(),
        query["side"],
        year=query["year"],
        group_buy_id=query["group_buy"],
        after=query.get("after"),
        limit=query["limit"],
    )
    return answer_page(page.map(_shown))


@endpoints.get("/<id:invoice_id>")
@scope_required(Scope.READ)
@endpoints.etag
@endpoints.response(200, InvoiceDetailOut)
def show(invoice_id: int) -> dict[str, Any]:
    """Show one document with its lines."""
    invoice = invoices.find(db.session(), invoice_id, actor=auth.signed_in_actor())
    return {
        **_shown(invoice),
        "lang": invoice.lang,
        "paid_at": invoice.paid_at,
        "from_whom": _party(invoice.seller_id, invoice.seller_details),
        "to_whom": _party(invoice.buyer_id, invoice.buyer_details),
        "lines": [_shown_line(line, invoice.currency) for line in invoice.lines],
    }


@endpoints.get("/issued.csv")
@scope_required(Scope.READ)
@endpoints.arguments(TableQuery, location="query")
@endpoints.doc(responses={"200": {"content": {"text/csv": {"schema": {"type": "string"}}}}})
@endpoints.response(200)
def table(query: dict[str, Any]) -> Response:
    """Download what one issued as the seller, one row for each line, up to 10,000."""
    lines = invoices.lines_of(
        db.session(),
        auth.signed_in_actor(),
        year=query["year"],
        group_buy_id=query["group_buy"],
    )
    return download(tables.written(lines, FOR_PROGRAMS), "invoices.csv")


@endpoints.get("/billing")
@scope_required(Scope.READ)
@endpoints.response(200, BillToOut)
def billing() -> dict[str, str]:
    """Show the name and address that later documents bear, of whom the token acts as."""
    actor = auth.signed_in_actor()
    participant = invoices.billed(db.session(), actor.participant.id, actor=actor)
    return {"name": participant.billing_name, "address": participant.billing_address}


@endpoints.post("/billing")
@scope_required(Scope.PROFILE)
@endpoints.arguments(BillTo)
@idempotent
@endpoints.response(200, BillToOut)
def bill_to(session: Session, given: dict[str, Any]) -> dict[str, str]:
    """Say which name and address later documents bear; those that are there stay as they are."""
    actor = auth.signed_in_actor()
    changed = invoices.bill_to(session, actor.participant.id, **given, actor=actor)
    return {"name": changed.billing_name, "address": changed.billing_address}


def _shown(invoice: Invoice) -> dict[str, Any]:
    return {
        "id": invoice.id,
        "kind": invoice.kind,
        "number": invoice.full_number,
        "corrects": invoice.corrects_id,
        "group_buy": invoice.collaboration_id,
        "commitment": invoice.commitment_id,
        "title": invoice.title,
        "by_trader": invoice.by_trader,
        "seller": invoice.seller_id,
        "buyer": invoice.buyer_id,
        "issued_at": invoice.issued_at,
        "supplied_at": invoice.supplied_at,
        "total": Money(invoice.total_minor, invoice.currency),
        "vat": Money(invoice.vat_minor, invoice.currency),
    }


def _party(participant_id: int, details: dict[str, Any]) -> dict[str, Any]:
    return {"participant": participant_id, **details}


def _shown_line(line: InvoiceLine, currency: str) -> dict[str, Any]:
    return {
        "kind": line.kind,
        "name": line.name,
        "order_number": line.order_number,
        "unit": line.unit,
        "units": line.units,
        "grams": line.grams,
        "price": None if line.price_minor is None else Money(line.price_minor, currency),
        "vat_basis_points": line.vat_basis_points,
        "gross": Money(line.gross_minor, currency),
        "vat": Money(line.vat_minor, currency),
    }


ENDPOINTS = (endpoints,)

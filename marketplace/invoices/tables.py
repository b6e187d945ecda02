"""The table for a bookkeeper: one row for each line, with its rate, of all that was issued."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from babel.dates import get_timezone
from flask_babel import gettext

from marketplace import filters
from marketplace.invoices.papers import words_of
from models.invoices import InvoiceKind, InvoiceLine
from models.money import Money
from services.buying import sheets
from services.buying.sheets import Cell, Spelling, percent_of

COLUMNS = (
    "invoice_number",
    "invoice_kind",
    "corrects",
    "issued_on",
    "supplied_on",
    "title",
    "seller",
    "buyer",
    "buyer_address",
    "buyer_vat_number",
    "line",
    "units",
    "vat_percent",
    "net",
    "vat",
    "gross",
    "currency",
)


def written(lines: Iterable[InvoiceLine], spelling: Spelling) -> str:
    """The lines as a table; days are those of each deal."""
    return sheets.written(COLUMNS, (_row(line) for line in lines), exponent=0, spelling=spelling)


def _row(line: InvoiceLine) -> list[Cell]:
    invoice = line.invoice
    return [
        invoice.full_number,
        _kind(invoice.kind, by_trader=invoice.by_trader),
        invoice.corrects.full_number if invoice.corrects else "",
        _day(invoice.issued_at, invoice.time_zone),
        _day(invoice.supplied_at, invoice.time_zone),
        invoice.title,
        invoice.seller_details["name"],
        invoice.buyer_details["name"],
        invoice.buyer_details["address"],
        invoice.buyer_details["vat_number"],
        words_of(invoice, line),
        line.units,
        None if line.vat_basis_points is None else Decimal(percent_of(line.vat_basis_points)),
        _amount(line.gross_minor - line.vat_minor, invoice.currency),
        _amount(line.vat_minor, invoice.currency),
        _amount(line.gross_minor, invoice.currency),
        invoice.currency,
    ]


def _kind(kind: InvoiceKind, *, by_trader: bool) -> str:
    if kind == InvoiceKind.CREDIT_NOTE:
        return str(gettext("Credit note"))
    return str(gettext("Invoice") if by_trader else gettext("Receipt"))


def _day(moment: datetime, place: str) -> str:
    return f"{moment.astimezone(get_timezone(place)):%Y-%m-%d}"


def _amount(minor: int, currency: str) -> Decimal:
    return Money(minor, currency).to_decimal(filters.exponent(currency))

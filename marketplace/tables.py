"""Tables for people's spreadsheets, in the words and with the decimal sign of their language.

A table that we or others read back keeps its own columns: it is written without a spelling.
"""

import re
from decimal import Decimal

from babel.numbers import get_decimal_symbol
from flask import Response
from flask_babel import get_locale, gettext

from marketplace import filters
from models.words import N_
from services.buying.sheets import Spelling

_HEADINGS = {
    "address": N_("Web page"),
    "article": N_("Article"),
    "case_size": N_("Units in a case"),
    "cases": N_("Full cases"),
    "closes_at": N_("Closes"),
    "currency": N_("Currency"),
    "decided_units": N_("Units decided"),
    "delivered_units": N_("Units delivered"),
    "deposit": N_("Deposit"),
    "due": N_("Due"),
    "ean": N_("EAN"),
    "expected_grams": N_("Expected grams"),
    "freight": N_("Freight"),
    "goods": N_("Goods"),
    "guest": N_("Without an account"),
    "handed_over_at": N_("Fetched on"),
    "loose_units": N_("Loose units"),
    "name": N_("Name"),
    "no": N_("no"),
    "note": N_("Note"),
    "order_number": N_("Order number"),
    "packed_at": N_("Packed on"),
    "paid": N_("Paid"),
    "paid_at": N_("Paid on"),
    "participant": N_("Who ordered"),
    "pay_by_at": N_("Pay by"),
    "payment": N_("Payment"),
    "payment_method": N_("Way of payment"),
    "pickup_from_at": N_("Pick-up from"),
    "pickup_place": N_("Place of the pick-up"),
    "pickup_point": N_("Pick-up point"),
    "pickup_until_at": N_("Pick-up until"),
    "price": N_("Price"),
    "reason": N_("Reason"),
    "refunded": N_("Paid back"),
    "second_line": N_("Second line"),
    "share": N_("Organiser's share"),
    "shipping_address": N_("Shipping address"),
    "state": N_("State"),
    "title": N_("Title"),
    "total": N_("Total"),
    "unit": N_("Unit"),
    "units": N_("Units"),
    "vat": N_("VAT"),
    "vat_percent": N_("VAT in percent"),
    "weighed_grams": N_("Weighed grams"),
    "worst_case": N_("At most"),
    "yes": N_("yes"),
}
_RATE = re.compile(r"vat_([0-9.]+)_percent")


def spelling() -> Spelling:
    """How the reader's spreadsheet expects a table; where decimals have a comma, cells do not."""
    decimal_point = get_decimal_symbol(get_locale())
    return Spelling("," if decimal_point == "." else ";", decimal_point, _heading)


def download(text: str, name: str) -> Response:
    """A table as a file that spreadsheets open as UTF-8."""
    response = Response(text.encode("utf-8-sig"), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _heading(name: str) -> str:
    rate = _RATE.fullmatch(name)
    if rate is not None:
        basis_points = int(Decimal(rate[1]) * 100)
        return str(gettext("VAT of %(percent)s", percent=filters.percent(basis_points)))
    return str(gettext(_HEADINGS[name]))

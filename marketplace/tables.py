"""Tables for people's spreadsheets, in the words and with the decimal sign of their language.

A table that programs of others read keeps its own columns: it is written without a spelling. One
that people fill in for us is read back by its headings, in whatever language it was written.
"""

import re
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from babel.numbers import get_decimal_symbol
from flask import Response
from flask_babel import force_locale, get_locale, gettext

from marketplace import filters
from marketplace.config import LOCALES
from models.buying import PaymentMethod
from models.collaborations import CommitmentState
from models.payments import PaymentState
from models.words import N_
from services.buying.roll import LEFT_OUT
from services.buying.sheets import Spelling

_HEADINGS = {
    "about_grams": N_("Usual grams"),
    "address": N_("Web page"),
    "amount": N_("Amount"),
    "article": N_("Article"),
    "balance": N_("Balance"),
    "buyer": N_("Buyer"),
    "buyer_address": N_("Address of the buyer"),
    "buyer_vat_number": N_("VAT number of the buyer"),
    "case_size": N_("Units in a case"),
    "cases": N_("Full cases"),
    "closes_at": N_("Closes"),
    "corrects": N_("Corrects"),
    "currency": N_("Currency"),
    "decided_units": N_("Units decided"),
    "delivered_units": N_("Units delivered"),
    "deposit": N_("Deposit"),
    "due": N_("Due"),
    "ean": N_("EAN"),
    "expected_grams": N_("Expected grams"),
    "freight": N_("Freight"),
    "goods": N_("Goods"),
    "grams": N_("Grams"),
    "group_buy": N_("Group buy"),
    "gross": N_("Gross"),
    "guest": N_("Without an account"),
    "handed_over_at": N_("Fetched on"),
    "invoice_kind": N_("Kind"),
    "invoice_number": N_("Number"),
    "issued_on": N_("Issued on"),
    "line": N_("For"),
    "loose_units": N_("Loose units"),
    "moment": N_("Moment"),
    "name": N_("Name"),
    "net": N_("Net"),
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
    "portion": N_("Portion"),
    "price": N_("Price"),
    "reason": N_("Reason"),
    "refunded": N_("Paid back"),
    "second_line": N_("Second line"),
    "seller": N_("Seller"),
    "share": N_("Organiser's share"),
    "shipping_address": N_("Shipping address"),
    "state": N_("State"),
    "supplied_on": N_("Delivered on"),
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
# In the words of a list of people: neither of the one who reads, nor of the one who orders.
CHOICES: dict[type[StrEnum], dict[str, str]] = {
    CommitmentState: {
        CommitmentState.ACTIVE: N_("In"),
        CommitmentState.WAITING: N_("On the waiting list"),
        CommitmentState.WITHDRAWN: N_("Left"),
        CommitmentState.IN: N_("Confirmed"),
        CommitmentState.OUT: N_("Not in"),
        CommitmentState.DROPPED: N_("Dropped"),
        CommitmentState.FULFILLED: N_("Received"),
    },
    PaymentMethod: {
        PaymentMethod.CARD: N_("By card"),
        PaymentMethod.AT_PICKUP: N_("When fetching"),
    },
    PaymentState: {
        PaymentState.AWAITING_CARD: N_("Card missing"),
        PaymentState.READY: N_("Card ready"),
        PaymentState.CHARGING: N_("Being charged"),
        PaymentState.NEEDS_ACTION: N_("The bank asks"),
        PaymentState.DECLINED: N_("Card declined"),
        PaymentState.AT_PICKUP: N_("When fetching"),
        PaymentState.CONFIRMED_BY_ONE: N_("Confirmed by one side"),
        PaymentState.PAID: N_("Paid"),
        PaymentState.FAILED: N_("Not paid"),
        PaymentState.RELEASED: N_("Nothing to pay"),
    },
}
REASONS = {
    LEFT_OUT: N_("Left out at the close"),
    "no_article_kept": N_("No article reached its threshold"),
    "smallest_order_not_reached": N_("Smallest order value not reached"),
    "price_too_low": N_("Price too high"),
    "rationed_out": N_("Others were first"),
    "article_dropped": N_("Article did not reach its threshold"),
    "deal_failed": N_("It did not happen"),
    "not_paid": N_("Not paid"),
    "not_delivered": N_("Not delivered"),
    "paused_too_long": N_("Paused too long"),
    "no_card": N_("No card given"),
    "terms_not_accepted": N_("New terms not agreed to"),
}
_RATE = re.compile(r"vat_([0-9.]+)_percent")


def spelling() -> Spelling:
    """How the reader's spreadsheet expects a table; where decimals have a comma, cells do not."""
    decimal_point = get_decimal_symbol(get_locale())
    return Spelling("," if decimal_point == "." else ";", decimal_point, heading, _choice, moment)


def download(text: str, name: str) -> Response:
    """A table as a file that spreadsheets open as UTF-8."""
    response = Response(text.encode("utf-8-sig"), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def heading(name: str) -> str:
    """What the name of a column, or of a reason, is in the reader's language."""
    if not name:
        return ""
    rate = _RATE.fullmatch(name)
    if rate is not None:
        basis_points = int(Decimal(rate[1]) * 100)
        return str(gettext("VAT of %(percent)s", percent=filters.percent(basis_points)))
    return str(gettext(_HEADINGS.get(name) or REASONS[name]))


def names_by_heading(names: Iterable[str]) -> dict[str, str]:
    """The names of columns by what they are called in any language, in lower case, and by us."""
    found = {name: name for name in names}
    for locale in LOCALES:
        with force_locale(locale):
            found |= {heading(name).casefold(): name for name in found.values()}
    return found


def _choice(choice: StrEnum) -> str:
    return str(gettext(CHOICES[type(choice)][choice]))


def moment(value: datetime, place: str = "") -> str:
    """As spreadsheets of all languages read a moment, in the time of `place` or of the page."""
    return f"{value.astimezone(filters.zone(place)):%Y-%m-%d %H:%M}"

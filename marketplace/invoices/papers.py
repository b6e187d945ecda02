"""A document as it is read and printed: in the language it was issued in, whoever reads it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import g, render_template
from flask_babel import force_locale, gettext
from markupsafe import Markup

from marketplace import filters
from marketplace.config import LOCALES
from models.invoices import Invoice, InvoiceLine, InvoiceLineKind
from models.money import Money
from models.words import N_

# Goods are called what they are.
KINDS: dict[InvoiceLineKind, str] = {
    InvoiceLineKind.DEPOSIT: N_("Deposit: %(name)s"),
    InvoiceLineKind.FREIGHT: N_("Freight"),
    InvoiceLineKind.SHIPPING: N_("Sending"),
    InvoiceLineKind.SHARE: N_("Organiser's share"),
    InvoiceLineKind.REDUCTION: N_("Let off"),
}
PASSED_ON = N_("Organiser's share, passed on to %(name)s")


@dataclass(frozen=True)
class AtRate:
    """What a document holds at one rate: net, tax and gross; without a rate, what is untaxed."""

    basis_points: int | None
    net: Money
    vat: Money
    gross: Money


def title_of(invoice: Invoice) -> str:
    """What such a document is called, in the language spoken now."""
    if invoice.is_credit_note:
        return str(gettext("Credit note"))
    return str(gettext("Invoice") if invoice.by_trader else gettext("Receipt"))


def language_of(invoice: Invoice) -> str:
    return invoice.lang if invoice.lang in LOCALES else "en"


def paper(invoice: Invoice) -> Markup:
    """The document itself, in its own language and the time of its deal."""
    g.time_zone = invoice.time_zone
    with force_locale(language_of(invoice)):
        return Markup(  # noqa: S704 - a template escaped it  # nosec B704
            render_template(
                "invoices/paper.html",
                invoice=invoice,
                title=title_of(invoice),
                lines=[(line, words_of(invoice, line)) for line in invoice.lines],
                rates=by_rate(invoice),
                lang=language_of(invoice),
                quantity_of=quantity_of,
            )
        )


def words_of(invoice: Invoice, line: InvoiceLine) -> str:
    """What a line is for, in the language spoken now."""
    if line.kind == InvoiceLineKind.GOODS:
        return line.name
    if line.kind == InvoiceLineKind.SHARE and invoice.by_trader and line.vat_basis_points is None:
        return str(gettext(PASSED_ON, name=invoice.organiser_name))
    return str(gettext(KINDS[line.kind], name=line.name))


def by_rate(invoice: Invoice) -> Sequence[AtRate]:
    """The sums of a document at each rate, the lowest first, then what is untaxed."""
    return list(_sums(invoice))


def _sums(invoice: Invoice) -> Iterator[AtRate]:
    found = {line.vat_basis_points for line in invoice.lines}
    for rate in sorted(found, key=lambda one: (one is None, one or 0)):
        lines = [line for line in invoice.lines if line.vat_basis_points == rate]
        gross, vat = sum(one.gross_minor for one in lines), sum(one.vat_minor for one in lines)
        yield AtRate(
            rate,
            Money(gross - vat, invoice.currency),
            Money(vat, invoice.currency),
            Money(gross, invoice.currency),
        )


def quantity_of(line: InvoiceLine) -> str:
    """So many units, or the weight that is charged."""
    if line.grams:
        sign = "-" if line.grams < 0 else ""
        return sign + filters.weight(abs(line.grams))
    return filters.number(line.units)

"""Writing: the document that is missing between what is owed and what is written. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from models.buying import GroupBuy, GroupBuyCommitment
from models.invoices import Invoice, InvoiceKind, InvoiceLine
from models.participants import Participant
from services.invoices import billing
from services.invoices.stating import Key, Stated, changed, stated
from services.invoices.taxing import taxes


@dataclass(frozen=True)
class Sale:
    """What all documents of one group buy have in common."""

    group_buy: GroupBuy
    seller: Participant
    issued_at: datetime

    @property
    def by_trader(self) -> bool:
        return self.group_buy.is_sold_by_trader


def missing(
    sale: Sale, commitment: GroupBuyCommitment, before: Sequence[Invoice]
) -> Invoice | None:
    """The document for the difference between what is owed and what those `before` say."""
    now = stated(sale.group_buy, commitment, by_trader=_states_tax(sale, before))
    charged_minor = sum(one.total_minor for one in before)
    total_minor = sum(row.gross_minor for row in now) - charged_minor
    if not total_minor:
        return None
    rows = changed(now, _said(before))
    tax_before: dict[int, int] = {}
    for line in (line for one in before for line in one.lines):
        if line.vat_basis_points is not None:
            rate = line.vat_basis_points
            tax_before[rate] = tax_before.get(rate, 0) + line.vat_minor
    return _document(sale, commitment, before, rows, taxes(rows, now, tax_before))


def _states_tax(sale: Sale, before: Sequence[Invoice]) -> bool:
    """A credit note is of the kind its invoice was, whatever the seller is by now."""
    return before[0].by_trader if before else sale.by_trader


def _said(before: Sequence[Invoice]) -> dict[Key, Stated]:
    """What the documents say together, by what each line is."""
    said: dict[Key, Stated] = {}
    for line in (line for one in before for line in one.lines):
        key = (line.kind, line.line_id, line.vat_basis_points)
        was = said.get(key)
        said[key] = Stated(
            line.kind,
            line.gross_minor + (was.gross_minor if was else 0),
            line.vat_basis_points,
            line_id=line.line_id,
            name=line.name,
            order_number=line.order_number,
            unit=line.unit,
            units=(line.units or 0) + ((was.units or 0) if was else 0),
            grams=(line.grams or 0) + ((was.grams or 0) if was else 0),
            price_minor=line.price_minor,
        )
    return said


def _document(
    sale: Sale,
    commitment: GroupBuyCommitment,
    before: Sequence[Invoice],
    rows: Sequence[Stated],
    vat_minor: Sequence[int],
) -> Invoice:
    deal, buyer = sale.group_buy, commitment.participant
    first = before[0] if before else None
    return Invoice(
        kind=InvoiceKind.CREDIT_NOTE if first else InvoiceKind.INVOICE,
        commitment_id=commitment.id,
        position=len(before),
        corrects_id=first.id if first else None,
        collaboration_id=deal.id,
        seller_id=sale.seller.id,
        buyer_id=buyer.id,
        year=sale.issued_at.astimezone(ZoneInfo(deal.time_zone)).year,
        by_trader=_states_tax(sale, before),
        seller_details=billing.details(sale.seller),
        buyer_details=billing.details(buyer),
        title=deal.title,
        organiser_name=deal.organiser.name,
        lang=buyer.lang,
        time_zone=deal.time_zone,
        supplied_at=commitment.handed_over_at or deal.delivered_at or sale.issued_at,
        issued_at=sale.issued_at,
        currency=deal.currency,
        total_minor=sum(row.gross_minor for row in rows),
        vat_minor=sum(vat_minor),
        lines=[
            InvoiceLine(
                position=position,
                kind=row.kind,
                line_id=row.line_id,
                name=row.name,
                order_number=row.order_number,
                unit=row.unit,
                units=row.units,
                grams=row.grams,
                price_minor=row.price_minor,
                vat_basis_points=row.vat_basis_points,
                gross_minor=row.gross_minor,
                vat_minor=tax,
            )
            for position, (row, tax) in enumerate(zip(rows, vat_minor, strict=True))
        ],
    )

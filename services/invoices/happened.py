"""What happens to invoices, in the past tense."""

from dataclasses import dataclass

from services.events import Happened


@dataclass(frozen=True, kw_only=True)
class InvoiceIssued(Happened):
    """Whoever sold charged an order: by an invoice or, of a private seller, by a receipt."""

    invoice_id: int


@dataclass(frozen=True, kw_only=True)
class CreditNoteIssued(Happened):
    """Less is owed than was charged: a credit note says so."""

    invoice_id: int

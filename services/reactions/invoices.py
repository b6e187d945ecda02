"""Invoices: issued once a group buy is completed, and each buyer is told of theirs."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.events import Event
from models.invoices import Invoice
from models.notices import NoticeKind
from services import paths, queue
from services.reactions.registry import on
from services.reactions.telling import commitment_of, money, tell_one, telling_of


@on("GroupBuyCompleted")
def have_invoices_issued(session: Session, event: Event, now: datetime) -> None:
    assert event.collaboration_id is not None
    queue.defer(session, "invoices.issue", group_buy_id=event.collaboration_id)


@on("InvoiceIssued", "CreditNoteIssued")
def tell_of_invoice(session: Session, event: Event, now: datetime) -> None:
    commitment = commitment_of(session, event)
    deal = commitment.collaboration
    invoice = session.get_one(Invoice, event.facts["invoice_id"])
    charging = "invoice-issued" if invoice.by_trader else "receipt-issued"
    telling = telling_of(
        deal,
        NoticeKind.PAYMENT,
        "credit-note-issued" if invoice.is_credit_note else charging,
        path=paths.invoice(invoice.id),
        number=invoice.full_number,
        amount=money(abs(invoice.total_minor), deal),
    )
    tell_one(session, event, commitment, telling, now)

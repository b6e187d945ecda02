"""Invoices: what an order cost, from whoever sold it, and credit notes for what is owed no more."""

from services.invoices.billing import MayNotBill, bill_to, billed
from services.invoices.finding import (
    Papers,
    Side,
    corrections_of,
    find,
    lines_of,
    of_actor,
    of_commitment,
    years,
)
from services.invoices.happened import CreditNoteIssued, InvoiceIssued
from services.invoices.issuing import correct, issue, unwritten

__all__ = [
    "CreditNoteIssued",
    "InvoiceIssued",
    "MayNotBill",
    "Papers",
    "Side",
    "bill_to",
    "billed",
    "correct",
    "corrections_of",
    "find",
    "issue",
    "lines_of",
    "of_actor",
    "of_commitment",
    "unwritten",
    "years",
]

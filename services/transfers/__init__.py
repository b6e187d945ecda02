"""Transfers: an account and a reference to pay to, and the bank's statement that says who did."""

from services.transfers.accounts import (
    Awaited,
    Transfer,
    account_of,
    ask,
    awaited,
    drop_account,
    name_account,
    take_along,
    transfer_of,
)
from services.transfers.booking import Booked, Taken, book
from services.transfers.limits import count_statement
from services.transfers.matching import BOOKABLE, Fit, Match, Preview, preview
from services.transfers.references import reference, written
from services.transfers.statements import MOST_BYTES, Statement, StatementLine, read

__all__ = [
    "BOOKABLE",
    "MOST_BYTES",
    "Awaited",
    "Booked",
    "Fit",
    "Match",
    "Preview",
    "Statement",
    "StatementLine",
    "Taken",
    "Transfer",
    "account_of",
    "ask",
    "awaited",
    "book",
    "count_statement",
    "drop_account",
    "name_account",
    "preview",
    "read",
    "reference",
    "take_along",
    "transfer_of",
    "written",
]

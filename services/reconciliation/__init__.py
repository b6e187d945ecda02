"""Reconciliation: the gateway's own list of what moved is held against the books, to the cent."""

from services.reconciliation.comparing import compare, last
from services.reconciliation.judging import note, open_differences
from services.reconciliation.lines import keep_lines, newest_line, read_lines, subject_of

__all__ = [
    "compare",
    "keep_lines",
    "last",
    "newest_line",
    "note",
    "open_differences",
    "read_lines",
    "subject_of",
]

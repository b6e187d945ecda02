"""Disputes: reports by anyone, a moderator's decision with its reasons, a log anyone can read.

The duties are those of Regulation 2022/2065: Art. 16 (anyone may report, and is answered)
and Art. 17 (whoever is restricted is told why).
"""

from services.disputes.deciding import (
    count_open,
    decide,
    find,
    find_decided,
    lift,
    may_lift,
    public_log,
    queue,
    take_up,
)
from services.disputes.reporting import report
from services.disputes.targets import Reported, find_target

__all__ = [
    "Reported",
    "count_open",
    "decide",
    "find",
    "find_decided",
    "find_target",
    "lift",
    "may_lift",
    "public_log",
    "queue",
    "report",
    "take_up",
]

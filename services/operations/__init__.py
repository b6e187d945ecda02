"""Operations: what those who host the instance see, check, publish and clear away."""

from services.operations.checking import check_books, last_check
from services.operations.cleaning import clean
from services.operations.jobs import Job, JobCounts, counts, failed, next_due, retry, take_due
from services.operations.legal import missing, publish, published, version, versions
from services.operations.overview import Overview, look
from services.operations.roles import make_operator

__all__ = [
    "Job",
    "JobCounts",
    "Overview",
    "check_books",
    "clean",
    "counts",
    "failed",
    "last_check",
    "look",
    "make_operator",
    "missing",
    "next_due",
    "publish",
    "published",
    "retry",
    "take_due",
    "version",
    "versions",
]

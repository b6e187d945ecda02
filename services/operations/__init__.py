"""Operations: what those who host the instance see, check, publish and clear away."""

from services.operations.checking import check_books, last_check
from services.operations.cleaning import clean
from services.operations.jobs import Job, JobCounts, counts, failed, retry
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
    "publish",
    "published",
    "retry",
    "version",
    "versions",
]

"""Discovery: finding deals and people; what is found is public to everyone."""

from services.discovery.browsing import all_public, browse, cards
from services.discovery.filters import Filters, Found, Sort, Status
from services.discovery.people import currencies, find_participant, participants

__all__ = [
    "Filters",
    "Found",
    "Sort",
    "Status",
    "all_public",
    "browse",
    "cards",
    "currencies",
    "find_participant",
    "participants",
]

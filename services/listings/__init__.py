"""Listings: saying what one needs or offers, finding what others do, keeping it true."""

from services.listings.browsing import ListingFilters, browse
from services.listings.finding import find, of_participant, own
from services.listings.making import Description, close, edit, open_again, publish
from services.listings.standing import ask_due, expire_due, renew, renew_by_key

__all__ = [
    "Description",
    "ListingFilters",
    "ask_due",
    "browse",
    "close",
    "edit",
    "expire_due",
    "find",
    "of_participant",
    "open_again",
    "own",
    "publish",
    "renew",
    "renew_by_key",
]

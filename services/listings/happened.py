"""What happens to listings, in the past tense; the participant is whose listing it is."""

from dataclasses import dataclass

from services.events import Happened


@dataclass(frozen=True, kw_only=True)
class ListingEvent(Happened):
    listing_id: int


class ListingOpened(ListingEvent):
    """Somebody says what they need or offer, or says so again."""


class ListingEdited(ListingEvent):
    """It says something else now."""


class ListingClosed(ListingEvent):
    """Its owner needs or offers it no more."""


class ListingAsked(ListingEvent):
    """It ends in a week: does it still hold?"""


class ListingExpired(ListingEvent):
    """Its time is over, and nobody said that it still holds."""

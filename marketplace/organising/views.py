"""All pages of organising: each module adds its own to the blueprint."""

from marketplace.organising import (  # noqa: F401 - importing them is what adds the pages
    amending,
    articles,
    co_organising,
    counting,
    describing,
    desk,
    exporting,
    fetching,
    finishing,
    from_catalogue,
    guests,
    handing_over,
    ordering,
    packing,
    paper,
    people,
    review,
    rules,
    sampling,
    stopping,
    transferring,
    weighing,
)
from marketplace.organising.blueprint import bp

__all__ = ["bp"]

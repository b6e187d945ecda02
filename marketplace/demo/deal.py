"""What is said of one group buy of the demo world."""

from dataclasses import dataclass, field
from typing import Any

from models.collaborations import Category
from services.buying import NewArticle


@dataclass(frozen=True)
class Deal:
    """One group buy. `joins` are (who, units of each article, tolerance, highest price or 0).

    `until` is how far it has come by today: draft, open, decided, ordered, handing_over,
    settled, cancelled. Whoever is in `by_card` pays by card, the others when they fetch.
    """

    key: str
    organiser: str
    town: str
    title: str
    summary: str
    description: str
    category: Category
    articles: tuple[NewArticle, ...]
    opens_on: int
    closes_on: int
    pickup: tuple[str, str]
    joins: tuple[tuple[str, tuple[int, ...], int, int], ...] = ()
    until: str = "open"
    more: dict[str, Any] = field(default_factory=dict)
    by_card: tuple[str, ...] = ()
    declined: tuple[str, ...] = ()
    short: int = 0
    question: tuple[str, str, str] | None = None
    cancelled_because: str = ""
    # Who orders the same again in the rounds that follow week after week.
    weekly: tuple[str, ...] = ()
    # Holder and IBAN of the account to which it can be paid.
    transfers_to: tuple[str, str] | None = None

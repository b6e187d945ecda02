"""What is said of one group buy of the demo world."""

from dataclasses import dataclass, field
from typing import Any

from models.collaborations import Category
from services.buying import NewArticle


@dataclass(frozen=True)
class Deal:
    """One group buy. `joins` are (who, units of each article, tolerance, highest price or 0).

    `until` is how far it has come by today: draft, scheduled, in_review, open, decided, ordered,
    delivered, handing_over, completed, settled, cancelled. Whoever is in `by_card` pays by card,
    the others when they fetch.
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
    # The country of the account for payouts of whoever sells, if they have set one up.
    paid_in: str = ""
    # Whose bank takes the charge back.
    questioned: tuple[str, ...] = ()
    short: int = 0
    question: tuple[str, str, str] | None = None
    cancelled_because: str = ""
    # Who withdraws from the contract on the last article once all is over.
    withdraws: str = ""
    paused_because: str = ""
    # Orders of a deal made from a catalogue: who, and of which articles how many, and the
    # tolerance of each.
    picks: tuple[tuple[str, dict[str, tuple[int, int]]], ...] = ()
    # What those who organise wrote to all who joined.
    announcement: str = ""
    # Someone without e-mail for whom it was ordered: name, how to reach them, units.
    guest: tuple[str, str, tuple[int, ...]] | None = None
    co_organiser: str = ""
    # Who reported it to the moderators, and with which words.
    reported: tuple[str, str] = ("", "")
    # Who orders the same again in the rounds that follow week after week.
    weekly: tuple[str, ...] = ()
    # Holder and IBAN of the account to which it can be paid.
    transfers_to: tuple[str, str] | None = None


def one(name: str, unit: str, *tiers: tuple[int, int], **more: Any) -> NewArticle:
    """An article at its price steps, each a least number of units and a price in minor units."""
    return NewArticle(name=name, unit=unit, tiers=tiers, **more)

"""What a payer agrees to, in their language: the rule for the amount, the most, and when."""

from flask_babel import gettext

from marketplace import filters
from models.money import Money
from models.words import N_
from services.payments import Standing


def consent(standing: Standing) -> str:
    """The words beside the button with which a card is given; they are kept as shown."""
    facts = {
        "title": standing.deal.title,
        "most": filters.money(Money(standing.amount_minor, standing.payment.currency)),
        "closes_at": filters.datetime_(standing.deal.closes_at),
    }
    if standing.holds:
        text = N_(
            "I agree that %(most)s, the most my order can cost, is held on my card now. When "
            "%(title)s is decided, from %(closes_at)s on, what my order then costs is taken, "
            "never more, and the rest is let go. If it does not happen, nothing is taken."
        )
    elif standing.deal.collecting_days:
        text = N_(
            "I agree that my card is kept and charged once, when %(title)s is decided, from "
            "%(closes_at)s on, with what my order then costs: at most %(most)s, or the most that "
            "I agree to when I change my order. If it does not happen, nothing is charged."
        )
    else:
        text = N_(
            "I agree that my card is kept and charged once, when the goods of %(title)s have "
            "come, with what my order then costs: at most %(most)s, or the most that I agree to "
            "when I change my order. If it does not happen, nothing is charged."
        )
    return str(gettext(text, **facts))

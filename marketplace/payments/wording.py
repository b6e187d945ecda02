"""What a payer agrees to, and how they paid, in their language."""

from flask_babel import gettext

from marketplace import filters
from models.money import Money
from models.payments import Instrument, Payment
from models.words import N_
from services.payments import Standing

_WAYS: dict[Instrument, str] = {
    Instrument.SAVED_CARD: N_("by card"),
    Instrument.HELD_ON_CARD: N_("by card"),
    Instrument.HAND_TO_HAND: N_("in cash or as agreed, confirmed by both sides"),
    Instrument.TRANSFER: N_("by transfer"),
}


def way(payment: Payment) -> str:
    """How it was paid; of a card as much as may be shown: Visa ending in 4242."""
    if payment.is_by_card and payment.card_last4:
        brand = payment.card_brand.replace("_", " ").title()
        return str(gettext("%(card)s ending in %(last4)s", card=brand, last4=payment.card_last4))
    return str(gettext(_WAYS[payment.instrument]))


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

"""The words of payouts: why money waits, and what the gateway still wants to know."""

from collections.abc import Mapping

from flask_babel import get_locale

from marketplace.buying.wording import BOOKINGS
from models.payouts import WithheldFor
from models.words import N_
from services.gateways.answers import PayoutState
from services.payouts.countries import COUNTRIES

WITHHELD: Mapping[WithheldFor, str] = {
    WithheldFor.NO_ACCOUNT: N_("You have no account for payouts yet."),
    WithheldFor.DETAILS_NEEDED: N_("Our payment provider needs more details from you."),
    WithheldFor.CHARGEBACK: N_("The buyer's bank questions the payment and has not decided."),
    WithheldFor.RESERVE: N_("Held back for a time, as the terms say."),
    WithheldFor.REFUSED: N_("Our payment provider did not send it. Those who run this place look."),
    WithheldFor.UNDER_WAY: N_("On its way."),
}

PAYOUT_STATES: Mapping[PayoutState, tuple[str, str]] = {
    PayoutState.PENDING: (N_("planned"), "info"),
    PayoutState.IN_TRANSIT: (N_("on its way"), "info"),
    PayoutState.PAID: (N_("arrived"), "good"),
    PayoutState.FAILED: (N_("came back"), "bad"),
    PayoutState.CANCELLED: (N_("cancelled"), "plain"),
}

# What moved on an account, told its owner; what is not said otherwise here is said as to all.
OWN_BOOKINGS: Mapping[str, str] = {
    **BOOKINGS,
    "due": N_("What you owe after the decision"),
    "cleared_again": N_("What you owe after it was decided again"),
    "payment": N_("Paid by you"),
    "refund": N_("Paid back to you"),
    "settled": N_("Yours since the accounts of the group buy were closed"),
    "organiser_share": N_("Your share as the organiser"),
    "returned_by_seller": N_("To be given back by you for what was withdrawn from"),
    "returned_by_organiser": N_("To be given back by you of your share"),
    "chargeback_withdrawn": N_("Taken back by your bank"),
    "chargeback_reinstated": N_("Given back to us by your bank"),
    "remitted": N_("Sent to your account for payouts"),
    "taken_back": N_("Taken back from your account for payouts"),
}

# By the beginning of the gateway's own word; what is not known here is said by its page.
NEEDED: Mapping[str, str] = {
    "external_account": N_("your bank account"),
    "tos_acceptance": N_("that you agree to its terms"),
    "individual.verification": N_("a document that shows who you are"),
    "individual.address": N_("your address"),
    "individual.dob": N_("your date of birth"),
    "individual": N_("who you are"),
    "representative": N_("who represents you"),
    "owners": N_("who owns the company"),
    "company": N_("details of your company"),
    "business_profile": N_("what you sell"),
    "person": N_("who represents you"),
}

# Where most of those live who read in this language.
HOME = {"de": "DE", "nl": "NL", "en": "IE"}


def needed(requirements: list[str]) -> list[str]:
    """What is missing, each thing once; words of the gateway that are not known here are left."""
    found = []
    for one in requirements:
        words = next((text for start, text in NEEDED.items() if one.startswith(start)), None)
        if words is not None and words not in found:
            found.append(words)
    return found


def countries() -> list[tuple[str, str]]:
    """The countries to choose from, in the reader's language and order."""
    names = get_locale().territories
    return sorted(((code, names[code]) for code in COUNTRIES), key=lambda one: one[1])

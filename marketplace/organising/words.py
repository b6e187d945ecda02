"""The words of the desk: what is to do, what happened, and where to do it."""

from flask import url_for

from models.words import N_
from services.buying.desk import Need

# Need: what it says, and what the button to it says.
NEEDS: dict[Need, tuple[str, str]] = {
    Need.PUBLISH: (N_("Open this group buy when everything is said."), N_("Review and open")),
    Need.RESUME: (
        N_("It is paused: nobody can join; whoever is in can leave."),
        N_("Let it go on"),
    ),
    Need.FEW_SO_FAR: (
        N_("It closes soon, and not enough have joined yet. Tell people about it."),
        N_("See the page that you can share"),
    ),
    Need.CONSENT: (
        N_("Orders do not count until their members agree to the new terms."),
        N_("See who has not agreed"),
    ),
    Need.QUESTIONS: (N_("Questions wait for your answer."), N_("Answer them")),
    Need.DECIDE: (
        N_("Some did not pay, and it is below its threshold. Decide whether it goes on."),
        N_("Decide"),
    ),
    Need.ORDER: (N_("Send the order to the supplier."), N_("See the order")),
    Need.COUNT: (N_("Count what the supplier brings."), N_("Count the delivery")),
    Need.WEIGH: (N_("Weigh what is sold by weight, before it is fetched."), N_("Weigh")),
    Need.PACK: (N_("Crates wait to be packed."), N_("Pack")),
    Need.BEGIN_HAND_OVER: (
        N_("When the crates are ready, tell everyone that they can fetch them."),
        N_("Begin the hand-over"),
    ),
    Need.HAND_OVER: (N_("Orders wait to be fetched."), N_("Hand over")),
    Need.CASH: (N_("Say what you received in cash or by transfer."), N_("Confirm payments")),
    Need.CASH_BACK: (
        N_("Somebody gets money back from you, in cash or by transfer."),
        N_("See to whom"),
    ),
    Need.REVOCATIONS: (
        N_("Somebody withdrew from the contract: take the goods back and give the money back."),
        N_("See who withdrew"),
    ),
    Need.COMPLETE: (N_("Everything is fetched. Complete the group buy."), N_("Complete it")),
    Need.SETTLE: (N_("Close the accounts."), N_("Close the accounts")),
}

EVENTS: dict[str, str] = {
    "GroupBuyDrafted": N_("The draft was begun."),
    "SupplierConsentAsked": N_("The seller was asked whether they agree."),
    "SupplierAskedNoLonger": N_("The question to the seller was taken back."),
    "SupplierDeclined": N_("The seller did not agree."),
    "SupplierConsented": N_("The seller agreed."),
    "GroupBuyScheduled": N_("It was published, to open later."),
    "GroupBuyOpened": N_("It was opened."),
    "CoOrganiserAdded": N_("Somebody agreed to run it too."),
    "TermsChanged": N_("The terms changed."),
    "GroupBuyTipped": N_("Enough had joined."),
    "GroupBuyUntipped": N_("There were not enough any more."),
    "GroupBuyPaused": N_("It was paused."),
    "GroupBuyResumed": N_("It went on."),
    "GroupBuyExtended": N_("It was extended."),
    "GroupBuyDecided": N_("It closed: it happens."),
    "GroupBuyFailed": N_("It closed: it does not happen."),
    "GroupBuyCancelled": N_("It was called off."),
    "SupplierAsked": N_("Payments failed, and a decision was asked for."),
    "GroupBuyRunning": N_("Everything was ready to be ordered."),
    "GroupBuyOrdered": N_("The goods were ordered."),
    "GroupBuyDelivered": N_("The goods came and were counted."),
    "GroupBuyWeighed": N_("The goods were weighed."),
    "HandOverBegun": N_("The hand-over began."),
    "GroupBuyCompleted": N_("It was completed."),
    "GroupBuySettled": N_("The accounts were closed."),
    "PickupChanged": N_("A pick-up point changed."),
    "PickupAdded": N_("A pick-up point was added."),
    "PickupRemoved": N_("A pick-up point that nobody had chosen was removed."),
}

_PAGES = {
    Need.PUBLISH: "organising.review",
    Need.RESUME: "organising.pausing",
    Need.FEW_SO_FAR: "buying.show",
    Need.CONSENT: "organising.people",
    Need.QUESTIONS: "dialogue.thread",
    Need.DECIDE: "payments.shortfall",
    Need.ORDER: "organising.order",
    Need.COUNT: "organising.delivery",
    Need.WEIGH: "organising.weights",
    Need.PACK: "organising.packing",
    Need.BEGIN_HAND_OVER: "organising.packing",
    Need.HAND_OVER: "organising.handing_over",
    Need.CASH: "organising.handing_over",
    Need.CASH_BACK: "organising.transferring",
    Need.REVOCATIONS: "revocations.at_desk",
    Need.COMPLETE: "organising.completion",
    Need.SETTLE: "organising.completion",
}


def address_of(need: Need, slug: str) -> str:
    """Where this is done."""
    return url_for(_PAGES[need], slug=slug)

"""Where payments, their attempts and refunds stand, and why something is refused."""

from enum import StrEnum

from models.errors import Conflict, NotAllowed
from models.words import N_


class PaymentState(StrEnum):
    """Where the money for one commitment stands."""

    AWAITING_CARD = "awaiting_card"
    READY = "ready"
    CHARGING = "charging"
    NEEDS_ACTION = "needs_action"
    DECLINED = "declined"
    AT_PICKUP = "at_pickup"
    CONFIRMED_BY_ONE = "confirmed_by_one"
    PAID = "paid"
    FAILED = "failed"
    RELEASED = "released"


class Instrument(StrEnum):
    """What stands behind a payment until it is charged."""

    SAVED_CARD = "saved_card"
    HELD_ON_CARD = "held_on_card"
    HAND_TO_HAND = "hand_to_hand"
    # Paid ahead: what was to be paid from hand to hand stands on the payee's bank statement.
    TRANSFER = "transfer"


class AttemptState(StrEnum):
    """What is known of one call to the gateway; since `sent` it may have been done."""

    PLANNED = "planned"
    SENT = "sent"
    SUCCEEDED = "succeeded"
    NEEDS_ACTION = "needs_action"
    DECLINED = "declined"


class RefundState(StrEnum):
    """A refund is asked for once and then comes through or does not."""

    WANTED = "wanted"
    SENT = "sent"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class PaymentNotDue(Conflict):
    code = "payment-not-due"
    message = N_("There is nothing to pay here now.")


class DeniedTwice(Conflict):
    code = "denied-twice"
    message = N_(
        "Those who organise said twice that your payment did not arrive. If you did pay, report "
        "it to the moderators."
    )


class CardInUse(Conflict):
    code = "card-in-use"
    message = N_("This card stands behind an order that is not paid yet. Pay or leave that first.")


class NoSavedCard(Conflict):
    code = "no-saved-card"
    message = N_("You have no saved card any more. Please enter one.")


class NotYourConfirmation(NotAllowed):
    code = "not-your-confirmation"
    message = N_("Only those who hand the money over or take it can say so.")

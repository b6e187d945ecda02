"""Where payments, their attempts and refunds stand, how they move, and why something is refused."""

from collections.abc import Mapping
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


PAYMENT_MOVES: Mapping[PaymentState, frozenset[PaymentState]] = {
    PaymentState.AWAITING_CARD: frozenset(
        {PaymentState.READY, PaymentState.NEEDS_ACTION, PaymentState.RELEASED}
    ),
    PaymentState.READY: frozenset(
        {PaymentState.CHARGING, PaymentState.AWAITING_CARD, PaymentState.RELEASED}
    ),
    PaymentState.CHARGING: frozenset(
        {
            PaymentState.PAID,
            PaymentState.NEEDS_ACTION,
            PaymentState.DECLINED,
            PaymentState.RELEASED,
        }
    ),
    PaymentState.NEEDS_ACTION: frozenset(
        {
            PaymentState.CHARGING,
            PaymentState.AT_PICKUP,
            PaymentState.PAID,
            PaymentState.FAILED,
            PaymentState.RELEASED,
        }
    ),
    PaymentState.DECLINED: frozenset(
        {
            PaymentState.CHARGING,
            PaymentState.AT_PICKUP,
            PaymentState.PAID,
            PaymentState.FAILED,
            PaymentState.RELEASED,
        }
    ),
    PaymentState.AT_PICKUP: frozenset(
        {PaymentState.CONFIRMED_BY_ONE, PaymentState.PAID, PaymentState.RELEASED}
    ),
    PaymentState.CONFIRMED_BY_ONE: frozenset(
        {PaymentState.PAID, PaymentState.AT_PICKUP, PaymentState.RELEASED}
    ),
    PaymentState.PAID: frozenset(),
    PaymentState.FAILED: frozenset(),
    # Units that others gave up can still come to someone who was left out.
    PaymentState.RELEASED: frozenset({PaymentState.READY, PaymentState.AT_PICKUP}),
}


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


ATTEMPT_MOVES: Mapping[AttemptState, frozenset[AttemptState]] = {
    AttemptState.PLANNED: frozenset({AttemptState.SENT}),
    AttemptState.SENT: frozenset(
        {AttemptState.SUCCEEDED, AttemptState.NEEDS_ACTION, AttemptState.DECLINED}
    ),
    AttemptState.SUCCEEDED: frozenset(),
    AttemptState.NEEDS_ACTION: frozenset(),
    AttemptState.DECLINED: frozenset(),
}


class RefundState(StrEnum):
    """A refund is asked for once and then comes through or does not."""

    WANTED = "wanted"
    SENT = "sent"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    # The payer's bank gave the money back itself.
    SUPERSEDED = "superseded"


REFUND_MOVES: Mapping[RefundState, frozenset[RefundState]] = {
    RefundState.WANTED: frozenset(
        {RefundState.SENT, RefundState.SUCCEEDED, RefundState.SUPERSEDED}
    ),
    # Nothing was sent while the payer's bank has the charge: it is wanted until that is decided.
    RefundState.SENT: frozenset({RefundState.SUCCEEDED, RefundState.FAILED, RefundState.WANTED}),
    # Weeks later a bank can still send back what was meant for a closed card account.
    RefundState.SUCCEEDED: frozenset({RefundState.FAILED}),
    RefundState.FAILED: frozenset({RefundState.WANTED, RefundState.SUPERSEDED}),
    RefundState.SUPERSEDED: frozenset(),
}


class PaymentNotDue(Conflict):
    code = "payment-not-due"
    message = N_("There is nothing to pay here now.")


class DeniedTwice(Conflict):
    code = "denied-twice"
    message = N_(
        "Those who organise said twice that your payment did not arrive. If you did pay, report "
        "it to the moderators."
    )


class BankHasIt(Conflict):
    code = "bank-has-it"
    message = N_(
        "The payer's bank has taken this payment back. Until it has decided, nothing is given back "
        "here, or they would get it twice."
    )


class CardInUse(Conflict):
    code = "card-in-use"
    message = N_(
        "This card stands behind your order in %(title)s, which is not paid yet. It can be removed "
        "once that is paid, or when you leave it."
    )


class NoSavedCard(Conflict):
    code = "no-saved-card"
    message = N_("You have no saved card any more. Please enter one.")


class NotYourConfirmation(NotAllowed):
    code = "not-your-confirmation"
    message = N_("Only those who hand the money over or take it can say so.")

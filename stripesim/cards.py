"""The test cards: numbers Stripe publishes, and what each does when asked for money."""

from dataclasses import dataclass
from enum import StrEnum


class Authentication(StrEnum):
    """When the bank wants to see the cardholder."""

    NEVER = "never"
    UNTIL_SET_UP = "until_set_up"
    ALWAYS = "always"


class Return(StrEnum):
    """How money that goes back to a card arrives."""

    AT_ONCE = "at_once"
    LATER = "later"
    NEVER = "never"


@dataclass(frozen=True)
class Decline:
    """Why a bank says no."""

    code: str
    decline_code: str | None
    message: str


GENERIC = Decline("card_declined", "generic_decline", "Your card was declined.")
NO_FUNDS = Decline("card_declined", "insufficient_funds", "Your card has insufficient funds.")
LOST = Decline("card_declined", "lost_card", "Your card was declined.")
STOLEN = Decline("card_declined", "stolen_card", "Your card was declined.")
EXPIRED = Decline("expired_card", "expired_card", "Your card has expired.")
BROKEN = Decline(
    "processing_error",
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
)
NOT_A_TEST_CARD = Decline(
    "card_declined",
    "test_mode_live_card",
    "Your card was declined. Your request was in test mode, but used a non test card.",
)
UNPROVEN = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)


@dataclass(frozen=True)
class Dispute:
    """What a cardholder tells their bank after paying; an inquiry only asks, and takes nothing."""

    reason: str
    is_inquiry: bool = False


@dataclass(frozen=True)
class Card:
    """A card number and how its bank behaves."""

    number: str
    magic: str
    label: str
    brand: str = "visa"
    authentication: Authentication = Authentication.NEVER
    decline: Decline | None = None
    attaches: bool = True
    returns: Return = Return.AT_ONCE
    dispute: Dispute | None = None

    @property
    def last4(self) -> str:
        return self.number[-4:]

    @property
    def grouped(self) -> str:
        return " ".join(self.number[at : at + 4] for at in range(0, len(self.number), 4))

    def wants_cardholder(self, *, set_up: bool) -> bool:
        if self.authentication is Authentication.UNTIL_SET_UP:
            return not set_up
        return self.authentication is Authentication.ALWAYS


CARDS = (
    Card("4242424242424242", "pm_card_visa", "Works"),
    Card("5555555555554444", "pm_card_mastercard", "Works (Mastercard)", brand="mastercard"),
    Card(
        "4000002500003155",
        "pm_card_authenticationRequiredOnSetup",
        "Wants you to approve it once, then works",
        authentication=Authentication.UNTIL_SET_UP,
    ),
    Card(
        "4000002760003184",
        "pm_card_authenticationRequired",
        "Wants you to approve every payment",
        authentication=Authentication.ALWAYS,
    ),
    Card(
        "4000008260003178",
        "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
        "Wants you to approve it once, then has no money",
        authentication=Authentication.UNTIL_SET_UP,
        decline=NO_FUNDS,
    ),
    Card(
        "4000000000007726",
        "pm_card_pendingRefund",
        "Works; money that goes back to it takes a while",
        returns=Return.LATER,
    ),
    Card(
        "4000000000005126",
        "pm_card_refundFail",
        "Works; money that goes back to it comes back after a while",
        returns=Return.NEVER,
    ),
    Card(
        "4000000000000259",
        "pm_card_createDispute",
        "Works; its bank takes the money back as fraud after a while",
        dispute=Dispute("fraudulent"),
    ),
    Card(
        "4000000000002685",
        "pm_card_createDisputeProductNotReceived",
        "Works; its bank takes the money back after a while, as nothing was delivered",
        dispute=Dispute("product_not_received"),
    ),
    Card(
        "4000000000001976",
        "pm_card_createDisputeInquiry",
        "Works; its bank asks about the payment after a while",
        dispute=Dispute("fraudulent", is_inquiry=True),
    ),
    Card(
        "4000000000000341",
        "pm_card_chargeCustomerFail",
        "Can be saved, is declined when charged",
        decline=GENERIC,
    ),
    Card(
        "4000000000009995",
        "pm_card_chargeDeclinedInsufficientFunds",
        "Declined: not enough money",
        decline=NO_FUNDS,
        attaches=False,
    ),
    Card(
        "4000000000000002",
        "pm_card_chargeDeclined",
        "Always declined",
        decline=GENERIC,
        attaches=False,
    ),
    Card(
        "4000000000009987",
        "pm_card_chargeDeclinedLostCard",
        "Declined: reported lost",
        decline=LOST,
        attaches=False,
    ),
    Card(
        "4000000000009979",
        "pm_card_chargeDeclinedStolenCard",
        "Declined: reported stolen",
        decline=STOLEN,
        attaches=False,
    ),
    Card(
        "4000000000000069",
        "pm_card_chargeDeclinedExpiredCard",
        "Declined: expired",
        decline=EXPIRED,
        attaches=False,
    ),
    Card(
        "4000000000000119",
        "pm_card_chargeDeclinedProcessingError",
        "Declined: the bank's computer is down",
        decline=BROKEN,
        attaches=False,
    ),
)

BY_NUMBER = {card.number: card for card in CARDS}
BY_MAGIC = {card.magic: card for card in CARDS}


def is_well_formed(number: str) -> bool:
    """Say whether the check digit fits (ISO/IEC 7812, Luhn)."""
    if not (number.isascii() and number.isdigit() and 12 <= len(number) <= 19):
        return False
    digits = [int(digit) for digit in reversed(number)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0

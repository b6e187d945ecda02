"""What a group buy is at, what its terms choose between, and why something is refused."""

from enum import StrEnum

from models.errors import Conflict, Invalid
from models.words import N_


class Stage(StrEnum):
    """What a group buy is at within its state."""

    IN_REVIEW = "in_review"
    SCHEDULED = "scheduled"
    PLACES_OFFERED = "places_offered"
    SUPPLIER_ASKED = "supplier_asked"
    ORDERED = "ordered"
    DELIVERED = "delivered"
    HANDING_OVER = "handing_over"
    SETTLED = "settled"


class WithdrawalPolicy(StrEnum):
    """Until when a member may leave or reduce before the close."""

    FREE = "free"
    FREE_UNTIL_LAST_DAY = "free_until_last_day"
    NOT_IF_IT_UNTIPS = "not_if_it_untips"
    # Once it is sure to happen, the waiting list has to take over what goes.
    ONLY_WITH_REPLACEMENT = "only_with_replacement"


class Payee(StrEnum):
    """Who is the seller and is paid; the organiser may resell or act for the supplier."""

    SUPPLIER = "supplier"
    ORGANISER = "organiser"


class PaymentMethod(StrEnum):
    """How a member pays: by card, or when fetching the goods, in cash or by transfer."""

    CARD = "card"
    AT_PICKUP = "at_pickup"


class ShortfallRule(StrEnum):
    """What follows when, after failed charges, the condition no longer holds."""

    CONFIRM_ABOVE_FLOOR = "confirm_above_floor"
    ASK_SUPPLIER = "ask_supplier"
    RELEASE = "release"


class NotEnoughUnits(Conflict):
    code = "not-enough-units"
    message = N_("Only %(units_left)s units of %(article)s are left.")


class PriceTooLow(Invalid):
    code = "price-too-low"
    message = N_(
        "The lowest possible price of %(article)s is %(price)s. Please offer at least that."
    )


class WithdrawalNotPossible(Conflict):
    code = "withdrawal-not-possible"
    message = N_("By the terms of this group buy you can no longer leave or reduce your order.")


class NobodyTakesOver(Conflict):
    code = "nobody-takes-over"
    message = N_(
        "It is sure to happen now. By its terms you can leave or order less once somebody on the "
        "waiting list takes your units, and nobody does so far."
    )


class NothingOrdered(Invalid):
    code = "nothing-ordered"
    message = N_("Please enter how many units you want of at least one article.")

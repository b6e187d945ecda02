"""What a group buy's rules and events mean, in plain words."""

from collections.abc import Mapping
from typing import Any

from models.buying import ShortfallRule, Stage, WithdrawalPolicy
from models.collaborations import State
from models.revocations import Revocability
from models.rules import Rationing, Sharing
from models.words import N_

EVENTS: Mapping[str, str] = {
    "GroupBuyScheduled": N_("The group buy was published, to open later."),
    "GroupBuyOpened": N_("The group buy was opened."),
    "SupplierConsented": N_("The seller agreed to sell by these terms."),
    "TermsChanged": N_("The terms were changed; the new version holds for those who agree to it."),
    "TermsAgreed": N_("Somebody agreed to the new terms."),
    "GroupBuyJoined": N_("Someone joined."),
    "PutOnWaitingList": N_("Someone went on the waiting list."),
    "CommitmentChanged": N_("Someone changed their order."),
    "CommitmentWithdrawn": N_("Someone left."),
    "WaitingPlaceGiven": N_("A place became free and went to the first who waited."),
    "GroupBuyTipped": N_("Enough have joined: if it closed now, it would happen."),
    "GroupBuyUntipped": N_("It would not happen any more if it closed now."),
    "GroupBuyPaused": N_("It was paused."),
    "GroupBuyResumed": N_("It went on."),
    "GroupBuyExtended": N_("Not enough had joined at the close, so the one extension began."),
    "GroupBuyDecided": N_("It closed and it happens."),
    "GroupBuyFailed": N_("It closed and does not happen. Nobody is charged."),
    "GroupBuyCancelled": N_("It was called off. What was held or paid goes back."),
    "SupplierAsked": N_("Some payments failed; it is being decided whether it goes on."),
    "GroupBuyRunning": N_("Payments are collected; the order can go to the supplier."),
    "GroupBuyOrdered": N_("The order went to the supplier."),
    "GroupBuyDelivered": N_("The goods came and were counted."),
    "GroupBuyWeighed": N_("The goods were weighed; everyone pays for what they get."),
    "HandOverBegun": N_("The goods can be fetched."),
    "GroupBuyCompleted": N_("The hand-over is over."),
    "GroupBuySettled": N_("The accounts are closed."),
}

# What somebody wrote as the reason of these is for everyone who sees the group buy.
SAID_TO_ALL = ("GroupBuyCancelled", "GroupBuyPaused", "GroupBuyResumed")

RATIONING: Mapping[Rationing, str] = {
    Rationing.FIRST_COME: N_(
        "If more is wanted than there is, those who came first are served first. "
        "Others can go on a waiting list."
    ),
    Rationing.PRO_RATA: N_(
        "If more is wanted than there is, everyone gets the same share of what they ordered."
    ),
}

WITHDRAWAL: Mapping[WithdrawalPolicy, str] = {
    WithdrawalPolicy.FREE: N_("Until the close you can change your order or leave at any time."),
    WithdrawalPolicy.FREE_UNTIL_LAST_DAY: N_(
        "You can change your order or leave until 24 hours before the close. "
        "After that you can only order more."
    ),
    WithdrawalPolicy.NOT_IF_IT_UNTIPS: N_(
        "You can change your order or leave until the close, unless it would then no longer "
        "happen for everybody else."
    ),
    WithdrawalPolicy.ONLY_WITH_REPLACEMENT: N_(
        "You can change your order or leave until it is sure to happen. After that you can leave "
        "or order less only if somebody on the waiting list takes your units."
    ),
}

SHORTFALL: Mapping[ShortfallRule, str] = {
    ShortfallRule.CONFIRM_ABOVE_FLOOR: N_(
        "If some payments fail, it still happens as long as %(floor)s of what a price needs is "
        "paid for. The price never rises."
    ),
    ShortfallRule.ASK_SUPPLIER: N_(
        "If some payments fail and less than what a price needs is paid for, the organiser "
        "asks the supplier whether it goes on, down to %(floor)s. The price never rises."
    ),
    ShortfallRule.RELEASE: N_(
        "If payments fail and less than what a price needs is paid for, it does not happen "
        "and everyone gets their money back."
    ),
}

SHARING: Mapping[Sharing, str] = {
    Sharing.PER_HEAD: N_("shared equally by everyone who takes part"),
    Sharing.BY_VALUE: N_("shared by the value of the orders"),
    Sharing.BY_ARTICLE: N_("shared by the units ordered"),
}

# The words for each rule of the terms, by the choice that was made.
CHOICES: Mapping[str, Mapping[Any, str]] = {
    "rationing": RATIONING,
    "withdrawal": WITHDRAWAL,
    "shortfall": SHORTFALL,
    "sharing": SHARING,
}

# Where it is now: by its stage if that has words of its own, else by its state.
NOW: Mapping[str, str] = {
    State.DRAFT: N_("This is a draft. Only those who organise it see it."),
    State.OPEN: N_("You can join."),
    State.DECIDING: N_("It has closed and is being decided. Nobody can join or leave any more."),
    State.COLLECTING: N_("It happens. Payments are being collected."),
    State.RUNNING: N_("It happens. The goods are being ordered."),
    Stage.ORDERED: N_("It happens. The goods are ordered and on their way."),
    Stage.DELIVERED: N_("It happens. The goods have come and are being packed."),
    Stage.HANDING_OVER: N_("It happens. The goods can be fetched."),
    State.COMPLETED: N_("It is over."),
    State.FAILED: N_("It did not happen. Nobody was charged."),
    State.CANCELLED: N_("It was called off. What was held or paid goes back."),
}

DECISIONS: Mapping[str, str] = {
    "close": N_("At the close"),
    "collected": N_("After the payments"),
    "delivered": N_("After the delivery"),
}

BOOKINGS: Mapping[str, str] = {
    "due": N_("What members owe after the decision"),
    "cleared_again": N_("What members owe after it was decided again"),
    "payment": N_("Paid by members"),
    "refund": N_("Paid back to members"),
    "refund_failed": N_("Came back, because no card took it"),
    "short_delivery": N_("Given back for units that did not come"),
    "weighed": N_("Given back, because the goods weigh less than the most agreed to"),
    "not_owed": N_("Given back, because it was not owed"),
    "waived": N_("Given up by the organiser"),
    "settled": N_("Now the seller's"),
    "revoked": N_("Given back, because somebody withdrew from the contract"),
    "returned_by_seller": N_("Brought back by the seller for what was withdrawn from"),
    "returned_by_organiser": N_("Brought back by the organiser of their share"),
    "organiser_share": N_("Now the organiser's, as their share"),
    "fee": N_("Kept by this place as its fee"),
    "returned_by_instance": N_("Given back by this place of its fee"),
    "remitted": N_("Sent on to the seller"),
    "taken_back": N_("Taken back from the seller"),
    "chargeback_withdrawn": N_("Taken back by a buyer's bank"),
    "chargeback_reinstated": N_("Given back by a buyer's bank"),
    "chargeback_lost": N_("Given up, as a buyer's bank decided so"),
    "deal_failed": N_("Given back, because it did not happen"),
    "not_paid": N_("Taken back, because it was not paid"),
    "rationed_out": N_("Given back, because there was not enough"),
    "article_dropped": N_("Given back for articles that were not ordered"),
    "price_too_low": N_("Given back, because the price stayed above the highest price"),
}

# The terms that can change after the opening, each by the name it is kept under.
TERMS: Mapping[str, str] = {
    "closes_at": N_("Close"),
    "smallest_order_minor": N_("Smallest order value, without VAT"),
    "withdrawal_policy": N_("Leaving"),
    "shortfall_rule": N_("If payments fail"),
    "floor_basis_points": N_("The floor that must be paid for"),
    "by_card": N_("Paying by card"),
    "at_pickup": N_("Paying when fetching"),
    "ships": N_("Sent by post"),
    "shipping_ceiling_minor": N_("What sending costs each one"),
    "freight_rule": N_("Freight is"),
    "freight_minor": N_("Freight in all"),
    "freight_ceiling_minor": N_("Freight for each one at most"),
    "share_rule": N_("The organiser's share is"),
    "share_minor": N_("The organiser's share in all"),
    "share_ceiling_minor": N_("The organiser's share from each one at most"),
    "pickup_points": N_("Where and when to fetch it"),
    "name": N_("Name"),
    "unit": N_("One unit is"),
    "tiers": N_("Price"),
    "minimum_units": N_("At least so many units in all"),
    "maximum_units": N_("At most so many units in all"),
    "case_size": N_("Units in a case"),
    "vat_basis_points": N_("VAT"),
    "deposit_minor": N_("Deposit"),
    "base_unit": N_("Base price for one"),
    "overweight_basis_points": N_("Sold by weight; a unit may weigh more by"),
    "base_units_thousandths": N_("Content of one unit"),
    "origin": N_("Origin"),
    "quality": N_("Quality"),
    "maker": N_("Made by"),
    "food_information": N_("What food must say"),
    "order_number": N_("Order number of the supplier"),
    "second_line": N_("Second line"),
    "category": N_("Category"),
    "ean": N_("EAN"),
    "revocability": N_("Right of withdrawal from the contract"),
}

# The rules in so few words that two of them can be compared.
WORDS: Mapping[str, Mapping[Any, str]] = {
    "revocability": {
        Revocability.RIGHT: N_("14 days after you hold the goods"),
        Revocability.PERISHABLE: N_("none: it spoils quickly"),
        Revocability.TO_SPECIFICATION: N_("none: it is made as you specify"),
        Revocability.SEALED: N_("as long as the seal is not broken"),
    },
    "withdrawal_policy": {
        WithdrawalPolicy.FREE: N_("until the close"),
        WithdrawalPolicy.FREE_UNTIL_LAST_DAY: N_("until a day before the close"),
        WithdrawalPolicy.NOT_IF_IT_UNTIPS: N_("unless it would fail without you"),
        WithdrawalPolicy.ONLY_WITH_REPLACEMENT: N_("once it is sure, only if somebody takes over"),
    },
    "shortfall_rule": {
        ShortfallRule.CONFIRM_ABOVE_FLOOR: N_("it goes on as long as most is left"),
        ShortfallRule.ASK_SUPPLIER: N_("the supplier or the organiser decides"),
        ShortfallRule.RELEASE: N_("it does not happen"),
    },
    "freight_rule": SHARING,
    "share_rule": SHARING,
}

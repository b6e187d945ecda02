"""What happens to group buys, in the past tense; the history and every notice come from these."""

from dataclasses import dataclass

from services.events import Happened


@dataclass(frozen=True, kw_only=True)
class GroupBuyDrafted(Happened):
    """Someone began to describe a group buy."""


@dataclass(frozen=True, kw_only=True)
class GroupBuyDiscarded(Happened):
    """A draft was thrown away; of it this alone is left."""

    title: str


@dataclass(frozen=True, kw_only=True)
class CoOrganiserAsked(Happened):
    """The organiser trusts a member, whose person this names, with running it too."""


@dataclass(frozen=True, kw_only=True)
class CoOrganiserAdded(Happened):
    """The member who was asked, whose person this names, runs it too from now on."""


@dataclass(frozen=True, kw_only=True)
class CoOrganiserDeclined(Happened):
    """The member who was asked, whose person this names, does not want to run it."""


@dataclass(frozen=True, kw_only=True)
class GuestNamed(Happened):
    """Somebody may see and join what is for named members only."""

    # Whoever is named before the opening is invited by it.
    is_open: bool


@dataclass(frozen=True, kw_only=True)
class GroupBuyScheduled(Happened):
    """It was published and waits for its opening."""

    opens_at: str


@dataclass(frozen=True, kw_only=True)
class GroupBuyOpened(Happened):
    """It takes commitments from now on."""


@dataclass(frozen=True, kw_only=True)
class SupplierConsentAsked(Happened):
    """The terms name somebody as the seller; it opens once they agree."""


@dataclass(frozen=True, kw_only=True)
class SupplierConsented(Happened):
    """The named seller agreed to sell by these terms."""


@dataclass(frozen=True, kw_only=True)
class SupplierDeclined(Happened):
    """The named seller does not sell by these terms; `reason` says why."""


@dataclass(frozen=True, kw_only=True)
class SupplierAskedNoLonger(Happened):
    """Those who organise took the question to the named seller back."""


@dataclass(frozen=True, kw_only=True)
class TermsChanged(Happened):
    """A new version of the terms holds for those who agree to it."""

    number: int
    closes_at: str


@dataclass(frozen=True, kw_only=True)
class TermsAgreed(Happened):
    """A participant agreed to new terms that are worse for their order."""


@dataclass(frozen=True, kw_only=True)
class GroupBuyJoined(Happened):
    """A participant committed."""


@dataclass(frozen=True, kw_only=True)
class PutOnWaitingList(Happened):
    """A participant waits for units that others may give up."""


@dataclass(frozen=True, kw_only=True)
class CommitmentChanged(Happened):
    """A participant changed what they want."""


@dataclass(frozen=True, kw_only=True)
class CommitmentWithdrawn(Happened):
    """A participant left."""


@dataclass(frozen=True, kw_only=True)
class WaitingPlaceGiven(Happened):
    """Units became free and went to the first who waited."""


@dataclass(frozen=True, kw_only=True)
class GroupBuyTipped(Happened):
    """If it closed now, it would happen."""


@dataclass(frozen=True, kw_only=True)
class GroupBuyUntipped(Happened):
    """It would not happen any more if it closed now."""


@dataclass(frozen=True, kw_only=True)
class GroupBuyPaused(Happened):
    """Nobody can join or change an order until it goes on."""


@dataclass(frozen=True, kw_only=True)
class GroupBuyResumed(Happened):
    """It goes on."""


@dataclass(frozen=True, kw_only=True)
class GroupBuyExtended(Happened):
    """The condition was not met at the close; the one extension began."""

    closes_at: str


@dataclass(frozen=True, kw_only=True)
class GroupBuyDecided(Happened):
    """It closed, and the condition was met."""


@dataclass(frozen=True, kw_only=True)
class GroupBuyFailed(Happened):
    """It closed, or lost its payers, and nothing happens; `reason` names why."""


@dataclass(frozen=True, kw_only=True)
class GroupBuyCancelled(Happened):
    """It was called off for a public reason; everything was released."""


@dataclass(frozen=True, kw_only=True)
class CommitmentSettled(Happened):
    """What the decision means for one commitment: in with an amount due, or out and why."""

    is_in: bool
    due_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class CommitmentDropped(Happened):
    """It was in, but was not paid in time."""


@dataclass(frozen=True, kw_only=True)
class SupplierAsked(Happened):
    """After failed charges it is below its threshold; someone decides whether it goes on."""


@dataclass(frozen=True, kw_only=True)
class GroupBuyRunning(Happened):
    """Collecting is over; the order can go to the supplier."""


@dataclass(frozen=True, kw_only=True)
class GroupBuyOrdered(Happened):
    """The order went to the supplier."""


@dataclass(frozen=True, kw_only=True)
class GroupBuyDelivered(Happened):
    """The goods came, as counted."""


@dataclass(frozen=True, kw_only=True)
class DeliveryShort(Happened):
    """A commitment gets fewer units than were decided, and what they cost back."""

    refund_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class GroupBuyWeighed(Happened):
    """The weights of what is sold by weight are final."""


@dataclass(frozen=True, kw_only=True)
class PortionsWeighed(Happened):
    """What someone gets weighs less than the most they agreed to, and they pay less."""

    refund_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class HandOverBegun(Happened):
    """Everything is packed and can be fetched."""


@dataclass(frozen=True, kw_only=True)
class HandedOver(Happened):
    """A commitment's goods were handed over."""


@dataclass(frozen=True, kw_only=True)
class HandOverUndone(Happened):
    """A commitment was ticked off by mistake; its goods wait to be fetched."""


@dataclass(frozen=True, kw_only=True)
class GroupBuyCompleted(Happened):
    """All goods are handed over or accounted for."""


@dataclass(frozen=True, kw_only=True)
class GroupBuySettled(Happened):
    """Whoever is owed money has it, and the accounts are closed."""

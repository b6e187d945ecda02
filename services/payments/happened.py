"""What happens to payments, in the past tense."""

from dataclasses import dataclass

from services.events import Happened


@dataclass(frozen=True, kw_only=True)
class CardPromised(Happened):
    """A card stands behind a commitment now."""


@dataclass(frozen=True, kw_only=True)
class PaymentNeeded(Happened):
    """It is decided, and no card was given: the member has to pay themself."""

    amount_minor: int


@dataclass(frozen=True, kw_only=True)
class PaymentNeedsAction(Happened):
    """The bank wants its cardholder to confirm the charge."""

    amount_minor: int


@dataclass(frozen=True, kw_only=True)
class PaymentDeclined(Happened):
    """The bank refused the charge; the card is asked again unless `is_final`."""

    amount_minor: int
    is_final: bool


@dataclass(frozen=True, kw_only=True)
class PaymentReceived(Happened):
    """The money for a commitment is there."""

    amount_minor: int


@dataclass(frozen=True, kw_only=True)
class PaidByHandInstead(Happened):
    """What no card brought is to be paid at pick-up."""


@dataclass(frozen=True, kw_only=True)
class CashConfirmed(Happened):
    """One of the two between whom money passed has said so."""


@dataclass(frozen=True, kw_only=True)
class CashConfirmationTakenBack(Happened):
    """What one of them had said was a mistake."""


@dataclass(frozen=True, kw_only=True)
class PaidDenied(Happened):
    """The payer said that they have paid, and those who organise that it did not arrive.

    If it `is_final`, the payer alone cannot say so again.
    """

    amount_minor: int
    is_final: bool


@dataclass(frozen=True, kw_only=True)
class DueWaived(Happened):
    """Those who organise let someone off what they owed."""

    amount_minor: int
    currency: str


@dataclass(frozen=True, kw_only=True)
class RefundMade(Happened):
    """Money went back to its payer."""

    amount_minor: int


@dataclass(frozen=True, kw_only=True)
class RefundFailed(Happened):
    """Money did not go back: an operator has to look."""

    amount_minor: int


@dataclass(frozen=True, kw_only=True)
class RefundTriedAgain(Happened):
    """An operator has money sent back once more that could not go back before."""

    amount_minor: int

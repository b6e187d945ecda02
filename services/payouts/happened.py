"""What happens to those who are paid, in the past tense."""

from dataclasses import dataclass

from services.events import Happened


@dataclass(frozen=True, kw_only=True)
class PayoutAccountReady(Happened):
    """Whatever the gateway wanted to know of a participant, it knows: they can be paid."""


@dataclass(frozen=True, kw_only=True)
class PayoutDetailsNeeded(Happened):
    """The gateway wants to know more before it pays them, or goes on paying them."""

    until: str


@dataclass(frozen=True, kw_only=True)
class PayoutPlanned(Happened):
    """The accounts of a deal are closed: so much of its card payments goes to the participant.

    `reserve_minor` of it comes later; without an account, all of it waits.
    """

    amount_minor: int
    reserve_minor: int
    has_account: bool


@dataclass(frozen=True, kw_only=True)
class RemittanceRefused(Happened):
    """The gateway did not send money on: an operator has to look."""

    amount_minor: int


@dataclass(frozen=True, kw_only=True)
class TakingBackRefused(Happened):
    """A participant's account at the gateway does not hold what has to come back: they owe it."""

    amount_minor: int


@dataclass(frozen=True, kw_only=True)
class PayoutFailed(Happened):
    """The participant's bank did not take their money."""

    amount_minor: int
    currency: str

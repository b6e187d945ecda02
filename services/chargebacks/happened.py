"""What happens to chargebacks, in the past tense."""

from dataclasses import dataclass

from services.events import Happened


@dataclass(frozen=True, kw_only=True)
class ChargebackOpened(Happened):
    """A payer's bank questions a charge, or has taken it back; it can be answered until then."""

    chargeback_id: int
    amount_minor: int
    is_inquiry: bool
    until: str


@dataclass(frozen=True, kw_only=True)
class ChargebackAnswered(Happened):
    """Somebody told the bank why the charge is right, or that nothing is said against it."""

    chargeback_id: int
    is_accepted: bool


@dataclass(frozen=True, kw_only=True)
class ChargebackAnswerRefused(Happened):
    """The gateway did not take the answer: it can be given anew."""

    chargeback_id: int
    amount_minor: int


@dataclass(frozen=True, kw_only=True)
class ChargebackWon(Happened):
    """The bank has decided that the charge was right; the money is back."""

    chargeback_id: int
    amount_minor: int


@dataclass(frozen=True, kw_only=True)
class ChargebackLost(Happened):
    """The bank has decided for the payer: the money stays with them."""

    chargeback_id: int
    amount_minor: int

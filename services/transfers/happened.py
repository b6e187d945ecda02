"""What happens around transfers, in the past tense; never with an account number."""

from dataclasses import dataclass

from services.events import Happened


@dataclass(frozen=True, kw_only=True)
class BankAccountNamed(Happened):
    """Those who organise said to which account members transfer what they owe."""


@dataclass(frozen=True, kw_only=True)
class TransferAskedFor(Happened):
    """A member can transfer what they owe; `is_changed` if they were told another account."""

    is_changed: bool

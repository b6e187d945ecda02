"""Moving value: every transfer sums to zero, happens once for its key, and is never changed."""

from services.ledger.accounts import (
    deal_account,
    instance_account,
    lock,
    own_account,
    own_accounts,
)
from services.ledger.checking import verify
from services.ledger.holds import hold, hold_many, void, void_many
from services.ledger.reading import TrialBalance, account, accounts_of, entries, trial_balance
from services.ledger.transfers import Movement, is_opposite, reverse, transfer, transfer_many

__all__ = [
    "Movement",
    "TrialBalance",
    "account",
    "accounts_of",
    "deal_account",
    "entries",
    "hold",
    "hold_many",
    "instance_account",
    "is_opposite",
    "lock",
    "own_account",
    "own_accounts",
    "reverse",
    "transfer",
    "transfer_many",
    "trial_balance",
    "verify",
    "void",
    "void_many",
]

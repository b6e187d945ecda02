"""Moving value: every transfer sums to zero, happens once for its key, and is never changed."""

from services.ledger.accounts import deal_account, lock, own_account, own_accounts
from services.ledger.checking import verify
from services.ledger.holds import hold, hold_many, void, void_many
from services.ledger.transfers import Movement, reverse, transfer, transfer_many

__all__ = [
    "Movement",
    "deal_account",
    "hold",
    "hold_many",
    "lock",
    "own_account",
    "own_accounts",
    "reverse",
    "transfer",
    "transfer_many",
    "verify",
    "void",
    "void_many",
]

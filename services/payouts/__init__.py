"""Payouts: whoever sells tells the gateway who they are, and is sent what their deals brought.

As with payments, each call to the gateway stands between two transactions: begin, send, record.
"""

from services.payouts.accounts import (
    account_of,
    forget_account,
    guard_payee,
    keep_account,
    open_account,
    opening,
    start_over,
    take_in_account,
    tell_of_failure,
    to_look_after,
)
from services.payouts.fees import FeesUnchanged, announced, schedules, set_terms, terms_at
from services.payouts.planning import plan
from services.payouts.reading import by_deal, owed_back, withheld_of
from services.payouts.reimbursing import reimburse
from services.payouts.reversing import begin_reversal, record_reversal, send_reversal
from services.payouts.sending import (
    Refusal,
    begin_remittance,
    record_remittance,
    send_remittance,
)
from services.payouts.sweeping import sweep
from services.payouts.taking_back import take_back

__all__ = [
    "FeesUnchanged",
    "Refusal",
    "account_of",
    "announced",
    "begin_remittance",
    "begin_reversal",
    "by_deal",
    "forget_account",
    "guard_payee",
    "keep_account",
    "open_account",
    "opening",
    "owed_back",
    "plan",
    "record_remittance",
    "record_reversal",
    "reimburse",
    "schedules",
    "send_remittance",
    "send_reversal",
    "set_terms",
    "start_over",
    "sweep",
    "take_back",
    "take_in_account",
    "tell_of_failure",
    "terms_at",
    "to_look_after",
    "withheld_of",
]

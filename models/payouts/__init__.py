"""Payouts: whoever sells is paid at the gateway, out of the charges that brought the money.

A charge stays with the instance until the accounts of its deal are closed. Then each is sent on,
less the instance's fee, to the connected account of whoever is owed it: a *remittance* (Stripe
calls it a transfer). From there the gateway pays out to a bank, which is between it and them.
"""

from models.payouts.accounts import ConnectedAccount, FeeSchedule
from models.payouts.remittances import Remittance, TakingBack
from models.payouts.states import (
    AlreadySubmitted,
    CountryNotServed,
    MayNotBePaid,
    NoPayoutAccount,
    RemittanceState,
    TakingBackState,
    WithheldFor,
)

__all__ = [
    "AlreadySubmitted",
    "ConnectedAccount",
    "CountryNotServed",
    "FeeSchedule",
    "MayNotBePaid",
    "NoPayoutAccount",
    "Remittance",
    "RemittanceState",
    "TakingBack",
    "TakingBackState",
    "WithheldFor",
]

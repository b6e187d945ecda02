"""Where what is sent on stands, why it waits, and why something is refused."""

from collections.abc import Mapping
from enum import StrEnum

from models.errors import Conflict, NotAllowed
from models.words import N_


class RemittanceState(StrEnum):
    """A remittance waits until it may be sent; what is left of none is void."""

    WAITING = "waiting"
    SENT = "sent"
    DONE = "done"
    VOID = "void"


REMITTANCE_MOVES: Mapping[RemittanceState, frozenset[RemittanceState]] = {
    RemittanceState.WAITING: frozenset({RemittanceState.SENT, RemittanceState.VOID}),
    RemittanceState.SENT: frozenset({RemittanceState.DONE, RemittanceState.WAITING}),
    RemittanceState.DONE: frozenset(),
    RemittanceState.VOID: frozenset(),
}


class TakingBackState(StrEnum):
    """What is taken back comes from the seller's account at the gateway, or off later money."""

    WANTED = "wanted"
    SENT = "sent"
    DONE = "done"


TAKING_BACK_MOVES: Mapping[TakingBackState, frozenset[TakingBackState]] = {
    # All of it can be set off before the gateway is ever asked.
    TakingBackState.WANTED: frozenset({TakingBackState.SENT, TakingBackState.DONE}),
    TakingBackState.SENT: frozenset({TakingBackState.DONE, TakingBackState.WANTED}),
    TakingBackState.DONE: frozenset(),
}


class WithheldFor(StrEnum):
    """Why money that is owed is not sent on yet."""

    NO_ACCOUNT = "no_account"
    DETAILS_NEEDED = "details_needed"
    CHARGEBACK = "chargeback"
    RESERVE = "reserve"
    REFUSED = "refused"
    UNDER_WAY = "under_way"


class NoPayoutAccount(Conflict):
    code = "no-payout-account"
    message = N_("There is no account for payouts yet. Set it up first.")


class AlreadySubmitted(Conflict):
    code = "already-submitted"
    message = N_("Our payment provider knows this account already. Change your details there.")


class MayNotBePaid(NotAllowed):
    code = "may-not-be-paid"
    message = N_("Only owners and managers look after an organisation's payouts.")


class CountryNotServed(Conflict):
    code = "country-not-served"
    message = N_("Our payment provider refuses to open an account there. It says: %(reason)s")

"""What happens to contracts that consumers withdraw from, in the past tense."""

from dataclasses import dataclass

from services.events import Happened


@dataclass(frozen=True, kw_only=True)
class ContractRevoked(Happened):
    """A consumer withdrew from the contract; the receipt says when."""

    revocation_id: int


@dataclass(frozen=True, kw_only=True)
class RevocationSettled(Happened):
    """What was paid for it goes back, and nothing of it is owed any more."""

    amount_minor: int

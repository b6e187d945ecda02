"""What happens to a member's account: the events of this feature."""

from dataclasses import dataclass

from services.events import Happened


class SignedUp(Happened):
    """Someone joined; their address is not confirmed yet."""


class EmailConfirmed(Happened):
    """The member's address is known to be theirs."""


class EmailChanged(Happened):
    """The member is reached under another address from now on."""


class PasswordChanged(Happened):
    """The member chose another password and was signed out elsewhere."""


@dataclass(frozen=True, kw_only=True)
class TokenMade(Happened):
    """A program may act for the member within `scopes`."""

    scopes: list[str]


class TokenRevoked(Happened):
    """A program may not act for the member any more."""

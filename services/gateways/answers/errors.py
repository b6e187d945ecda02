"""What a gateway refuses, or could not say."""


class GatewayError(Exception):
    """The gateway gave no usable answer."""


class GatewayUnreachable(GatewayError):
    """Nobody knows whether it was done: ask again with the same key."""


class GatewayRefused(GatewayError):
    """The provider understood and did nothing. `code` and `param` are the provider's words."""

    def __init__(self, message: str, *, code: str | None = None, param: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.param = param


class BalanceTooSmall(GatewayRefused):
    """The balance does not hold that much: not yet, or not any more.

    The provider remembers it under its key: ask again later with a new one.
    """


class UnknownToGateway(GatewayRefused):
    """The provider has no such object."""


class KeyReused(GatewayError):
    """An idempotency key came with other terms than before: a broken promise of ours.

    No refusal: under this key something was done, and nobody may take it for undone.
    """


class GatewayMisconfigured(GatewayError):
    """The key is wrong or may not do this: an operator must act."""


# What the keys begin with that move real money.
LIVE_KEYS = ("sk_live_", "rk_live_")


class LiveKeyRefused(GatewayMisconfigured):
    """A key that moves real money, where none is to move."""


class CurrencyNotChargeable(GatewayError):
    """An amount in a currency that cards are not charged in here."""


class BadSignature(GatewayError):
    """A message that does not come from the provider, or is too old to be believed."""

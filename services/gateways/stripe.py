"""Stripe, through its own SDK: each verb is one call under a key that the caller stored before.

A repeated key does nothing twice. GatewayUnreachable means that nobody knows whether it was done:
call again with the same key. A new attempt after a decline needs a new key.
"""

from services.gateways.accounts import Accounts
from services.gateways.balances import Balances
from services.gateways.chargebacks import Chargebacks
from services.gateways.checkouts import Checkouts
from services.gateways.news import News
from services.gateways.transfers import Transfers
from services.gateways.wallets import Wallets
from services.gateways.webhooks import parse_webhook

__all__ = ["StripeGateway", "parse_webhook"]


class StripeGateway(Accounts, Balances, Chargebacks, Checkouts, News, Transfers, Wallets):
    """Cards, sellers, and the money between them, at Stripe or at the simulator.

    `base_url` says at which of the two. Safe for several threads. Make no call inside
    a database transaction.
    """

"""Payments: how money for a commitment comes in and goes back; the ledger mirrors each step."""

from models.payments.gateway import GatewayCustomer, GatewayMessage, PaymentAttempt, Refund
from models.payments.payment import CARD_LIMIT, Payment
from models.payments.states import (
    AttemptState,
    BankHasIt,
    CardInUse,
    DeniedTwice,
    Instrument,
    NoSavedCard,
    NotYourConfirmation,
    PaymentNotDue,
    PaymentState,
    RefundState,
)
from models.payments.transfers import BankAccount, BankLine

__all__ = [
    "CARD_LIMIT",
    "AttemptState",
    "BankAccount",
    "BankHasIt",
    "BankLine",
    "CardInUse",
    "DeniedTwice",
    "GatewayCustomer",
    "GatewayMessage",
    "Instrument",
    "NoSavedCard",
    "NotYourConfirmation",
    "Payment",
    "PaymentAttempt",
    "PaymentNotDue",
    "PaymentState",
    "Refund",
    "RefundState",
]

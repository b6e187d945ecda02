"""Payouts, for people: the blueprint with all of its pages."""

from marketplace.payouts import accounts, statements
from marketplace.payouts.blueprint import bp

__all__ = ["accounts", "bp", "statements"]

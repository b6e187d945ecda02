"""Withdrawing from a contract with a trader, and giving back what was paid for it."""

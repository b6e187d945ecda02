"""A Stripe simulator: test cards, holds and hosted pages, without a network or an account."""

from stripesim.app import create_app

__all__ = ["create_app"]

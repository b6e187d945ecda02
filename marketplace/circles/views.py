"""Circles, for people: every page and form of theirs."""

from marketplace.circles import browsing, founding, inviting, joining, pages, rules
from marketplace.circles.blueprint import bp

__all__ = ["bp", "browsing", "founding", "inviting", "joining", "pages", "rules"]

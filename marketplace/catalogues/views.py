"""Catalogues, for people: the pages of this feature, all on one blueprint."""

from marketplace.catalogues import articles, browsing, covers, lists
from marketplace.catalogues.blueprint import bp

__all__ = ["articles", "bp", "browsing", "covers", "lists"]

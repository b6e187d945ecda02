"""Organising, for programs."""

from marketplace.organising.api import desk, drafts, goods, money, people, terms
from marketplace.organising.api.blueprint import bp

__all__ = ["ENDPOINTS", "desk", "drafts", "goods", "money", "people", "terms"]

ENDPOINTS = (bp,)

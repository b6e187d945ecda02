"""Operations, for people: the blueprint with all of its pages."""

from marketplace.operations import money, pages
from marketplace.operations.blueprint import bp

__all__ = ["bp", "money", "pages"]

"""Group buying, for people: importing this module gives the blueprint all its pages."""

from marketplace.buying import (
    article,
    consent,
    joining,
    leaving,
    ordering,
    pages,
    proofs,
    terms,
    usual,
)
from marketplace.buying.blueprint import bp

__all__ = [
    "article",
    "bp",
    "consent",
    "joining",
    "leaving",
    "ordering",
    "pages",
    "proofs",
    "terms",
    "usual",
]

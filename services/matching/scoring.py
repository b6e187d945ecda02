"""Scoring: how well an offer answers a need, from plain facts; every term can be said in words.

"Complementary, not similar": a need is answered by an offer of the same skill. What counts is that
(half), how near it is, whether the two can talk and meet, what each could give the other in turn,
and what is known of the one who answers.
"""

from dataclasses import dataclass
from enum import StrEnum

# What each term adds at most; together 1.
SKILL, WORDS, NEARNESS, LANGUAGE, TIME, SWAP, BALANCE, TRUST = (
    0.40, 0.10, 0.15, 0.10, 0.05, 0.10, 0.05, 0.05,
)  # fmt: skip
# At this distance nearness has fallen to a half.
HALF_AT_KM = 10.0
# So many finished deals say all that they can.
MOST_DEEDS = 10
# Below, two listings have too little to do with each other to be shown.
LEAST = 0.25


class Term(StrEnum):
    """What speaks for a match."""

    SKILL = "skill"
    WORDS = "words"
    NEARNESS = "nearness"
    LANGUAGE = "language"
    TIME = "time"
    SWAP = "swap"
    BALANCE = "balance"
    TRUST = "trust"


@dataclass(frozen=True)
class Facts:
    """What is known of two listings and those who made them.

    `skill` is how well the best skill answers, from 0 to 1; `words` how much of the title is in the
    other; `is_remote` whether distance does not matter; `deeds` how many deals whoever answers saw
    to their end; `balance` from -1 (should earn) to 1 (should spend) of whoever needs, less that of
    whoever offers, halved; 0 where nobody keeps accounts.
    """

    skill: float = 0.0
    words: float = 0.0
    distance_km: float | None = None
    is_remote: bool = False
    shares_language: bool = False
    shares_time: bool = False
    is_swap: bool = False
    deeds: int = 0
    balance: float = 0.0


def terms(facts: Facts) -> dict[Term, float]:
    """What each term adds; the sum is the score, from 0 to 1."""
    if facts.is_remote:
        nearness = 1.0
    elif facts.distance_km is None:
        nearness = 0.0
    else:
        nearness = HALF_AT_KM / (HALF_AT_KM + facts.distance_km)
    return {
        Term.SKILL: SKILL * facts.skill,
        Term.WORDS: WORDS * facts.words,
        Term.NEARNESS: NEARNESS * nearness,
        Term.LANGUAGE: LANGUAGE * facts.shares_language,
        Term.TIME: TIME * facts.shares_time,
        Term.SWAP: SWAP * facts.is_swap,
        Term.BALANCE: BALANCE * (1 + max(-1.0, min(1.0, facts.balance))) / 2,
        Term.TRUST: TRUST * min(facts.deeds, MOST_DEEDS) / MOST_DEEDS,
    }


def score(facts: Facts) -> float:
    return sum(terms(facts).values())


def is_match(facts: Facts) -> bool:
    """Whether they have to do with each other at all: nearness and language alone say nothing."""
    speaks = facts.skill > 0 or facts.words >= 0.5
    return speaks and score(facts) >= LEAST

"""Words people search with, made into questions that the index can answer.

A text is indexed in its own language and word by word; a question's language is not known, so
it is asked in all of them. Compounds and typing errors are found by trigrams of the title.
"""

import re
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, cast, func, literal, literal_column
from sqlalchemy.dialects.postgresql import TSQUERY

LANGUAGES = ("german", "dutch", "english", "simple")
# Of a word's trigrams a title must have this share; one wrong letter breaks three of them.
LEAST_ALIKE = 0.4
MOST_WORDS = 8


def query(words: str) -> ColumnElement[Any]:
    """The tsquery that finds `words` in any of our languages."""
    asked = [
        func.plainto_tsquery(literal_column(f"'pg_catalog.{language}'::regconfig"), words)
        for language in LANGUAGES
    ]
    joined: ColumnElement[Any] = asked[0]
    for another in asked[1:]:
        joined = joined.op("||")(another)
    return joined


def fuzzy_query(words: str) -> ColumnElement[Any] | None:
    """The tsquery for titles that look like `words`; None if every word is too short.

    A word's trigrams are cut into three parts, one of which must be there as a whole: a wrong,
    missing or added letter never breaks all three.
    """
    asked = []
    for word in split(words):
        grams = [word[start : start + 3] for start in range(len(word) - 2)]
        third = max(1, len(grams) // 3)
        parts = [grams[:third], grams[third:-third] or grams[:1], grams[-third:]]
        if grams:
            either = (" & ".join(f"'~{gram}'" for gram in part) for part in parts)
            asked.append("(" + " | ".join(f"({part})" for part in either) + ")")
    if not asked:
        return None
    return cast(literal(" & ".join(asked)), TSQUERY)


def likeness(words: str, title: str) -> float:
    """How much of `words` is in `title`, from 0 to 1: the share of trigrams, of the worst word."""
    there = {gram for word in split(title) for gram in trigrams(word)}
    shares = [
        len(there & trigrams(word)) / len(trigrams(word)) for word in split(words) if len(word) > 2
    ]
    return min(shares, default=0.0)


@lru_cache(maxsize=10_000)
def trigrams(word: str) -> frozenset[str]:
    return frozenset(word[start : start + 3] for start in range(len(word) - 2))


def split(words: str) -> list[str]:
    """Words as `allmende_trigrams` takes them: lower case, letters and digits."""
    return [word for word in re.split(r"[\W_]+", words.lower()) if word][:MOST_WORDS]

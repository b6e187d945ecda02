"""Words people search with, made into questions that the index can answer.

A text is indexed in its own language and word by word; a question's language is not known, so
it is asked in all of them. Compounds and typing errors are found by trigrams of the title.
The words of articles are too many for that: an order would write them all into the index again.
They stand in a table of their own, from which a word with a typing error takes those it may mean.
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, cast, func, literal, literal_column, select
from sqlalchemy.dialects.postgresql import JSONB, TSQUERY, insert
from sqlalchemy.orm import Session

from models.discovery import WareWord

LANGUAGES = ("german", "dutch", "english", "simple")
# Of a word's trigrams a title must have this share; one wrong letter breaks three of them.
LEAST_ALIKE = 0.4
MOST_WORDS = 8
# Shorter words are alike by chance; longer ones are none.
LENGTHS = range(4, 41)
# One word hardly means more than these.
MOST_MEANT = 50


def query(words: str) -> ColumnElement[Any]:
    """The tsquery that finds `words` in any of our languages."""
    return _in_all_languages(func.plainto_tsquery, literal(words))


def _in_all_languages(parse: Any, words: ColumnElement[Any]) -> ColumnElement[Any]:
    asked = [
        parse(literal_column(f"'pg_catalog.{language}'::regconfig"), words)
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
    asked = [f"({' | '.join(parts)})" for word in split(words) if (parts := thirds(word))]
    if not asked:
        return None
    return cast(literal(" & ".join(asked)), TSQUERY)


def thirds(word: str) -> list[str]:
    """The three parts of a word's trigrams, each as a question; none for a word of two letters."""
    grams = [word[start : start + 3] for start in range(len(word) - 2)]
    if not grams:
        return []
    third = max(1, len(grams) // 3)
    parts = [grams[:third], grams[third:-third] or grams[:1], grams[-third:]]
    return ["(" + " & ".join(f"'~{gram}'" for gram in part) + ")" for part in parts]


def misspelled_query(words: str) -> Select[Any] | None:
    """The tsquery for articles named by words that are misspelled in `words`; None if too short."""
    asked: ColumnElement[Any] | None = None
    known = list(dict.fromkeys(split(words)))
    for number, word in enumerate(known):
        either = query(word)
        if len(word) in LENGTHS:
            alike = (
                select(func.quote_literal(WareWord.word).label("word"))
                .where(WareWord.spellings.overlap(spellings(word)))
                # Whoever asks again is answered the same.
                .order_by(WareWord.word)
                .limit(MOST_MEANT)
                .subquery()
            )
            meant = select(func.string_agg(alike.c.word, " | ").label("any")).cte(f"meant_{number}")
            found = _in_all_languages(func.to_tsquery, select(meant.c.any).scalar_subquery())
            either = either.op("||")(func.coalesce(found, literal_column("''::tsquery")))
        asked = either if asked is None else asked.op("&&")(either)
    if asked is None or not any(len(word) in LENGTHS for word in known):
        return None
    return select(asked.label("query"))


def learn(session: Session, names: Iterable[str]) -> None:
    """Know the words of these names, so that they are found in spite of a typing error."""
    known = {word for name in names for word in _words(name) if len(word) in LENGTHS}
    if known:
        # Sorted, so that two who learn the same words at once never wait for each other.
        rows = [{"word": word, "spellings": spellings(word)} for word in sorted(known)]
        given = func.jsonb_to_recordset(cast(rows, JSONB)).table_valued(
            WareWord.word, WareWord.spellings
        )
        learnt = select(given.render_derived(with_types=True))
        put = insert(WareWord).from_select(["word", "spellings"], learnt)
        session.execute(put.on_conflict_do_nothing())


def spellings(word: str) -> list[str]:
    """The word, and the word without each of its letters.

    Two words share one of these if a letter of one is wrong, missing, added or swapped.
    """
    return sorted({word, *(word[:cut] + word[cut + 1 :] for cut in range(len(word)))})


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
    return _words(words)[:MOST_WORDS]


def _words(text: str) -> list[str]:
    return [word for word in re.split(r"[\W_]+", text.lower()) if word]

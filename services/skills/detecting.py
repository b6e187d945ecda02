"""Detecting: which skills a sentence speaks of, in whatever language, with compounds and typos."""

import re
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, cast, func, literal, select
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import Session

from models.skills import Skill, SkillLabel
from services.discovery.words import query, thirds, trigrams
from services.places import name_key
from services.skills.finding import named

# A sentence has no more words that matter.
MOST_WORDS = 14
MOST_CANDIDATES = 400
LEAST_ALIKE = 0.7
SHORT = 4
LONGER = 3
# What stands in sentences and names no skill.
SMALL = frozenset(
    re.findall(
        r"\w+",
        """
        the and for with who can how please need help want someone somebody my your our some any
        from der die das den dem des ein eine einen einem einer und fur mit wer kann mir mich bei
        beim zum zur ich wir jemand suche brauche hilfe hilft von vom sich auf gern bitte etwas
        unser unsere het een van voor met wie kan mij mijn bij wij iemand zoek nodig heb hulp helpt
        graag onze
        """,
    )
)


def detect(session: Session, text: str, *, limit: int = 3) -> Sequence[Skill]:
    """The skills that `text` names, the best named first; none where nothing is named well.

    A skill is left out where a narrower one of its own was found.
    """
    words = words_of(text)
    if not words:
        return []
    rows = session.execute(
        select(SkillLabel.skill_id, SkillLabel.label_key)
        .where(SkillLabel.search.op("@@")(any_of(words)))
        .order_by(func.length(SkillLabel.label_key), SkillLabel.id)
        .limit(MOST_CANDIDATES)
    )
    best: dict[int, float] = {}
    for skill_id, label_key in rows:
        fits = fit(label_key, words)
        if fits:
            best[skill_id] = max(fits, best.get(skill_id, 0.0))
    skills = named(session, best)
    wider = {one.broader_id for one in skills.values()}
    chosen = [one for one in sorted(best, key=lambda one: (-best[one], one)) if one not in wider]
    return [skills[one] for one in chosen[:limit]]


def words_of(text: str) -> list[str]:
    """The words of a sentence that may name a skill, without marks on their letters."""
    words = [word for word in name_key(text).split() if len(word) > 2 and word not in SMALL]
    return list(dict.fromkeys(words))[:MOST_WORDS]


def fit(label_key: str, words: Collection[str]) -> float:
    """How well `words` name what a label names: 0 if one of its words is not among them.

    The longer the name that is found as a whole, the more it says.
    """
    wanted = [word for word in label_key.split() if len(word) > 2 and word not in SMALL]
    if not wanted:
        return 0.0
    shares = [max(alike(word, one) for one in words) for word in wanted]
    if min(shares) < LEAST_ALIKE:
        return 0.0
    return sum(share * len(word) for share, word in zip(shares, wanted, strict=True))


def alike(word: str, other: str) -> float:
    """How much of the shorter word is in the longer one, from 0 to 1.

    A compound has its parts in it ("Einkommensteuererklärung"), an ending does no harm, and a
    typing error little; words of a few letters are alike only if they are the same.
    """
    short, long = sorted((word, other), key=len)
    if short == long:
        return 1.0
    if len(short) <= SHORT or len(short) * 3 < len(long):
        return 0.0
    if short in long:
        return 1.0
    # Else it is the same word, spelt or ended otherwise: it begins alike and is as long.
    if short[0] != long[0] or len(long) - len(short) > LONGER:
        return 0.0
    here, there = trigrams(short), trigrams(long)
    return len(here & there) / len(here)


def any_of(words: Sequence[str]) -> ColumnElement[Any]:
    """The tsquery for labels with one of these words or stems, or a part of its trigrams."""
    asked = query(words[0])
    for word in words[1:]:
        asked = asked.op("||")(query(word))
    parts = [part for word in words if len(word) > SHORT for part in thirds(word)]
    if parts:
        asked = asked.op("||")(cast(literal(" | ".join(parts)), TSQUERY))
    return asked

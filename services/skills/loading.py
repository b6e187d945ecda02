"""Loading skills: those we bring along, and those of the European classification (ESCO)."""

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from importlib.resources.abc import Traversable
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import TypeVar

from sqlalchemy import case, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.skills import Skill, SkillLabel, SkillSource
from services.places import name_key

LANGUAGES = ("de", "nl", "en")
_BATCH = 500
Row = TypeVar("Row")


@dataclass(frozen=True)
class SkillRow:
    """One skill: its key, that of the wider one or "", and its names by language, usual first."""

    key: str
    broader: str
    labels: Mapping[str, Sequence[str]] = field(default_factory=dict)


def read_seed(seed: Path | Traversable) -> Iterator[SkillRow]:
    """The rows of a file of ours: key, broader, and the names of each language split by "|"."""
    with seed.open("rb") as plain:
        for row in csv.DictReader(TextIOWrapper(plain, "utf-8", newline="")):
            labels = {lang: [one for one in row[lang].split("|") if one] for lang in LANGUAGES}
            yield SkillRow(row["key"], row["broader"], labels)


def are_loaded(session: Session) -> bool:
    return session.scalar(select(Skill.id).limit(1)) is not None


def load(session: Session, rows: Iterable[SkillRow], source: SkillSource, *, now: datetime) -> int:
    """Bring the skills of this source up to `rows`; how many there were. Repeatable.

    Skills that are in `rows` no more stay, since listings refer to them.
    """
    count = 0
    broader: dict[str, str] = {}
    for some in _batches(rows):
        _write(session, some, source, now)
        broader |= {one.key: one.broader for one in some if one.broader}
        count += len(some)
    for pairs in _batches(broader.items()):
        _put_below(session, dict(pairs))
    return count


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """So many rows at a time, since one statement bears no more."""
    left = iter(rows)
    while some := list(islice(left, _BATCH)):
        yield some


def _write(session: Session, rows: Sequence[SkillRow], source: SkillSource, now: datetime) -> None:
    put = insert(Skill).values([{"key": one.key, "source": source, "made_at": now} for one in rows])
    session.execute(put.on_conflict_do_nothing(index_elements=["key"]))
    found = session.execute(
        select(Skill.key, Skill.id).where(Skill.key.in_([one.key for one in rows]))
    )
    ids: dict[str, int] = dict(iter(found))
    session.execute(delete(SkillLabel).where(SkillLabel.skill_id.in_(ids.values())))
    labels = [
        {
            "skill_id": ids[one.key],
            "lang": lang,
            "label": label,
            "label_key": name_key(label),
            "position": position,
        }
        for one in rows
        for lang, names in one.labels.items()
        for position, label in enumerate(dict.fromkeys(names))
    ]
    if labels:
        session.execute(insert(SkillLabel), labels)


def _put_below(session: Session, broader: Mapping[str, str]) -> None:
    """Say of each skill which wider one it belongs to, so far as that is known."""
    keys = {*broader, *broader.values()}
    found = session.execute(select(Skill.key, Skill.id).where(Skill.key.in_(keys)))
    ids: dict[str, int] = dict(iter(found))
    moves = {ids[key]: ids[wider] for key, wider in broader.items() if wider in ids and key in ids}
    if moves:
        session.execute(
            update(Skill)
            .where(Skill.id.in_(moves))
            .values(broader_id=case(moves, value=Skill.id))
            .execution_options(synchronize_session=False)
        )

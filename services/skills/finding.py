"""Finding skills: by the beginning of a name, by their ids, and what is near in meaning."""

from collections.abc import Collection, Sequence

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, selectinload

from models.skills import Skill, SkillLabel
from services.places import name_key

# How much a wider or a narrower skill answers what is looked for.
BROADER, NARROWER = 0.5, 0.8


def named(session: Session, ids: Collection[int]) -> dict[int, Skill]:
    """The skills with these ids, each with its names."""
    if not ids:
        return {}
    rows = session.scalars(
        select(Skill).where(Skill.id.in_(ids)).options(selectinload(Skill.labels))
    )
    return {one.id: one for one in rows}


def suggest(session: Session, text: str, *, limit: int = 8) -> Sequence[tuple[Skill, str]]:
    """Skills with a name that begins with `text`, each with that name; from two letters on."""
    key = name_key(text)
    if len(key) < 2:
        return []
    rows = session.execute(
        select(Skill, SkillLabel.label)
        .join(SkillLabel, SkillLabel.skill_id == Skill.id)
        .where(SkillLabel.label_key.startswith(key, autoescape=True))
        .order_by(SkillLabel.position, SkillLabel.label_key, SkillLabel.id)
        .limit(limit * 4)
    )
    found: dict[int, tuple[Skill, str]] = {}
    for skill, label in rows:
        found.setdefault(skill.id, (skill, label))
    return list(found.values())[:limit]


def related(session: Session, ids: Collection[int]) -> dict[int, float]:
    """What answers a wish for these skills, by how well: themselves by 1, their kin by less."""
    if not ids:
        return {}
    rows = session.execute(
        select(Skill.id, Skill.broader_id).where(or_(Skill.id.in_(ids), Skill.broader_id.in_(ids)))
    ).all()
    answers: dict[int, float] = {}
    for skill_id, broader_id in rows:
        if skill_id in ids and broader_id is not None:
            answers.setdefault(broader_id, BROADER)
        if broader_id in ids:
            answers[skill_id] = NARROWER
    return answers | dict.fromkeys(ids, 1.0)

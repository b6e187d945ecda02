"""Adding a skill that nobody has named yet."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.members import TooManyTries
from models.skills import Skill, SkillLabel, SkillSource
from models.words import N_
from services import secrets, throttles
from services.locking import reserve
from services.places import name_key
from services.throttles import Limit, Try

ADDED = Limit("skills", 10, timedelta(days=1))


class AddedTooManySkills(TooManyTries):
    code = "added-too-many-skills"
    message = N_("You added %(limit)s skills within a day. You can add more from %(until)s on.")


def add(session: Session, label: str, lang: str, *, actor: Actor, now: datetime) -> Skill:
    """The skill of this name; a new one, with this name in this language, if there is none.

    Two who add the same at once get one. Refuses with NotConfirmed and AddedTooManySkills.
    """
    key = name_key(label)
    reserve(session, f"skill:{lang}:{key}")
    known = session.scalar(
        select(Skill)
        .join(SkillLabel, SkillLabel.skill_id == Skill.id)
        .where(SkillLabel.label_key == key)
        .order_by(SkillLabel.lang != lang, Skill.id)
        .limit(1)
    )
    if known is not None:
        return known
    actor.member.require_confirmed()
    counted = Try(ADDED, str(actor.member.id))
    throttles.take_in_act(session, counted, refusal=AddedTooManySkills, now=now)
    made = Skill(
        key=f"member:{secrets.draw_key()}",
        source=SkillSource.MEMBER,
        made_by_id=actor.member.id,
        made_at=now,
        labels=[SkillLabel(lang=lang, label=label, label_key=key, position=0)],
    )
    session.add(made)
    session.flush()
    return made

"""A few skills to test with, and listings of people who have or need them."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models.actors import Actor
from models.listings import Listing, ListingKind
from models.skills import Skill, SkillLabel, SkillSource
from services import listings, skills
from services.listings import Description
from services.skills import SkillRow

ROWS = (
    SkillRow("paperwork", "", {"de": ["Papierkram"], "nl": ["papierwerk"], "en": ["paperwork"]}),
    SkillRow("tax-return", "paperwork", {
        "de": ["Steuererklärung", "Lohnsteuerjahresausgleich"],
        "nl": ["belastingaangifte", "aangifte doen"], "en": ["tax return", "income tax"],
    }),
    SkillRow("repair", "", {"de": ["Reparatur"], "nl": ["reparatie"], "en": ["repair"]}),
    SkillRow("bicycle-repair", "repair", {
        "de": ["Fahrrad reparieren", "Rad flicken"], "nl": ["fiets repareren", "band plakken"],
        "en": ["bicycle repair", "fix a bike"],
    }),
    SkillRow("baking", "", {"de": ["Backen", "Kuchen backen"], "nl": ["bakken"], "en": ["baking"]}),
    SkillRow("moving", "", {
        "de": ["Umzugshilfe", "Umzug"], "nl": ["verhuishulp"], "en": ["moving"],
    }),
)  # fmt: skip


def load(session: Session, *, now: datetime) -> None:
    skills.load(session, ROWS, SkillSource.ALLMENDE, now=now)


def skill(session: Session, name: str) -> Skill:
    return session.query(Skill).filter_by(key=name).one()


def label(session: Session, name: str, lang: str) -> str:
    found = session.query(SkillLabel).join(Skill).filter(Skill.key == name, SkillLabel.lang == lang)
    return found.order_by(SkillLabel.position).first().label  # type: ignore[union-attr]


def listing(
    session: Session,
    actor: Actor,
    title: str,
    *names: str,
    kind: ListingKind = ListingKind.OFFER,
    now: datetime,
    **said: Any,
) -> Listing:
    """An offer, or a need, of the skills with these keys; nowhere, if nothing is said."""
    ids = [skill(session, name).id for name in names]
    given = {"place": "", "lang": "en", **said}
    made = listings.publish(
        session,
        Description(kind=kind, title=title, skill_ids=ids, **given),
        actor=actor,
        now=now,
    )
    session.flush()
    return made


def need(session: Session, actor: Actor, title: str, *names: str, **said: Any) -> Listing:
    return listing(session, actor, title, *names, kind=ListingKind.NEED, **said)

"""Skills are found by their names in three languages, in sentences, compounds and with typos."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.members import NotConfirmed
from models.skills import Skill, SkillLabel, SkillSource
from services import skills
from services.skills import SkillRow, adding, esco
from services.skills.detecting import alike, fit
from tests import make_members, make_skills
from tests.make_skills import skill


@pytest.fixture(autouse=True)
def loaded(session: Session, now: datetime) -> None:
    make_skills.load(session, now=now)


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("Wer hilft mir bei der Steuererklärung?", ["tax-return"]),
        ("Einkommensteuererklärung 2025", ["tax-return"]),
        ("Steuererklarung", ["tax-return"]),
        ("Wie kan mij helpen met mijn belastingaangifte", ["tax-return"]),
        ("I need somebody for my income tax", ["tax-return"]),
        ("Fahrräder reparieren", ["bicycle-repair"]),
        ("Mijn fiets moet gerepareerd worden, band plakken", ["bicycle-repair"]),
        ("Kuchen backen und Umzug", ["baking", "moving"]),
        ("Umzug am Samstag in den dritten Stock", ["moving"]),
        ("Hello", []),
        ("", []),
        ("??? !!! 123", []),
    ],
)
def test_a_sentence_names_skills(session: Session, sentence: str, found: list[str]) -> None:
    assert sorted(one.key for one in skills.detect(session, sentence)) == found


def test_a_narrow_skill_stands_for_its_wider_one(session: Session) -> None:
    assert [one.key for one in skills.detect(session, "repair: fix a bike")] == ["bicycle-repair"]


@pytest.mark.parametrize(
    ("one", "other", "are_alike"),
    [
        ("steuererklarung", "einkommensteuererklarung", True),
        ("reparieren", "reparaturen", False),
        ("backen", "backe", True),
        ("rad", "fahrrad", False),
        ("umzug", "umzuge", True),
        ("zug", "umzug", False),
    ],
)
def test_what_is_alike(one: str, other: str, are_alike: bool) -> None:
    assert (alike(one, other) >= 0.7) is are_alike
    assert alike(one, other) == alike(other, one)


def test_every_word_of_a_name_has_to_be_there() -> None:
    assert fit("fahrrad reparieren", ["fahrrad", "kaufen"]) == 0
    assert fit("fahrrad reparieren", ["fahrrad", "reparieren"]) > fit("fahrrad", ["fahrrad"])
    assert fit("fur die", ["fur"]) == 0


def test_skills_are_suggested_by_the_beginning_of_any_name(session: Session) -> None:
    found = skills.suggest(session, "Steu")

    assert [(one.key, label) for one, label in found] == [("tax-return", "Steuererklärung")]
    assert skills.suggest(session, "s") == []
    assert skills.suggest(session, "zzz") == []


def test_a_skill_is_called_in_the_language_of_its_reader(session: Session) -> None:
    found = skill(session, "tax-return")

    assert [found.label(lang) for lang in ("de", "nl", "en", "fr")] == [
        "Steuererklärung", "belastingaangifte", "tax return", "Steuererklärung",
    ]  # fmt: skip


def test_kin_answers_too_and_less(session: Session) -> None:
    narrow, wide = skill(session, "bicycle-repair").id, skill(session, "repair").id

    assert skills.related(session, [narrow]) == {narrow: 1.0, wide: 0.5}
    assert skills.related(session, [wide]) == {wide: 1.0, narrow: 0.8}
    assert skills.related(session, []) == {}


def test_loading_twice_changes_nothing_and_new_names_replace_old_ones(
    session: Session, now: datetime
) -> None:
    before = {one.key: one.id for one in session.scalars(select(Skill))}

    make_skills.load(session, now=now)
    skills.load(
        session,
        [SkillRow("baking", "repair", {"de": ["Brot backen"]})],
        SkillSource.ALLMENDE,
        now=now,
    )

    assert {one.key: one.id for one in session.scalars(select(Skill))} == before
    session.expire_all()
    baking = skill(session, "baking")
    assert [one.label for one in baking.labels] == ["Brot backen"]
    assert baking.broader_id == skill(session, "repair").id


# Members' own.


def test_a_member_adds_a_skill_that_nobody_has_named(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = skills.add(session, "Falknerei", "de", actor=alice, now=now)

    assert (made.source, made.label("de")) == (SkillSource.MEMBER, "Falknerei")
    assert skills.add(session, "falknerei", "de", actor=bob, now=now) is made
    assert [one.id for one in skills.detect(session, "Falknerei am Wochenende")] == [made.id]


def test_what_has_a_name_already_is_not_added_again(
    session: Session, alice: Actor, now: datetime
) -> None:
    assert skills.add(session, "Belastingaangifte", "nl", actor=alice, now=now).key == "tax-return"


def test_ten_skills_a_day_are_enough(session: Session, alice: Actor, now: datetime) -> None:
    for number in range(adding.ADDED.tries):
        skills.add(session, f"Art {number}", "de", actor=alice, now=now)

    with pytest.raises(adding.AddedTooManySkills):
        skills.add(session, "Another", "en", actor=alice, now=now)
    skills.add(session, "Another", "en", actor=alice, now=now + timedelta(days=1))


def test_an_unconfirmed_member_adds_none(session: Session, now: datetime) -> None:
    greta = make_members.unconfirmed(session, "Greta", now=now)

    with pytest.raises(NotConfirmed):
        skills.add(session, "Falknerei", "de", actor=greta, now=now)


# ESCO.

HEAD = "conceptType,conceptUri,skillType,preferredLabel,altLabels,hiddenLabels,description\n"


def test_the_tables_of_esco_are_read_by_language(
    session: Session, tmp_path: Path, now: datetime
) -> None:
    uri = "http://data.europa.eu/esco/skill/1"
    german, dutch = tmp_path / "skills_de.csv", tmp_path / "skills_nl.csv"
    german.write_text(
        f'{HEAD}KnowledgeSkillCompetence,{uri},s,Obst ernten,"Äpfel pflücken\nObsternte",,\n'
    )
    dutch.write_text(f"{HEAD}KnowledgeSkillCompetence,{uri},s,fruit oogsten,,,\n", "utf-8-sig")
    relations = tmp_path / "broader.csv"
    relations.write_text(
        "conceptType,conceptUri,broaderType,broaderUri\n"
        f"KnowledgeSkillCompetence,{uri},SkillGroup,http://data.europa.eu/esco/skill/S1\n"
    )

    rows = list(esco.read({"de": german, "nl": dutch}, relations))
    count = skills.load(session, rows, SkillSource.ESCO, now=now)

    assert count == 1
    [found] = skills.detect(session, "Wer kann im Herbst Obst ernten")
    assert (found.key, found.source) == (uri, SkillSource.ESCO)
    assert [one.label for one in found.labels if one.lang == "de"] == [
        "Obst ernten", "Äpfel pflücken", "Obsternte",
    ]  # fmt: skip
    assert session.scalars(select(SkillLabel).filter_by(label="fruit oogsten")).one()


def test_a_table_without_its_columns_is_no_table_of_esco(tmp_path: Path) -> None:
    table = tmp_path / "skills_de.csv"
    table.write_text("a,b\n1,2\n")

    with pytest.raises(KeyError):
        list(esco.read({"de": table}))

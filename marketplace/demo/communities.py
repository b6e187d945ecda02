"""What happens in the circles of the demo world: founding, coming, talking."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from marketplace import db
from marketplace.demo.community import COMMUNITIES, Community, Talk
from models.actors import Actor
from models.circles import CircleMembership
from services import circles, dialogue, geography
from services.circles import Visit

if TYPE_CHECKING:
    from marketplace.demo.story import Story


def plan(story: "Story") -> None:
    """Spread what happens in each circle over the days since it was founded."""
    for one in COMMUNITIES:
        founded = story.day(one.founded_on, hour=10)
        span = story.now - founded
        story.add(founded, _act(story, one, _found))
        for number, (who, by) in enumerate(one.came, start=1):
            at = founded + timedelta(hours=2) + span / 3 / (len(one.came) + 1) * number
            story.add(at, _act(story, one, _come, who=who, by=by))
        story.add(founded + span / 3, _act(story, one, _appoint))
        for number, talk in enumerate(one.talk, start=1):
            at = founded + span / 3 + span / 2 / (len(one.talk) + 1) * number
            at = at.replace(hour=16 + number, minute=10)
            story.add(at, _act(story, one, _talk, talk=talk))
        story.add(story.now - timedelta(hours=26), _act(story, one, _ask))


def of(story: "Story", key: str) -> dict[str, Any]:
    """What a deal says that is done in the circle `key`, if in any."""
    return {"circle_id": story.circles[key]} if key else {}


def _act(story: "Story", one: Community, act: Any, **more: Any) -> Any:
    def run(now: datetime) -> None:
        with db.transaction() as session:
            act(session, story, one, now=now, **more)

    return run


def _found(session: Session, story: "Story", one: Community, *, now: datetime) -> None:
    actor, town = story.cast.acting(one.founder), story.cast.town(one.town)
    said = circles.Description(
        name=one.name, kind=one.kind, summary=one.summary, description=one.description,
        lang=town.lang, visibility=one.visibility, admission=one.admission,
        question=one.question, time_zone=town.time_zone,
        # Where nothing is known of its town, it lies nowhere.
        place=town.name if geography.candidates(session, town.name) else "",
    )  # fmt: skip
    made = circles.found(session, said, actor=actor, now=now)
    story.circles[one.key] = made.id
    visit = _visit(session, story, one, actor)
    circles.set_rules(session, visit, one.rules, lang=town.lang, actor=actor, now=now)


def _come(
    session: Session, story: "Story", one: Community, *, who: str, by: str, now: datetime
) -> None:
    key = ""
    if by:
        key = circles.link_of(session, _visit(session, story, one, story.cast.acting(by)))
    _join(session, story, one, who, now, key=key)


def _ask(session: Session, story: "Story", one: Community, *, now: datetime) -> None:
    for who, answer in one.asks:
        _join(session, story, one, who, now, answer=answer)


def _join(
    session: Session,
    story: "Story",
    one: Community,
    who: str,
    now: datetime,
    *,
    key: str = "",
    answer: str = "",
) -> CircleMembership:
    actor = story.cast.acting(who)
    visit = _visit(session, story, one, actor, key)
    number = visit.circle.rules_number
    return circles.join(session, visit, answer=answer, rules_number=number, actor=actor, now=now)


def _appoint(session: Session, story: "Story", one: Community, *, now: datetime) -> None:
    founder = story.cast.acting(one.founder)
    for who, role in one.roles:
        own = _visit(session, story, one, story.cast.acting(who)).standing.own
        assert own is not None
        visit = _visit(session, story, one, founder)
        circles.appoint(session, visit, own.id, role, actor=founder, now=now)
    if one.word:
        _say(session, story, one, founder, one.word, now, is_announcement=True)


def _talk(session: Session, story: "Story", one: Community, *, talk: Talk, now: datetime) -> None:
    who, words, answers = talk
    comment = _say(session, story, one, story.cast.acting(who), words, now)
    for number, (answering, said) in enumerate(answers, start=1):
        later = now + timedelta(minutes=25 * number)
        _say(session, story, one, story.cast.acting(answering), said, later, answers=comment)


def _say(
    session: Session,
    story: "Story",
    one: Community,
    actor: Actor,
    body: str,
    now: datetime,
    *,
    answers: int | None = None,
    is_announcement: bool = False,
) -> int:
    subject = dialogue.of_circle(_visit(session, story, one, actor))
    words = {"body": body, "lang": story.cast.town(one.town).lang}
    if is_announcement:
        return dialogue.announce(session, subject, **words, now=now).id
    if answers is not None:
        return dialogue.answer(session, subject, answers, **words, now=now).id
    return dialogue.comment(session, subject, **words, now=now).id


def _visit(session: Session, story: "Story", one: Community, actor: Actor, key: str = "") -> Visit:
    circle_id = story.circles[one.key]
    return circles.find(session, circle_id, actor=actor, link_key=key, lock=True)

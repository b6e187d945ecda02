"""What somebody says beside a deal or in a circle, as its page would have it said."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.actors import Actor
from models.circles import Circle
from models.collaborations import Collaboration
from models.dialogue import Message
from services import dialogue
from services.dialogue import Subject


def subject(session: Session, about: Collaboration | Circle, actor: Actor | None) -> Subject:
    """The thread as `actor` comes to it."""
    find = dialogue.find_circle if isinstance(about, Circle) else dialogue.find_deal
    return find(session, about.id, actor=actor)


def thread(session: Session, about: Collaboration | Circle, actor: Actor | None) -> dialogue.Thread:
    return dialogue.thread(session, subject(session, about, actor))


def ask(
    session: Session,
    about: Collaboration | Circle,
    *,
    body: str = "Is it cold pressed?",
    lang: str = "en",
    actor: Actor,
    now: datetime,
) -> Message:
    found = subject(session, about, actor)
    return dialogue.comment(session, found, body=body, lang=lang, now=now)


def answer(
    session: Session,
    about: Collaboration | Circle,
    comment_id: int,
    *,
    body: str = "Yes.",
    lang: str = "en",
    actor: Actor,
    now: datetime,
) -> Message:
    found = subject(session, about, actor)
    return dialogue.answer(session, found, comment_id, body=body, lang=lang, now=now)


def announce(
    session: Session,
    about: Collaboration | Circle,
    *,
    body: str,
    lang: str = "en",
    actor: Actor,
    now: datetime,
) -> Message:
    found = subject(session, about, actor)
    return dialogue.announce(session, found, body=body, lang=lang, now=now)

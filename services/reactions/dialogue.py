"""What members are told of questions, answers and the organiser's word to all."""

from datetime import datetime

from sqlalchemy.orm import Session

from models.collaborations import Collaboration
from models.dialogue import Message
from models.events import Event
from models.notices import NoticeKind
from services import notices, paths
from services.notices import Telling
from services.reactions.audience import NOT_LEFT, tell_committed, tell_organisers, voices
from services.reactions.registry import on


@on("QuestionAsked")
def asked(session: Session, event: Event, now: datetime) -> None:
    message = _shown(session, event)
    if message is not None:
        tell_organisers(session, event, _telling(session, message, "asked"), now=now)


@on("QuestionAnswered")
def answered(session: Session, event: Event, now: datetime) -> None:
    message = _shown(session, event)
    question = session.get(Message, message.answers_id) if message else None
    if message is not None and question is not None and question.author_id != message.author_id:
        people = voices(session, {question.author_id})
        telling = _telling(session, message, "answered")
        notices.tell_all(session, event, people, telling, now=now)


@on("AnnouncementMade")
def announced(session: Session, event: Event, now: datetime) -> None:
    message = _shown(session, event)
    if message is not None:
        telling = _telling(session, message, "announced")
        tell_committed(session, event, telling, states=NOT_LEFT, now=now)


def _shown(session: Session, event: Event) -> Message | None:
    """The message, unless it was hidden before anybody was told of it."""
    message = session.get(Message, event.facts["message_id"])
    return message if message is not None and message.hidden_at is None else None


def _telling(session: Session, message: Message, text: str) -> Telling:
    deal = session.get_one(Collaboration, message.collaboration_id)
    return Telling(
        NoticeKind.MESSAGE,
        text,
        {
            "name": message.author.name,
            "title": deal.title,
            "zone": deal.time_zone,
            "words": message.body,
        },
        paths.message(deal.slug, message.id),
    )

"""Writing: questions, answers, and the organiser's word to all who joined."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from models.actors import Actor
from models.collaborations import Collaboration, NotTheOrganiser
from models.dialogue import Message, NothingToAnswer, NotYoursToHide, TooManyMessages
from models.errors import NotFound
from services import events, throttles
from services.dialogue.reading import find
from services.knowing import may_know
from services.throttles import Limit, Try

# One participant writes at most this much in an hour; it is a question thread, not a chat.
MOST_IN_AN_HOUR = 20
MESSAGES = Limit("messages", MOST_IN_AN_HOUR, timedelta(hours=1))


@dataclass(frozen=True, kw_only=True)
class MessageEvent(events.Happened):
    message_id: int


class QuestionAsked(MessageEvent):
    """Someone wants to know something about a deal."""


class QuestionAnswered(MessageEvent):
    """Someone answered a question."""


class AnnouncementMade(MessageEvent):
    """The organiser wrote to all who joined."""


class MessageHidden(MessageEvent):
    """A message was taken back, or hidden by a moderator."""


def ask(
    session: Session,
    deal: Collaboration,
    *,
    body: str,
    lang: str,
    actor: Actor,
    link_key: str = "",
    now: datetime,
) -> Message:
    """Write a question (Markdown) beside the deal, for all who may read it.

    Refuses with NotFound, NotConfirmed and TooManyMessages.
    """
    _guard(session, deal, actor, link_key, now)
    message = _written(session, deal, body=body, lang=lang, actor=actor, now=now)
    _record(session, QuestionAsked, message, actor, now)
    return message


def answer(
    session: Session,
    deal: Collaboration,
    question_id: int,
    *,
    body: str,
    lang: str,
    actor: Actor,
    link_key: str = "",
    now: datetime,
) -> Message:
    """Answer a question of the same deal; an answer by those who organise is marked.

    Refuses with NotFound, NotConfirmed, NothingToAnswer and TooManyMessages.
    """
    _guard(session, deal, actor, link_key, now)
    question = session.get(Message, question_id)
    if question is None or question.collaboration_id != deal.id or not question.is_question:
        raise NothingToAnswer
    message = _written(
        session, deal, body=body, lang=lang, actor=actor, answers_id=question.id, now=now
    )
    _record(session, QuestionAnswered, message, actor, now)
    return message


def announce(
    session: Session, deal: Collaboration, *, body: str, lang: str, actor: Actor, now: datetime
) -> Message:
    """Write to all who committed; refuses with NotTheOrganiser, NotConfirmed, TooManyMessages."""
    if not deal.is_organised_by(actor):
        raise NotTheOrganiser
    _guard(session, deal, actor, "", now)
    message = _written(
        session, deal, body=body, lang=lang, actor=actor, for_committed=True, now=now
    )
    _record(session, AnnouncementMade, message, actor, now)
    return message


def take_back(session: Session, message_id: int, *, actor: Actor, now: datetime) -> Message:
    """Hide one's own message; moderators, too, hide those of others by a decided case alone.

    Refuses with NotFound and NotYoursToHide.
    """
    message = find(session, message_id)
    if message.made_by_id != actor.member.id or not actor.may_act_for(message.author_id):
        raise NotYoursToHide
    return hide(session, message_id, actor=actor, now=now)


def hide(session: Session, message_id: int, *, actor: Actor, now: datetime) -> Message:
    """Hide one's own message; a moderator can hide any, by a decision with its reasons.

    Refuses with NotFound and NotYoursToHide.
    """
    message = find(session, message_id)
    if message.made_by_id != actor.member.id and not actor.is_moderator:
        raise NotYoursToHide
    if message.hidden_at is None:
        message.hide(now)
        _record(session, MessageHidden, message, actor, now)
    return message


def _guard(
    session: Session, deal: Collaboration, actor: Actor, link_key: str, now: datetime
) -> None:
    if not may_know(session, deal, actor, link_key):
        raise NotFound
    actor.member.require_confirmed()
    written = Try(MESSAGES, str(actor.member.id))
    throttles.take_in_act(session, written, refusal=TooManyMessages, now=now)


def _written(
    session: Session,
    deal: Collaboration,
    *,
    body: str,
    lang: str,
    actor: Actor,
    answers_id: int | None = None,
    for_committed: bool = False,
    now: datetime,
) -> Message:
    message = Message(
        collaboration_id=deal.id,
        author_id=actor.participant.id,
        made_by_id=actor.member.id,
        answers_id=answers_id,
        body=body,
        lang=lang,
        is_by_organiser=deal.is_organised_by(actor),
        for_committed=for_committed,
        made_at=now,
    )
    session.add(message)
    session.flush()
    return message


def _record(
    session: Session, happened: type[MessageEvent], message: Message, actor: Actor, now: datetime
) -> None:
    event = happened(
        message_id=message.id,
        by=actor.member.id,
        participant_id=actor.participant.id,
        collaboration_id=message.collaboration_id,
    )
    events.record(session, event, now=now)

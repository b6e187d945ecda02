"""Dialogue: asking and answering beside a deal, and the organiser's word to all who joined."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from models.actors import Actor
from models.collaborations import Collaboration, Commitment, NotTheOrganiser
from models.dialogue import Message, NothingToAnswer, NotYoursToHide, TooManyMessages
from models.errors import NotFound
from services import events
from services.knowing import may_know

# One participant writes at most this much in an hour; it is a question thread, not a chat.
MOST_IN_AN_HOUR = 20
_LATER = aliased(Message)
_IS_ANSWERED = exists().where(_LATER.answers_id == Message.id, _LATER.hidden_at.is_(None))


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


@dataclass(frozen=True)
class Thread:
    """A page of a thread: questions newest first, each with its answers in order."""

    questions: Sequence[Message]
    answers: dict[int, list[Message]]
    # Where the older questions begin, if there are any.
    before: int | None


def find_deal(
    session: Session, slug: str | int, *, actor: Actor | None, link_key: str = ""
) -> Collaboration:
    """The collaboration at `slug`, of any kind; refuses with NotFound what must not be known."""
    query = select(Collaboration)
    # Programs know it by its id.
    query = query.filter_by(id=slug) if isinstance(slug, int) else query.filter_by(slug=slug)
    deal = session.scalar(query)
    if deal is None or not may_know(session, deal, actor, link_key):
        raise NotFound
    return deal


def has_committed(session: Session, deal: Collaboration, actor: Actor | None) -> bool:
    """Whether one of those for whom `actor` may act takes part and has not left."""
    return actor is not None and bool(
        session.scalar(
            select(
                exists().where(
                    Commitment.collaboration_id == deal.id,
                    Commitment.participant_id.in_([one.id for one in actor.participants]),
                    Commitment.state.not_in(Commitment.LEFT),
                )
            )
        )
    )


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
    if find(session, message_id).made_by_id != actor.member.id:
        raise NotYoursToHide
    return hide(session, message_id, actor=actor, now=now)


def hide(session: Session, message_id: int, *, actor: Actor, now: datetime) -> Message:
    """Hide one's own message; a moderator can hide any, by a decision with its reasons.

    Refuses with NotFound and NotYoursToHide.
    """
    message = find(session, message_id)
    if message.made_by_id != actor.member.id and not actor.member.is_moderator:
        raise NotYoursToHide
    if message.hidden_at is None:
        message.hide(now)
        _record(session, MessageHidden, message, actor, now)
    return message


def find(session: Session, message_id: int) -> Message:
    message = session.get(Message, message_id)
    if message is None:
        raise NotFound
    return message


def may_read(session: Session, message: Message, deal: Collaboration, actor: Actor | None) -> bool:
    """Whether a message is for `actor`; the caller has asked whether they may know of the deal."""
    if message.hidden_at is not None:
        return False
    return not message.for_committed or _takes_part(session, deal, actor)


def thread(
    session: Session,
    deal: Collaboration,
    *,
    actor: Actor | None,
    takes_part: bool | None = None,
    before: int | None = None,
    limit: int = 20,
) -> Thread:
    """The deal's questions and answers, as `actor` may read them, without what is hidden.

    Words to all who committed are shown to those and to the organisers. The caller has asked
    whether `actor` may know of the deal, and may know already whether they take part.
    """
    query = select(Message).where(Message.collaboration_id == deal.id, Message.answers_id.is_(None))
    if takes_part is None:
        takes_part = _takes_part(session, deal, actor)
    if not (takes_part or deal.is_organised_by(actor)):
        query = query.where(Message.for_committed.is_(False))
    if before is not None:
        query = query.where(Message.id < before)
    # A hidden question stays as an empty place if others have answered it.
    query = query.where(or_(Message.hidden_at.is_(None), _IS_ANSWERED))
    found = session.scalars(query.order_by(Message.id.desc()).limit(limit + 1)).all()
    questions = found[:limit]
    answers: dict[int, list[Message]] = {}
    if not questions:
        return Thread(questions, answers, None)
    for one in session.scalars(
        select(Message)
        .where(
            Message.answers_id.in_([question.id for question in questions]),
            Message.hidden_at.is_(None),
        )
        .order_by(Message.id)
    ):
        answers.setdefault(one.answers_id or 0, []).append(one)
    return Thread(questions, answers, questions[-1].id if len(found) > limit else None)


def _takes_part(session: Session, deal: Collaboration, actor: Actor | None) -> bool:
    return deal.is_organised_by(actor) or has_committed(session, deal, actor)


def _guard(
    session: Session, deal: Collaboration, actor: Actor, link_key: str, now: datetime
) -> None:
    if not may_know(session, deal, actor, link_key):
        raise NotFound
    actor.member.require_confirmed()
    lately = select(func.count()).where(
        Message.made_by_id == actor.member.id, Message.made_at > now - timedelta(hours=1)
    )
    if (session.scalar(lately) or 0) >= MOST_IN_AN_HOUR:
        raise TooManyMessages


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

"""Writing: comments, answers, the word to all who take part; changing them and taking them back."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.dialogue import (
    HiddenAlready,
    Message,
    MessageVersion,
    NothingToAnswer,
    NotYoursToEdit,
    NotYoursToHide,
    TooManyMessages,
)
from models.errors import Invalid, NotAllowed
from models.words import N_
from services import events, throttles
from services.dialogue import mentioning
from services.dialogue.following import follow_by_writing
from services.dialogue.happened import (
    AnnouncementMade,
    CommentAnswered,
    CommentMade,
    MessageEdited,
    MessageEvent,
    MessageHidden,
)
from services.dialogue.reading import find, may_read
from services.dialogue.subjects import Subject, held
from services.throttles import Limit, Try

# One member writes at most this much in an hour; it is a thread, not a chat.
MOST_IN_AN_HOUR = 20
MESSAGES = Limit("messages", MOST_IN_AN_HOUR, timedelta(hours=1))


class HidingHasAReason(Invalid):
    code = "hiding-has-a-reason"
    message = N_("Please say why: whoever wrote it is told.")


def comment(session: Session, subject: Subject, *, body: str, lang: str, now: datetime) -> Message:
    """Say or ask something (Markdown), for all who may read the thread.

    Refuses with NotConfirmed, TooManyMessages, and in a circle with NotInCircle, CircleArchived.
    """
    subject, actor = _guard(session, subject, now)
    message = _written(session, subject, actor, body=body, lang=lang, now=now)
    _record(session, CommentMade, message, actor, now)
    return message


def answer(
    session: Session, subject: Subject, comment_id: int, *, body: str, lang: str, now: datetime
) -> Message:
    """Answer a comment of the same thread; refuses as `comment`, and with NothingToAnswer."""
    subject, actor = _guard(session, subject, now)
    answered = session.get(Message, comment_id)
    if (
        answered is None
        or (answered.collaboration_id, answered.circle_id)
        != (subject.columns.get("collaboration_id"), subject.columns.get("circle_id"))
        or not answered.is_answerable
    ):
        raise NothingToAnswer
    message = _written(
        session, subject, actor, body=body, lang=lang, answers_id=answered.id, now=now
    )
    _record(session, CommentAnswered, message, actor, now)
    return message


def announce(session: Session, subject: Subject, *, body: str, lang: str, now: datetime) -> Message:
    """Write to all who take part, who are told.

    Refuses as `comment`, and with NotTheOrganiser or NotASteward who does not run it.
    """
    subject, actor = _guard(session, subject, now)
    if not subject.is_run:
        raise subject.not_run
    message = _written(session, subject, actor, body=body, lang=lang, is_announcement=True, now=now)
    _record(session, AnnouncementMade, message, actor, now)
    return message


def edit(
    session: Session, subject: Subject, message_id: int, *, body: str, lang: str, now: datetime
) -> Message:
    """Let one's own message say something else; what it said stays to be read.

    It is marked by what they are now who change it. Refuses with NotYoursToEdit, HiddenAlready,
    TooManyMessages, and as `comment`; a word to all is changed by those who run it alone.
    """
    subject, actor = _guard(session, subject, now)
    message = find(session, message_id, lock=True)
    if not is_own(message, actor):
        raise NotYoursToEdit
    if message.is_announcement and not subject.is_run:
        raise subject.not_run
    if message.is_hidden:
        raise HiddenAlready
    if (message.body, message.lang) == (body, lang):
        return message
    before = select(func.count()).where(MessageVersion.message_id == message.id)
    number = 1 + (session.scalar(before) or 0)
    session.add(
        MessageVersion(message_id=message.id, number=number, body=message.body, until_at=now)
    )
    message.body, message.lang, message.edited_at = body, lang, now
    message.mark = subject.mark
    session.flush()
    named = list(mentioning.note(session, message))
    event = MessageEdited(
        message_id=message.id,
        by=actor.member.id,
        participant_id=actor.participant.id,
        collaboration_id=message.collaboration_id,
        circle_id=message.circle_id,
        named=named,
    )
    events.record(session, event, now=now)
    return message


def take_back(session: Session, message_id: int, *, actor: Actor, now: datetime) -> Message:
    """Hide one's own message; moderators, too, hide those of others by a decided case alone.

    Refuses with NotFound and NotYoursToHide.
    """
    message = find(session, message_id)
    if not is_own(message, actor):
        raise NotYoursToHide
    return hide(session, message_id, actor=actor, now=now)


def hide_in_circle(
    session: Session, subject: Subject, message_id: int, *, reason: str, now: datetime
) -> Message:
    """Hide what does not belong into a circle, by its steward; whoever wrote it is told why.

    Refuses with NotASteward, NotFound and HidingHasAReason (Regulation 2022/2065 Art. 17).
    """
    message = find(session, message_id, lock=True)
    if subject.circle is None or not subject.is_run or subject.actor is None:
        raise subject.not_run
    if message.circle_id != subject.circle.id or not may_read(message, subject):
        raise HiddenAlready
    if not reason:
        raise HidingHasAReason(fields={"reason": HidingHasAReason.message})
    message.hide(now)
    _record(session, MessageHidden, message, subject.actor, now, reason=reason)
    return message


def hide(session: Session, message_id: int, *, actor: Actor, now: datetime) -> Message:
    """Hide one's own message; a moderator can hide any, by a decision with its reasons.

    Refuses with NotFound and NotYoursToHide.
    """
    message = find(session, message_id, lock=True)
    if message.made_by_id != actor.member.id and not actor.is_moderator:
        raise NotYoursToHide
    if not message.is_hidden:
        message.hide(now)
        _record(session, MessageHidden, message, actor, now)
    return message


def is_own(message: Message, actor: Actor) -> bool:
    """Whether `actor` wrote it, and may still speak as whom it was written."""
    return message.made_by_id == actor.member.id and actor.may_act_for(message.author_id)


def _guard(session: Session, subject: Subject, now: datetime) -> tuple[Subject, Actor]:
    """The thread as it stays while something is written into it, and who writes."""
    subject = held(session, subject)
    if subject.refusal is not None:
        raise subject.refusal
    if subject.actor is None:
        raise NotAllowed
    subject.actor.member.require_confirmed()
    written = Try(MESSAGES, str(subject.actor.member.id))
    throttles.take_in_act(session, written, refusal=TooManyMessages, now=now)
    return subject, subject.actor


def _written(
    session: Session,
    subject: Subject,
    actor: Actor,
    *,
    body: str,
    lang: str,
    answers_id: int | None = None,
    is_announcement: bool = False,
    now: datetime,
) -> Message:
    message = Message(
        **subject.columns,
        author_id=actor.participant.id,
        made_by_id=actor.member.id,
        answers_id=answers_id,
        body=body,
        lang=lang,
        mark=subject.mark,
        is_announcement=is_announcement,
        made_at=now,
    )
    session.add(message)
    session.flush()
    mentioning.note(session, message)
    follow_by_writing(session, subject, actor, now)
    return message


def _record(
    session: Session,
    happened: type[MessageEvent],
    message: Message,
    actor: Actor,
    now: datetime,
    *,
    reason: str = "",
) -> None:
    event = happened(
        message_id=message.id,
        by=actor.member.id,
        participant_id=actor.participant.id,
        collaboration_id=message.collaboration_id,
        circle_id=message.circle_id,
        reason=reason,
    )
    events.record(session, event, now=now)

"""What members are told of what is said: in a deal's thread, in a circle's, and to them."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.circles import Circle, Phase
from models.collaborations import Collaboration
from models.dialogue import Mention, Message
from models.events import Event
from models.members import Member
from models.notices import NoticeKind
from services import notices, paths
from services.circles import reach
from services.dialogue.following import hearing_among, tell_followers
from services.notices import Telling
from services.reactions.audience import NOT_LEFT, organisers, tell_committed, voices
from services.reactions.circle_audience import tell_members
from services.reactions.registry import on


@on("CommentMade", "CommentAnswered")
def said(session: Session, event: Event, now: datetime) -> None:
    """Tell those it concerns, each by the closest reason, and then those who follow.

    Whom it mentions, whom it answers, who organises the deal; but not those who muted the thread.
    """
    message = _shown(session, event)
    if message is None:
        return
    told = {event.member_id}
    for text, people in (
        ("mentioned", _mentioned(session, message)),
        ("answered", _answered(session, message)),
        ("asked", _asked(session, message)),
    ):
        told |= _tell(session, event, message, text, people, told, now)
    telling = _telling(session, message, "commented")
    known = [one for one in told if one is not None]
    tell_followers(session, event, message, telling, told=known, now=now)
    _come_closer(session, message)


@on("MessageEdited")
def edited(session: Session, event: Event, now: datetime) -> None:
    """Tell whom it mentions and did not mention before."""
    message = _shown(session, event)
    if message is not None:
        named = set(event.facts["named"])
        people = _mentioned(session, message, among=named)
        _tell(session, event, message, "mentioned", people, {event.member_id}, now)


@on("AnnouncementMade")
def announced(session: Session, event: Event, now: datetime) -> None:
    message = _shown(session, event)
    if message is None:
        return
    if message.circle_id is not None:
        telling = _telling(session, message, "announced-in-circle")
        tell_members(session, event, message.circle_id, telling, muted_too=False, now=now)
    else:
        # What concerns one's order is told, however loud the thread is.
        telling = _telling(session, message, "announced")
        tell_committed(session, event, telling, states=NOT_LEFT, now=now)


@on("MessageHidden")
def hidden(session: Session, event: Event, now: datetime) -> None:
    """Tell who wrote it why a steward hid it; what moderators hide, their decision tells."""
    message = session.get_one(Message, event.facts["message_id"])
    if not event.reason or message.circle_id is None:
        return
    facts = {"title": _title(session, message), "words": event.reason}
    telling = Telling(
        NoticeKind.MODERATION, "message-hidden", facts, paths.circle(_slug(session, message))
    )
    notices.tell_all(session, event, voices(session, {message.author_id}), telling, now=now)


def _tell(
    session: Session,
    event: Event,
    message: Message,
    text: str,
    people: Iterable[Member],
    told: set[int | None],
    now: datetime,
) -> set[int | None]:
    others = [one for one in people if one.id not in told]
    hears = hearing_among(session, event, message, [one.id for one in others])
    hearing = [one for one in others if one.id in hears]
    notices.tell_all(session, event, hearing, _telling(session, message, text), now=now)
    return {one.id for one in others}


def _mentioned(
    session: Session, message: Message, *, among: set[int] | None = None
) -> Iterable[Member]:
    rows = session.scalars(select(Mention.participant_id).where(Mention.message_id == message.id))
    ids = set(rows) - {message.author_id}
    return voices(session, ids if among is None else ids & among)


def _answered(session: Session, message: Message) -> Iterable[Member]:
    answered = session.get(Message, message.answers_id) if message.answers_id else None
    if answered is None or answered.author_id == message.author_id:
        return []
    return voices(session, {answered.author_id})


def _asked(session: Session, message: Message) -> Iterable[Member]:
    """Those who organise the deal hear of every question; in circles one follows."""
    if message.collaboration_id is None or message.answers_id is not None:
        return []
    return organisers(session, session.get_one(Collaboration, message.collaboration_id))


def _come_closer(session: Session, message: Message) -> None:
    """Whoever says something in a circle, or beside what is done there, has come so far."""
    circle_id = message.circle_id
    if message.collaboration_id is not None:
        circle_id = session.get_one(Collaboration, message.collaboration_id).circle_id
    if circle_id is not None:
        reach(session, circle_id, message.author_id, Phase.DIALOGUE)


def _shown(session: Session, event: Event) -> Message | None:
    """The message, unless it was hidden before anybody was told of it."""
    message = session.get(Message, event.facts["message_id"])
    return message if message is not None and not message.is_hidden else None


def _telling(session: Session, message: Message, text: str) -> Telling:
    facts = {
        "name": message.author.name,
        "title": _title(session, message),
        "zone": _about(session, message).time_zone,
        "words": message.body,
    }
    return Telling(NoticeKind.MESSAGE, text, facts, paths.message(message.id))


def _about(session: Session, message: Message) -> Collaboration | Circle:
    if message.circle_id is not None:
        return session.get_one(Circle, message.circle_id)
    return session.get_one(Collaboration, message.collaboration_id)


def _title(session: Session, message: Message) -> str:
    about = _about(session, message)
    return about.name if isinstance(about, Circle) else about.title


def _slug(session: Session, message: Message) -> str:
    return _about(session, message).slug

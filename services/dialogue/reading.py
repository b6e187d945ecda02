"""Reading: a thread, or one comment with all its answers, as somebody may see it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import exists, or_, select, true
from sqlalchemy.orm import Session, aliased

from models.dialogue import Mention, Message, MessageVersion
from models.errors import NotFound
from models.participants import Participant
from services.dialogue.subjects import Subject
from services.paging import Page, paged

_LATER = aliased(Message)
_IS_ANSWERED = exists().where(_LATER.answers_id == Message.id, _LATER.hidden_at.is_(None))
# So many answers are shown beneath a comment; all of them stand on a page of their own.
ANSWERS_SHOWN = 5

# By message, the names of whom it mentions, by the addresses of their pages.
Names = Mapping[int, Mapping[str, str]]


@dataclass(frozen=True)
class Thread:
    """A page of a thread: comments newest first, each with its newest answers in order."""

    comments: Sequence[Message] = ()
    answers: Mapping[int, Sequence[Message]] = field(default_factory=dict)
    # The comments that have more answers than are shown.
    answered_more: frozenset[int] = frozenset()
    names: Names = field(default_factory=dict)
    # Where the older comments begin, if there are any.
    before: int | None = None


def find(session: Session, message_id: int, *, lock: bool = False) -> Message:
    """The message, by itself: who may read it is asked of its thread. Refuses with NotFound.

    With its lock nobody else changes or hides it meanwhile; answers to it can still be written.
    """
    kept: Any = {"key_share": True, "of": Message} if lock else None
    message = session.get(Message, message_id, populate_existing=lock, with_for_update=kept)
    if message is None:
        raise NotFound
    return message


def stands(session: Session, message: Message) -> bool:
    """Whether a message has a place in its thread: a hidden one that nobody answered has none."""
    if not message.is_hidden:
        return True
    answer = aliased(Message)
    answered = exists().where(answer.answers_id == message.id, answer.hidden_at.is_(None))
    return bool(session.scalar(select(answered)))


def may_read(message: Message, subject: Subject) -> bool:
    """Whether a message of this thread is for whoever comes to it."""
    return not message.is_hidden and (not message.is_announcement or subject.takes_part)


def thread(
    session: Session, subject: Subject, *, before: int | None = None, limit: int = 20
) -> Thread:
    """The comments and answers as they may be read, without what is hidden.

    Words to all who take part are shown to those, and to those who run it. The number of
    statements and of rows they read is the same for a thread of any length.
    """
    query = select(Message).where(subject.here(Message), Message.answers_id.is_(None))
    if not subject.takes_part:
        query = query.where(Message.is_announcement.is_(False))
    if before is not None:
        query = query.where(Message.id < before)
    # A hidden comment stays as an empty place if others have answered it.
    query = query.where(or_(Message.hidden_at.is_(None), _IS_ANSWERED))
    found = session.scalars(query.order_by(Message.id.desc()).limit(limit + 1)).all()
    comments = found[:limit]
    if not comments:
        return Thread()
    answers = _newest_answers(session, [one.id for one in comments])
    more = frozenset(one for one, some in answers.items() if len(some) > ANSWERS_SHOWN)
    answers = {one: some[-ANSWERS_SHOWN:] for one, some in answers.items()}
    shown = [*comments, *(answer for some in answers.values() for answer in some)]
    return Thread(
        comments,
        answers,
        more,
        names_in(session, shown),
        comments[-1].id if len(found) > limit else None,
    )


def answers_to(
    session: Session, comment: Message, *, since: int | None = None, limit: int = 50
) -> Page[Message]:
    """The answers to a comment in their order, from the one with the id `since` on."""
    query = select(Message).where(Message.answers_id == comment.id, Message.hidden_at.is_(None))
    if since is not None:
        query = query.where(Message.id >= since)
    found = session.scalars(query.order_by(Message.id).limit(limit + 1)).all()
    page = paged(found, limit, lambda one: (one.id,))
    return Page(page.rows, str(found[limit].id) if page.after else None)


def versions(session: Session, message: Message) -> Sequence[MessageVersion]:
    """What a message said before, the first words first."""
    return session.scalars(
        select(MessageVersion)
        .where(MessageVersion.message_id == message.id)
        .order_by(MessageVersion.number)
    ).all()


def names_in(session: Session, messages: Iterable[Message]) -> dict[int, dict[str, str]]:
    """Whom these messages mention; nobody is asked for where no message mentions anybody."""
    asked = [one.id for one in messages if "@" in one.body and not one.is_hidden]
    names: dict[int, dict[str, str]] = {}
    if asked:
        rows = session.execute(
            select(Mention.message_id, Participant.slug, Participant.name)
            .join(Participant, Participant.id == Mention.participant_id)
            .where(Mention.message_id.in_(asked), Participant.erased_at.is_(None))
        )
        for message_id, slug, name in rows:
            names.setdefault(message_id, {})[slug] = name
    return names


def _newest_answers(session: Session, comment_ids: Sequence[int]) -> dict[int, list[Message]]:
    """Of each comment the newest answers in order, and one more than are shown."""
    comment = aliased(Message)
    newest = (
        select(Message.id.label("id"))
        .where(Message.answers_id == comment.id, Message.hidden_at.is_(None))
        .order_by(Message.id.desc())
        .limit(ANSWERS_SHOWN + 1)
        .lateral()
    )
    ids = select(newest.c.id).select_from(comment).join(newest, true())
    answers: dict[int, list[Message]] = {}
    for one in session.scalars(
        select(Message)
        .where(Message.id.in_(ids.where(comment.id.in_(comment_ids))))
        .order_by(Message.id)
    ):
        answers.setdefault(one.answers_id or 0, []).append(one)
    return answers

"""The threads beside deals and in circles, for programs."""

from typing import Any

from sqlalchemy.orm import Session

from marketplace import auth, db
from marketplace.api import (
    Blueprint,
    PageQuery,
    answer_page,
    idempotent,
    newest_first,
    older_than,
    page_of,
    scope_required,
)
from marketplace.dialogue import writing
from marketplace.dialogue.schemas import (
    AnswerOut,
    Edit,
    Follow,
    FollowingOut,
    Hide,
    MessageOut,
    Post,
    VersionOut,
    WrittenOut,
    shown_message,
)
from models.dialogue import Message, MessageVersion, NotYoursToHide
from models.errors import NotFound
from models.members import Scope
from services import dialogue
from services.dialogue import Subject
from services.paging import Page, cursor

messages = Blueprint(
    "messages_api", __name__, about="What is said beside a group buy and in a circle."
)
DEAL = "/group-buys/<id:group_buy_id>/messages"
CIRCLE = "/circles/<id:circle_id>/messages"
ONE = "/messages/<id:message_id>"


@messages.get(DEAL)
@messages.etag
@messages.arguments(PageQuery, location="query")
@messages.response(200, page_of(MessageOut))
def thread(query: dict[str, Any], group_buy_id: int) -> dict[str, Any]:
    """List the comments beside a group buy, the newest first, each with its newest answers."""
    return _thread(_deal(db.session(), group_buy_id), query)


@messages.get(CIRCLE)
@messages.etag
@messages.arguments(PageQuery, location="query")
@messages.response(200, page_of(MessageOut))
def circle_thread(query: dict[str, Any], circle_id: int) -> dict[str, Any]:
    """List the comments in a circle, the newest first, each with its newest answers."""
    return _thread(_circle(db.session(), circle_id), query)


@messages.post(DEAL)
@scope_required(Scope.MESSAGES)
@messages.arguments(Post)
@idempotent
@messages.response(201, WrittenOut)
def write(session: Session, said: dict[str, Any], group_buy_id: int) -> dict[str, Any]:
    """Say something, answer a comment, or write to all who joined."""
    subject = _deal(session, group_buy_id)
    return _written(writing.write(session, subject, said, now=db.now(session)))


@messages.post(CIRCLE)
@scope_required(Scope.MESSAGES)
@messages.arguments(Post)
@idempotent
@messages.response(201, WrittenOut)
def write_in_circle(session: Session, said: dict[str, Any], circle_id: int) -> dict[str, Any]:
    """Say something in a circle, answer a comment, or write to all its members."""
    subject = _circle(session, circle_id)
    return _written(writing.write(session, subject, said, now=db.now(session)))


@messages.put(f"{DEAL}/following")
@scope_required(Scope.MESSAGES, in_person=True)
@messages.arguments(Follow)
@messages.response(200, FollowingOut)
def follow(said: dict[str, Any], group_buy_id: int) -> dict[str, Any]:
    """Hear of all that is said beside a group buy, of nothing, or of what is said to you."""
    with db.transaction() as session:
        return _follow(session, _deal(session, group_buy_id), said)


@messages.put(f"{CIRCLE}/following")
@scope_required(Scope.MESSAGES, in_person=True)
@messages.arguments(Follow)
@messages.response(200, FollowingOut)
def follow_circle(said: dict[str, Any], circle_id: int) -> dict[str, Any]:
    """Hear of all that is said in a circle, of nothing, or of what is said to you."""
    with db.transaction() as session:
        return _follow(session, _circle(session, circle_id), said)


@messages.get(f"{ONE}/answers")
@messages.etag
@messages.arguments(PageQuery, location="query")
@messages.response(200, page_of(AnswerOut))
def answers(query: dict[str, Any], message_id: int) -> dict[str, Any]:
    """List all answers to a comment, the oldest first."""
    session = db.session()
    comment, _ = _message(session, message_id)
    since = older_than(query)
    page = dialogue.answers_to(session, comment, since=since, limit=query["limit"])
    after = cursor(int(page.after)) if page.after else None
    return answer_page(Page(page.rows, after).map(shown_message))


@messages.get(f"{ONE}/versions")
@messages.etag
@messages.response(200, VersionOut(many=True))
def versions(message_id: int) -> list[MessageVersion]:
    """List what a message said before it was changed, the first words first."""
    session = db.session()
    found, _ = _message(session, message_id)
    if found.is_hidden:
        raise NotFound
    return list(dialogue.versions(session, found))


@messages.put(ONE)
@scope_required(Scope.MESSAGES)
@messages.arguments(Edit)
@messages.response(200, WrittenOut)
def edit(said: dict[str, Any], message_id: int) -> dict[str, Any]:
    """Let one's own message say something else; what it said can still be read."""
    with db.transaction() as session:
        found, subject = _message(session, message_id)
        words = {**said, "lang": said["lang"] or found.lang}
        return _written(dialogue.edit(session, subject, message_id, **words, now=db.now(session)))


@messages.post(f"{ONE}/hiding")
@scope_required(Scope.MESSAGES)
@messages.arguments(Hide)
@idempotent
@messages.response(200, WrittenOut)
def hide(session: Session, said: dict[str, Any], message_id: int) -> dict[str, Any]:
    """Take one's own message back; as a steward, hide another's in the circle, and say why."""
    actor, now = auth.signed_in_actor(), db.now(session)
    if dialogue.is_own(dialogue.find(session, message_id), actor):
        return _written(dialogue.take_back(session, message_id, actor=actor, now=now))
    _, subject = _message(session, message_id)
    if not (subject.circle and subject.is_run):
        raise NotYoursToHide
    reason = said["reason"]
    return _written(dialogue.hide_in_circle(session, subject, message_id, reason=reason, now=now))


def _deal(session: Session, group_buy_id: int) -> Subject:
    return dialogue.find_deal(session, group_buy_id, actor=auth.actor())


def _circle(session: Session, circle_id: int) -> Subject:
    return dialogue.find_circle(session, circle_id, actor=auth.actor())


def _message(session: Session, message_id: int) -> tuple[Message, Subject]:
    found = dialogue.find(session, message_id)
    subject = dialogue.of_message(session, found, actor=auth.actor())
    if found.is_announcement and not subject.takes_part:
        raise NotFound
    if not dialogue.stands(session, found):
        raise NotFound
    return found, subject


def _thread(subject: Subject, query: dict[str, Any]) -> dict[str, Any]:
    before, limit = older_than(query), query["limit"]
    found = dialogue.thread(db.session(), subject, before=before, limit=limit)
    shown = [
        {
            **shown_message(comment),
            "answers": [shown_message(one) for one in found.answers.get(comment.id, ())],
            "has_more_answers": comment.id in found.answered_more,
        }
        for comment in found.comments
    ]
    return answer_page(newest_first(shown, found.before))


def _follow(session: Session, subject: Subject, said: dict[str, Any]) -> dict[str, Any]:
    actor, wanted = auth.signed_in_actor(), said["following"]
    dialogue.follow(session, subject, wanted, actor=actor, now=db.now(session))
    return {"following": wanted}


def _written(message: Message) -> dict[str, Any]:
    return {**shown_message(message), "question": message.answers_id}


ENDPOINTS = (messages,)

"""The question thread beside a deal, for programs."""

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
from marketplace.dialogue.schemas import MessageOut, Post, WrittenOut, shown_message
from marketplace.schemas import Nothing
from models.dialogue import Message
from models.members import Scope
from services import dialogue

messages = Blueprint(
    "messages_api", __name__, about="Questions and answers beside a group buy, and news from it."
)
THREAD = "/group-buys/<id:group_buy_id>/messages"


@messages.get(THREAD)
@messages.etag
@messages.arguments(PageQuery, location="query")
@messages.response(200, page_of(MessageOut))
def thread(query: dict[str, Any], group_buy_id: int) -> dict[str, Any]:
    """List the questions, the newest first, each with its answers."""
    session, actor = db.session(), auth.actor()
    found = dialogue.thread(
        session,
        dialogue.find_deal(session, group_buy_id, actor=actor),
        actor=actor,
        before=older_than(query),
        limit=query["limit"],
    )
    shown = [
        {
            **shown_message(question),
            "answers": [shown_message(one) for one in found.answers.get(question.id, ())],
        }
        for question in found.questions
    ]
    return answer_page(newest_first(shown, found.before))


@messages.post(THREAD)
@scope_required(Scope.MESSAGES)
@messages.arguments(Post)
@idempotent
@messages.response(201, WrittenOut)
def write(session: Session, said: dict[str, Any], group_buy_id: int) -> dict[str, Any]:
    """Ask, answer a question, or write to all who joined."""
    actor = auth.signed_in_actor()
    deal = dialogue.find_deal(session, group_buy_id, actor=actor)
    return _written(writing.write(session, deal, said, actor=actor, now=db.now(session)))


@messages.post("/messages/<id:message_id>/hiding")
@scope_required(Scope.MESSAGES)
@messages.arguments(Nothing)
@idempotent
@messages.response(200, WrittenOut)
def hide(session: Session, _given: dict[str, Any], message_id: int) -> dict[str, Any]:
    """Take one's own message back."""
    actor = auth.signed_in_actor()
    return _written(dialogue.take_back(session, message_id, actor=actor, now=db.now(session)))


def _written(message: Message) -> dict[str, Any]:
    return {**shown_message(message), "question": message.answers_id}


ENDPOINTS = (messages,)

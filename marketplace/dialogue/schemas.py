"""What is written in a thread."""

from typing import Any

from marshmallow import fields

from marketplace.config import LOCALES
from marketplace.fields import Flag, Id, Moment, OneOf, Words
from marketplace.schemas import Schema
from models.dialogue import LONGEST_BODY, Message


class Post(Schema):
    """A question; an answer, if `answers` names a question; a word to all who joined."""

    body = Words(required=True, most=LONGEST_BODY, lines=True)
    lang = Words(load_default=None, validate=OneOf(list(LOCALES)))
    answers = Id(load_default=None)
    to_committed = Flag(load_default=False)


class AnswerOut(Schema):
    """What someone wrote; of a message that was taken back or hidden no word is shown."""

    id = Id(required=True)
    author = Id(required=True)
    author_name = fields.String(required=True)
    body = fields.String(required=True, metadata={"description": "Markdown."})
    lang = fields.String(required=True)
    is_by_organiser = fields.Boolean(required=True)
    is_hidden = fields.Boolean(required=True)
    made_at = Moment(required=True)


class MessageOut(AnswerOut):
    """A question with its answers, or a word to all who joined."""

    for_committed = fields.Boolean(
        required=True, metadata={"description": "Only those who joined can read it."}
    )
    answers = fields.List(fields.Nested(AnswerOut), required=True)


class WrittenOut(AnswerOut):
    """A message by itself."""

    for_committed = fields.Boolean(required=True)
    question = Id(
        required=True, allow_none=True, metadata={"description": "What it is an answer to."}
    )


def shown_message(message: Message) -> dict[str, Any]:
    is_hidden = message.hidden_at is not None
    return {
        "id": message.id,
        "author": message.author_id,
        "author_name": message.author.name,
        "body": "" if is_hidden else message.body,
        "lang": message.lang,
        "is_by_organiser": message.is_by_organiser,
        "for_committed": message.for_committed,
        "is_hidden": is_hidden,
        "made_at": message.made_at,
    }

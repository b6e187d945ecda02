"""What is written in a thread."""

from typing import Any

from marshmallow import fields

from marketplace.config import LOCALES
from marketplace.fields import Choice, Flag, Id, Moment, OneOf, Words
from marketplace.schemas import Schema
from models.dialogue import LONGEST_BODY, Following, Mark, Message


class Edit(Schema):
    """What a message says from now on."""

    body = Words(
        required=True,
        most=LONGEST_BODY,
        lines=True,
        metadata={"description": "Markdown; @ and the address of a page name a participant."},
    )
    lang = Words(load_default=None, validate=OneOf(list(LOCALES)))


class Post(Edit):
    """A comment; an answer, if `answers` names a comment; a word to all who take part."""

    answers = Id(load_default=None)
    is_announcement = Flag(load_default=False)


class Hide(Schema):
    """Why a steward hides what another wrote; of one's own nobody says why."""

    reason = Words(most=1000, lines=True, load_default="")


class Follow(Schema):
    """Whether one hears of all that is said, of nothing, or, with null, of what is said to one."""

    following = Choice(Following, load_default=None, allow_none=True)


class FollowingOut(Schema):
    following = Choice(Following, required=True, allow_none=True)


class AnswerOut(Schema):
    """What someone wrote; of a message that was taken back or hidden no word is shown."""

    id = Id(required=True)
    author = Id(required=True)
    author_name = fields.String(required=True)
    body = fields.String(required=True, metadata={"description": "Markdown."})
    lang = fields.String(required=True)
    mark = Choice(Mark, required=True, metadata={"description": "As what its author spoke."})
    is_hidden = fields.Boolean(required=True)
    made_at = Moment(required=True)
    edited_at = Moment(required=True, allow_none=True)


class MessageOut(AnswerOut):
    """A comment with its newest answers, or a word to all who take part."""

    is_announcement = fields.Boolean(
        required=True, metadata={"description": "Only those who take part can read it."}
    )
    answers = fields.List(fields.Nested(AnswerOut), required=True)
    has_more_answers = fields.Boolean(required=True)


class WrittenOut(AnswerOut):
    """A message by itself."""

    is_announcement = fields.Boolean(required=True)
    question = Id(
        required=True, allow_none=True, metadata={"description": "What it is an answer to."}
    )


class VersionOut(Schema):
    """What a message said before it was changed."""

    body = fields.String(required=True, metadata={"description": "Markdown."})
    until_at = Moment(required=True)


def shown_message(message: Message) -> dict[str, Any]:
    is_hidden = message.is_hidden
    return {
        "id": message.id,
        "author": message.author_id,
        "author_name": message.author.name,
        "body": "" if is_hidden else message.body,
        "lang": message.lang,
        "mark": message.mark,
        "is_announcement": message.is_announcement,
        "is_hidden": is_hidden,
        "made_at": message.made_at,
        "edited_at": None if is_hidden else message.edited_at,
    }

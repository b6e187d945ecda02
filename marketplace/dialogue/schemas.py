"""What is written in a thread."""

from marketplace.config import LOCALES
from marketplace.fields import Flag, Id, OneOf, Words
from marketplace.schemas import Schema
from models.dialogue import LONGEST_BODY


class Post(Schema):
    """A question; an answer, if `answers` names a question; a word to all who joined."""

    body = Words(required=True, most=LONGEST_BODY, lines=True)
    lang = Words(load_default=None, validate=OneOf(list(LOCALES)))
    answers = Id(load_default=None)
    to_committed = Flag(load_default=False)

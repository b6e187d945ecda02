"""What is asked of those who withdraw from a contract: no more than the law allows."""

from marshmallow import fields

from marketplace.fields import Email, Flag, Id, Words
from marketplace.schemas import Schema


class Declaration(Schema):
    """Name, contact, what it is about, and, for those who wish, why."""

    name = Words(required=True, most=200)
    contact = Email(required=True)
    articles = fields.List(Id(), load_default=list)
    reason = Words(most=2_000, lines=True, load_default="")
    is_confirmed = Flag(load_default=False)

"""The form of the style guide, with one field that is always wrong."""

from marketplace.fields import Amount, Email, Words
from marketplace.schemas import Schema


class Parts(Schema):
    """A few fields to look at."""

    name = Words(required=True)
    wrong = Email()
    price = Amount(currency="EUR")

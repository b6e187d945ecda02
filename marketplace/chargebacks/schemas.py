"""What is told a bank."""

from marketplace.fields import Words
from marketplace.schemas import Schema
from services.chargebacks import LONGEST_ANSWER


class Answer(Schema):
    """Why the charge is right, in the words of whoever sold."""

    words = Words(required=True, most=LONGEST_ANSWER // 2, lines=True)

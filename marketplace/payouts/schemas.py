"""What is typed where somebody is paid."""

from marketplace.fields import OneOf, Words
from marketplace.schemas import Schema
from services.payouts.countries import COUNTRIES


class NewAccount(Schema):
    """Where whoever is to be paid lives or is registered."""

    country = Words(required=True, validate=OneOf(list(COUNTRIES)))

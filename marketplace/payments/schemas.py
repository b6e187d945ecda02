"""What is typed where money is concerned."""

from marketplace.fields import Flag
from marketplace.schemas import Schema


class Nothing(Schema):
    """A form that is one button."""


class Shortfall(Schema):
    """Whether it goes on with fewer than were declared."""

    goes_on = Flag(required=True)

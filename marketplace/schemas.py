"""The ground of every schema: strict by default, its messages marked for translation."""

import marshmallow
from marshmallow import RAISE

from models.words import N_


class Schema(marshmallow.Schema):
    """What may be sent or is answered; a field that nobody knows is refused, not passed over."""

    error_messages = {
        "unknown": N_("There is no such field."),
        "type": N_("Please send an object with named fields."),
    }

    class Meta:
        unknown = RAISE


class Nothing(Schema):
    """An empty object: the address says it all."""

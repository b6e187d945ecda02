"""The ground of every schema: strict by default, its messages marked for translation."""

from typing import Any

import marshmallow
from marshmallow import RAISE

from models.words import N_

# What marshmallow's own fields say, in words that are translated.
OURS = {
    "Missing data for required field.": N_("Please fill this in."),
    "Field may not be null.": N_("Please fill this in."),
    "Not a valid string.": N_("Please enter a text."),
    "Not a valid number.": N_("Please enter a number."),
    "Special numeric values (nan or infinity) are not permitted.": N_("Please enter a number."),
    "Number too large.": N_("This number is too large."),
    "Not a valid list.": N_("Please send a list."),
    "Invalid input type.": N_("Please send an object with named fields."),
    "Invalid type.": N_("Please send an object with named fields."),
    "Not a valid mapping type.": N_("Please send an object with named fields."),
    "Not a valid boolean.": N_("Please say yes or no."),
}


class Schema(marshmallow.Schema):
    """What may be sent or is answered; a field that nobody knows is refused, not passed over."""

    error_messages = {
        "unknown": N_("There is no such field."),
        "type": N_("Please send an object with named fields."),
    }

    class Meta:
        unknown = RAISE

    def on_bind_field(self, field_name: str, field_obj: Any) -> None:
        """Let every field, and those within it, refuse in words that are translated."""
        while field_obj is not None:
            said = field_obj.error_messages.items()
            field_obj.error_messages = {key: OURS.get(text, text) for key, text in said}
            field_obj = getattr(field_obj, "inner", None)

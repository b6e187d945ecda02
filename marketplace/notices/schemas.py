"""What can be sent about notices."""

from typing import Any

from marshmallow import fields

from marketplace.fields import Choice, Flag, Id, Moment
from marketplace.notices.wording import notice_words
from marketplace.schemas import Schema
from models.notices import Notice, NoticeKind
from services.notices import CHOOSABLE

# One tick for each way of each kind; what is not ticked is not sent.
Preferences = Schema.from_dict(
    {f"{kind}_{way}": Flag(load_default=False) for kind in CHOOSABLE for way in ("page", "mail")},
    name="Preferences",
)
PreferencesOut = Schema.from_dict(
    {name: fields.Boolean(required=True) for name in Preferences().fields}, name="PreferencesOut"
)


class NoticeOut(Schema):
    """One thing a member should know, in the language of Accept-Language."""

    id = Id(required=True)
    kind = Choice(NoticeKind, required=True)
    message = fields.String(
        required=True, metadata={"description": "Names the text, whatever its language."}
    )
    text = fields.String(required=True)
    quoted = fields.String(
        required=True, metadata={"description": "What another member wrote, as they wrote it."}
    )
    path = fields.String(
        required=True, metadata={"description": "The page that says more; may be empty."}
    )
    made_at = Moment(required=True)
    read_at = Moment(required=True, allow_none=True)


def shown_notice(notice: Notice) -> dict[str, Any]:
    return {
        "id": notice.id,
        "kind": notice.kind,
        "message": notice.message,
        "text": notice_words(notice.message, notice.facts),
        "quoted": notice.facts.get("words", ""),
        "path": notice.path,
        "made_at": notice.made_at,
        "read_at": notice.read_at,
    }

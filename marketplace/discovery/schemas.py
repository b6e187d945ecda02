"""What can be asked of lists, and what is said of those in them."""

from marshmallow import fields

from marketplace.api import PageQuery
from marketplace.fields import Choice, Count, Id, Moment, Words
from marketplace.schemas import Schema
from models.collaborations import Category
from models.participants import ParticipantKind
from services.discovery import Sort, Status


class Browsing(Schema):
    """What someone looks for: the filters of the page, as they stand in its address."""

    q = Words(most=100, load_default="")
    place = Words(most=100, load_default="")
    within = Count(least=1, most=500, load_default=25)
    category = Choice(Category, load_default=None)
    status = Choice(Status, load_default=Status.OPEN)
    sort = Choice(Sort, load_default=None)
    after = Words(most=400, load_default="")


class ParticipantQuery(PageQuery):
    q = Words(most=100, metadata={"description": "How the name begins."})


class PlaceQuery(Schema):
    q = Words(required=True, most=100, metadata={"description": "How the name begins."})


class ParticipantOut(Schema):
    id = Id(required=True)
    kind = Choice(ParticipantKind, required=True)
    name = fields.String(required=True)
    about = fields.String(required=True, metadata={"description": "Markdown."})
    lang = fields.String(required=True, metadata={"description": "The language of `about`."})
    languages = fields.List(fields.String(), required=True)
    skills = fields.List(fields.String(), required=True)
    place_name = fields.String(required=True)
    is_trader = fields.Boolean(
        required=True, metadata={"description": "Whether they deal as a trader by law."}
    )
    joined_at = Moment(required=True)


class MeOut(Schema):
    email = fields.String(required=True)
    locale = fields.String(required=True)
    participant = fields.Nested(ParticipantOut, required=True)
    acting_as = fields.Nested(
        ParticipantOut,
        required=True,
        metadata={"description": "In whose name this token acts."},
    )
    scopes = fields.List(fields.String(), required=True)


class CurrencyOut(Schema):
    code = fields.String(required=True)
    name = fields.String(required=True)
    exponent = Count(
        required=True, metadata={"description": "How many digits follow the decimal point."}
    )


class PlaceOut(Schema):
    id = Id(required=True)
    name = fields.String(required=True)
    label = fields.String(
        required=True, metadata={"description": "Tells it from others of its name."}
    )
    latitude = fields.Float(required=True, attribute="point.latitude")
    longitude = fields.Float(required=True, attribute="point.longitude")

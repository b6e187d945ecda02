"""What is said of a series: its rhythm, its end, and how its rounds open."""

from marshmallow import fields

from marketplace.fields import Choice, Count, Flag, Id, Moment
from marketplace.schemas import Schema
from models.series import SeriesState


class RhythmTerms(Schema):
    """How often it comes again, how many times, and whether somebody looks first."""

    every_weeks = Count(required=True, metadata={"description": "1, 2 or 4."})
    more_rounds = Count(
        least=1,
        most=500,
        load_default=None,
        metadata={"description": "So many rounds after the newest; none: until it is stopped."},
    )
    opens_by_itself = Flag(
        load_default=False,
        metadata={"description": "Else each round is a draft three days before."},
    )


class SeriesIn(RhythmTerms):
    group_buy = Id(required=True, metadata={"description": "The first round; it was opened."})


class SeriesOut(Schema):
    """A series and when its next round opens."""

    id = Id(required=True)
    slug = fields.String(required=True)
    state = Choice(SeriesState, required=True)
    every_weeks = Count(required=True)
    last_number = Count(
        required=True, allow_none=True, metadata={"description": "Null: until it is stopped."}
    )
    opens_by_itself = fields.Boolean(required=True)
    is_held_up = fields.Boolean(
        required=True,
        metadata={"description": "The next round could not be opened; somebody has to see to it."},
    )
    next_opens_at = Moment(
        required=True, allow_none=True, metadata={"description": "Null if no round follows."}
    )
    newest_round = Id(required=True, metadata={"description": "The newest that was opened."})
    is_followed = fields.Boolean(
        required=True,
        metadata={"description": "Whether the member whose token is used hears of new rounds."},
    )

"""What is said of a circle, by those who run it and those who come."""

from marketplace.config import LOCALES
from marketplace.fields import Choice, Count, Flag, Id, Moment, OneOf, Words
from marketplace.schemas import Schema
from models.circles import Admission, CircleKind, CircleRole, CircleVisibility


class CircleIn(Schema):
    """What a circle is for, who sees it, and how one comes in."""

    name = Words(required=True, most=80, least=3)
    kind = Choice(CircleKind, required=True)
    summary = Words(most=200, load_default="")
    description = Words(
        most=10_000, lines=True, load_default="", metadata={"description": "Markdown."}
    )
    lang = Words(load_default=None, validate=OneOf(list(LOCALES)))
    visibility = Choice(CircleVisibility, required=True)
    admission = Choice(Admission, required=True)
    question = Words(
        most=300,
        load_default="",
        metadata={"description": "Asked of those who ask to be let in."},
    )
    members_invite = Flag(
        load_default=False,
        metadata={"description": "Whether members bring others in, or the stewards alone."},
    )
    place = Words(most=120, load_default="")
    place_id = Id(load_default=None)
    ends_at = Moment(load_default=None, allow_none=True)


class Joining(Schema):
    """The answer to the circle's question, and the version of the house rules agreed to."""

    answer = Words(most=1000, lines=True, load_default="")
    rules_number = Count(
        most=1_000_000, load_default=0, metadata={"description": "0 where there are none."}
    )


class JoiningByKey(Joining):
    key = Words(
        most=40, load_default="", metadata={"description": "Of a link of invitation, if any."}
    )


class Agreeing(Schema):
    rules_number = Count(required=True, most=1_000_000)


class HouseRulesIn(Schema):
    body = Words(required=True, most=10_000, lines=True, metadata={"description": "Markdown."})
    lang = Words(load_default=None, validate=OneOf(list(LOCALES)))


class CircleReason(Schema):
    """Why somebody is not let in, or taken out; they are told."""

    reason = Words(most=1000, lines=True, load_default="")


class Appointing(Schema):
    role = Choice(CircleRole, required=True)


class Inviting(Schema):
    who = Words(
        required=True,
        most=254,
        metadata={"description": "An e-mail address, the name of a page, or a name."},
    )


class Browsing(Schema):
    """What someone looks for: the filters of the page, as they stand in its address."""

    q = Words(most=100, load_default="")
    place = Words(most=100, load_default="")
    within = Count(least=1, most=500, load_default=25)
    kind = Choice(CircleKind, load_default=None)
    after = Words(most=400, load_default="")


class MemberFilters(Schema):
    q = Words(most=100, load_default="")
    after = Words(most=400, load_default="")

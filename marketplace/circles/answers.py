"""What programs are told of circles, their members and their rules."""

from typing import Any

from marshmallow import fields

from marketplace.api import PageQuery
from marketplace.fields import Choice, Count, Id, Moment, MoneyOut, Words
from marketplace.schemas import Schema
from models.circles import (
    Admission,
    Circle,
    CircleKind,
    CircleMembership,
    CircleRole,
    CircleState,
    CircleVisibility,
    HouseRules,
    MembershipState,
    Phase,
)
from models.money import Money
from services.circles import Numbers, Takings, Visit


class CircleQuery(PageQuery):
    q = Words(most=100, metadata={"description": "Words of its name or description."})
    kind = Choice(CircleKind)


class MemberQuery(PageQuery):
    q = Words(most=100, metadata={"description": "How the name begins."})


class CircleOut(Schema):
    """A circle, as everyone may know of it who may know of it at all."""

    id = Id(required=True)
    slug = fields.String(required=True)
    name = fields.String(required=True)
    kind = Choice(CircleKind, required=True)
    summary = fields.String(required=True)
    description = fields.String(required=True, metadata={"description": "Markdown."})
    lang = fields.String(required=True)
    visibility = Choice(CircleVisibility, required=True)
    admission = Choice(Admission, required=True)
    question = fields.String(required=True)
    members_invite = fields.Boolean(required=True)
    place_name = fields.String(required=True)
    state = Choice(CircleState, required=True)
    rules_number = Count(
        required=True, metadata={"description": "The house rules that hold; 0: none."}
    )
    members_count = Count(required=True)
    made_at = Moment(required=True)
    ends_at = Moment(required=True, allow_none=True)


class OwnMembershipOut(Schema):
    """How whom one acts as stands with a circle."""

    id = Id(required=True)
    state = Choice(MembershipState, required=True)
    role = Choice(CircleRole, required=True)
    rules_number = Count(
        required=True, metadata={"description": "The house rules that were agreed to."}
    )
    since_at = Moment(required=True)


class WholeCircleOut(CircleOut):
    membership = fields.Nested(OwnMembershipOut, required=True, allow_none=True)


class OwnCircleOut(Schema):
    circle = fields.Nested(CircleOut, required=True)
    membership = fields.Nested(OwnMembershipOut, required=True)


class CircleMemberOut(Schema):
    """Somebody who belongs to a circle, or asks to."""

    id = Id(required=True)
    participant = Id(required=True)
    name = fields.String(required=True)
    state = Choice(MembershipState, required=True)
    role = Choice(CircleRole, required=True)
    since_at = Moment(required=True)


class AskingOut(CircleMemberOut):
    answer = fields.String(required=True, metadata={"description": "To the circle's question."})


class DoneOut(Schema):
    """Something that goes on in a circle."""

    group_buy = Id(required=True)
    closes_at = Moment(required=True)


class HouseRulesOut(Schema):
    number = Count(required=True)
    body = fields.String(required=True, metadata={"description": "Markdown."})
    lang = fields.String(required=True)
    made_at = Moment(required=True)


class LinkOut(Schema):
    """The link by which a member brings others in."""

    key = fields.String(required=True)
    brought_count = Count(
        required=True, metadata={"description": "How many came by it, or by name, and are in."}
    )


class PhaseOut(Schema):
    phase = fields.String(required=True)
    members_count = Count(
        required=True, metadata={"description": "Who has come so far, or farther."}
    )


class NumbersOut(Schema):
    """How far the members of a circle have come."""

    members_count = Count(required=True)
    joined_lately_count = Count(
        required=True, metadata={"description": "Within 30 days, counted up to 5,000."}
    )
    brought_count = Count(required=True, metadata={"description": "Who came by somebody's link."})
    phases = fields.List(fields.Nested(PhaseOut), required=True)


class TakingsOut(Schema):
    """What one group buy came to; nothing until it is decided."""

    group_buy = Id(required=True)
    orders_count = Count(required=True)
    due = MoneyOut(required=True)
    paid = MoneyOut(required=True)
    outstanding = MoneyOut(required=True)


def shown_whole(visit: Visit) -> dict[str, Any]:
    circle = visit.circle
    said = {name: getattr(circle, name) for name in CircleOut().fields}
    return {**said, "membership": visit.standing.own}


def shown_member(one: CircleMembership) -> dict[str, Any]:
    return {
        "id": one.id,
        "participant": one.participant_id,
        "name": one.participant.name,
        "state": one.state,
        "role": one.role,
        "since_at": one.since_at,
        "answer": one.answer,
    }


def shown_belonging(circle: Circle, membership: CircleMembership) -> dict[str, Any]:
    return {"circle": circle, "membership": membership}


def shown_numbers(found: Numbers) -> dict[str, Any]:
    return {
        "members_count": found.members,
        "joined_lately_count": found.joined_lately,
        "brought_count": found.brought,
        "phases": [
            {"phase": phase.name.lower(), "members_count": found.reached[phase]} for phase in Phase
        ],
    }


def shown_rules(rules: HouseRules) -> dict[str, Any]:
    return {name: getattr(rules, name) for name in HouseRulesOut().fields}


def shown_takings(one: Takings) -> dict[str, Any]:
    currency = one.group_buy.currency
    return {
        "group_buy": one.group_buy.id,
        "orders_count": one.orders,
        "due": Money(one.due_minor, currency),
        "paid": Money(one.paid_minor, currency),
        "outstanding": Money(one.outstanding_minor, currency),
    }

"""What programs of those who organise are told."""

from typing import Any

from marshmallow import fields

from marketplace.fields import Choice, Count, Id, Moment, MoneyOut
from marketplace.schemas import Schema
from models.buying import GroupBuy, PaymentMethod
from models.collaborations import CommitmentState, CoOrganiserState
from models.events import Event
from models.money import Money
from models.payments import PaymentState
from services.buying.desk import Figures, Need, Task
from services.buying.held_back import HeldBack
from services.buying.roll import Person


class AddedOut(Schema):
    added = Count(required=True)


class TaskOut(Schema):
    need = Choice(Need, required=True)
    count = Count(required=True)
    until_at = Moment(required=True, allow_none=True)


class FiguresOut(Schema):
    taking_part = Count(required=True)
    had_joined = Count(
        required=True, metadata={"description": "All who did not leave, whatever became of them."}
    )
    waiting = Count(required=True)
    left = Count(required=True)
    packed = Count(required=True)
    handed_over = Count(required=True)
    due = MoneyOut(required=True)
    paid = MoneyOut(required=True)
    outstanding = MoneyOut(required=True)


class HappenedOut(Schema):
    kind = fields.String(required=True)
    reason = fields.String(required=True)
    happened_at = Moment(required=True)


class DeskOut(Schema):
    """What needs those who organise now, how it stands, and what happened last."""

    tasks = fields.List(fields.Nested(TaskOut), required=True)
    figures = fields.Nested(FiguresOut, required=True)
    events = fields.List(fields.Nested(HappenedOut), required=True)


class GoodsOut(Schema):
    """What somebody gets of one article, since it was decided."""

    id = Id(required=True)
    article = Id(required=True)
    decided_units = Count(required=True)
    delivered_units = Count(required=True, allow_none=True)
    price = MoneyOut(required=True, allow_none=True)
    weighed_grams = Count(required=True, allow_none=True)
    packed_at = Moment(required=True, allow_none=True)
    is_held_back = fields.Boolean(
        required=True,
        metadata={"description": "Its contract was withdrawn from: do not hand it over."},
    )


class PersonOut(Schema):
    """One who takes part. What they ordered and offered stays theirs; see `lines`."""

    id = Id(required=True, metadata={"description": "Of the commitment."})
    participant = Id(required=True)
    name = fields.String(required=True)
    is_guest = fields.Boolean(required=True)
    state = Choice(CommitmentState, required=True)
    out_reason = fields.String(
        required=True,
        metadata={"description": "`left_out` for all that the close decides; why is theirs alone."},
    )
    terms_number = Count(required=True)
    payment_method = Choice(PaymentMethod, required=True)
    payment_state = Choice(PaymentState, required=True, allow_none=True)
    pickup_point = Id(required=True, allow_none=True)
    shipping_address = fields.String(required=True)
    note = fields.String(required=True)
    due = MoneyOut(required=True)
    freight = MoneyOut(required=True)
    share = MoneyOut(required=True)
    packed_at = Moment(required=True, allow_none=True)
    handed_over_at = Moment(required=True, allow_none=True)
    lines = fields.List(
        fields.Nested(GoodsOut),
        required=True,
        metadata={"description": "Empty before the decision."},
    )


class CoOrganiserOut(Schema):
    id = Id(required=True, attribute="member_id")
    name = fields.String(required=True, attribute="member.participant.name")
    state = Choice(
        CoOrganiserState,
        required=True,
        metadata={"description": "Who is asked only has no access yet."},
    )
    since_at = Moment(required=True)


class NamedGuestOut(Schema):
    id = Id(required=True)
    name = fields.String(required=True)


class GuestOut(Schema):
    """Someone without e-mail whom the organiser keeps."""

    id = Id(required=True)
    name = fields.String(required=True)
    contact = fields.String(
        required=True, metadata={"description": "Empty for who does not act for the organiser."}
    )


def shown_desk(
    group_buy: GroupBuy, tasks: list[Task], figures: Figures, events: list[Event]
) -> dict[str, Any]:
    def money(minor: int) -> Money:
        return Money(minor, group_buy.currency)

    return {
        "tasks": tasks,
        "figures": {
            **vars(figures),
            "due": money(figures.due_minor),
            "paid": money(figures.paid_minor),
            "outstanding": money(figures.outstanding_minor),
        },
        "events": events,
    }


def shown_person(person: Person, currency: str, held: HeldBack | None = None) -> dict[str, Any]:
    one = person.commitment
    return {
        "id": one.id,
        "participant": one.participant_id,
        "name": person.participant.name,
        "is_guest": person.is_guest,
        "state": one.state,
        "out_reason": person.out_reason,
        "terms_number": one.terms_number,
        "payment_method": one.payment_method,
        "payment_state": person.payment.state if person.payment else None,
        "pickup_point": one.pickup_point_id,
        "shipping_address": one.shipping_address,
        "note": one.note,
        "due": Money(one.due_minor, currency),
        "freight": Money(one.freight_minor, currency),
        "share": Money(one.share_minor, currency),
        "packed_at": one.packed_at,
        "handed_over_at": one.handed_over_at,
        "lines": [
            {
                "id": line.id,
                "article": line.article_id,
                "decided_units": line.decided_units,
                "delivered_units": line.delivered_units,
                "price": None if line.price_minor is None else Money(line.price_minor, currency),
                "weighed_grams": line.weighed_grams,
                "packed_at": line.packed_at,
                "is_held_back": held is not None and held.holds(line.article_id),
            }
            for line in one.lines
            if line.decided_units
        ],
    }

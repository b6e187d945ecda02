"""An order as it is typed: units, tolerance and highest price for each article of a page."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask import request
from flask_babel import gettext
from marshmallow import EXCLUDE
from marshmallow import Schema as BaseSchema
from marshmallow.fields import Field
from werkzeug.datastructures import MultiDict

from marketplace import errors, filters
from marketplace.buying.schemas import OrderTerms
from marketplace.fields import Amount, Count
from marketplace.forms import Form
from marketplace.schemas import Schema
from models.buying import (
    GroupBuy,
    GroupBuyCommitment,
    NotEnoughUnits,
    NothingOrdered,
    PaymentMethod,
)
from models.errors import Invalid, Refused
from models.money import Money
from services import buying

_UNITS = re.compile(r"units-([0-9]{1,18})")
# A place nobody fetches from: the goods are sent. Nothing is chosen until somebody chooses.
SENT = 0


def article_ids(sent: MultiDict[str, str]) -> list[int]:
    """The articles that a sent page speaks of, in its order; refuses with TooManyArticles."""
    found = [int(found[1]) for name in sent if (found := _UNITS.fullmatch(name))]
    # Each is three fields of a schema, which cost more to make than whoever sends them pays.
    if len(found) > buying.MOST_LINES:
        raise buying.TooManyArticles(most=buying.MOST_LINES)
    return found


def sent_order(group_buy: GroupBuy) -> Form:
    """The order that was sent with this request, with everything that belongs to it.

    All that is missing is said at once.
    """
    ids = article_ids(request.form)
    form = Form.sent(_schema(OrderTerms, ids, group_buy))
    if "pickup_point" not in form.errors and form.fields.get("pickup_point") is None:
        form.add_error("pickup_point", gettext(buying.PickupNeeded.message))
    units = [f"units-{one}" for one in ids]
    if form.errors and not any(name in form.errors or form.fields.get(name) for name in units):
        refuse(form, NothingOrdered(), ids)
    return form


def sent_quantities(group_buy: GroupBuy) -> Form:
    """The quantities of one page of a long list."""
    return Form.sent(_schema(Schema, article_ids(request.form), group_buy))


def shown_order(
    group_buy: GroupBuy,
    wanted: Mapping[int, buying.Wanted],
    commitment: GroupBuyCommitment | None = None,
) -> Form:
    """The form as it is shown first: what is ordered or gathered already, else nothing."""
    shown = typed(group_buy, wanted.values())
    if commitment is not None:
        shown |= {
            "payment_method": str(commitment.payment_method),
            "pickup_point": str(commitment.pickup_point_id or SENT),
            "shipping_address": commitment.shipping_address,
            "note": commitment.note,
        }
    else:
        shown |= {
            "payment_method": str(only_way(group_buy) or ""),
            "pickup_point": only_point(group_buy),
        }
    return Form(OrderTerms, shown=shown)


def typed(group_buy: GroupBuy, wanted: Iterable[buying.Wanted]) -> dict[str, str]:
    """Lines as the fields of a form hold them."""
    shown: dict[str, str] = {}
    for one in wanted:
        shown[f"units-{one.article_id}"] = str(one.units)
        shown[f"tolerance-{one.article_id}"] = str(one.tolerance)
        if one.highest_price_minor is not None:
            price = Money(one.highest_price_minor, group_buy.currency)
            shown[f"highest-{one.article_id}"] = filters.money_typed(price)
    return shown


def typed_delivery(asked: buying.Order) -> dict[str, str]:
    """The ways to fetch and pay as the fields of a form hold them."""
    return {
        "payment_method": str(asked.payment_method),
        "pickup_point": str(asked.pickup_point_id or SENT),
        "shipping_address": asked.shipping_address,
        "note": asked.note,
        "may_wait": "true" if asked.may_wait else "",
    }


def order_of(form: Form, ids: Iterable[int]) -> buying.Order:
    """The order that a valid form holds."""
    return delivery_of(form, list(wanted_of(form, ids).values()))


def delivery_of(form: Form, wanted: Sequence[buying.Wanted]) -> buying.Order:
    """`wanted` with the ways to fetch and pay that a valid form holds."""
    fields = form.fields
    return buying.Order(
        wanted=wanted,
        payment_method=fields["payment_method"],
        pickup_point_id=fields["pickup_point"] or None,
        shipping_address=fields["shipping_address"],
        note=fields["note"],
        may_wait=fields["may_wait"],
    )


def quantities_of(
    form: Form, ids: Iterable[int], kept: Mapping[int, buying.Wanted]
) -> dict[int, buying.Wanted]:
    """What a page of the list says; what it does not ask stays as it was."""
    wanted = {}
    for one in wanted_of(form, ids).values():
        before = kept.get(one.article_id)
        if before is not None and f"tolerance-{one.article_id}" not in form.values:
            one = replace(one, tolerance=before.tolerance)
        if before is not None and f"highest-{one.article_id}" not in form.values:
            one = replace(one, highest_price_minor=before.highest_price_minor)
        wanted[one.article_id] = one
    return wanted


def wanted_of(form: Form, ids: Iterable[int]) -> dict[int, buying.Wanted]:
    wanted = {}
    for article_id in ids:
        highest: Money | None = form.fields.get(f"highest-{article_id}")
        wanted[article_id] = buying.Wanted(
            article_id,
            form.fields.get(f"units-{article_id}") or 0,
            form.fields.get(f"tolerance-{article_id}") or 0,
            None if highest is None else highest.minor,
        )
    return wanted


def refuse(form: Form, refusal: Refused, ids: Sequence[int]) -> int:
    """Show at its field why an order cannot be; the status to answer with."""
    where = dict(refusal.fields) if isinstance(refusal, Invalid) else {}
    if isinstance(refusal, NotEnoughUnits):
        where = {f"units-{refusal.facts['article_id']}": refusal.message}
    elif isinstance(refusal, NothingOrdered) and len(ids) == 1:
        where = {f"units-{ids[0]}": refusal.message}
    for name, text in (where or {"": refusal.message}).items():
        form.add_error(name, errors.said(text, refusal.facts))
    return errors.status_of(refusal)


def only_way(group_buy: GroupBuy) -> PaymentMethod | None:
    """The way to pay if there is no choice; nothing is preselected where there is one."""
    if group_buy.by_card and group_buy.at_pickup:
        return None
    return PaymentMethod.CARD if group_buy.by_card else PaymentMethod.AT_PICKUP


def only_point(group_buy: GroupBuy) -> str:
    points = [str(point.id) for point in group_buy.pickup_points]
    choices = [*points, str(SENT)] if group_buy.ships else points
    return choices[0] if len(choices) == 1 else ""


def _schema(base: type[Schema], ids: Iterable[int], group_buy: GroupBuy) -> BaseSchema:
    fields: dict[str, Field[Any]] = {}
    for article_id in ids:
        fields[f"units-{article_id}"] = Count(load_default=0)
        fields[f"tolerance-{article_id}"] = Count(load_default=0)
        fields[f"highest-{article_id}"] = Amount(currency=group_buy.currency, load_default=None)
    return base.from_dict(fields, name="TypedOrder")(unknown=EXCLUDE)

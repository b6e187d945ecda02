"""What programs send, as the services take it; and refusals by the names that programs sent."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy.orm import Session

from marketplace import currencies
from models.actors import AnyParticipant
from models.buying import PaymentMethod
from models.errors import Invalid
from models.money import Money
from models.words import N_
from services import buying, discovery
from services.buying import revising

_FETCHING = ("shipping_address", "note")
# What is sent with a description and is no column of it.
_PARTS = ("articles", "pickup_points", "supplier")


def order_from(given: Mapping[str, Any], currency: str) -> buying.Order:
    return buying.Order(
        wanted=wanted_from(given, currency),
        payment_method=given["payment_method"],
        may_wait=given["may_wait"],
        **{name: given[name] for name in _FETCHING},
        pickup_point_id=given["pickup_point"],
    )


def guest_order_from(given: Mapping[str, Any], currency: str) -> buying.Order:
    """What is ordered for someone who pays when fetching."""
    return buying.Order(
        wanted=wanted_from(given, currency),
        payment_method=PaymentMethod.AT_PICKUP,
        **{name: given[name] for name in _FETCHING},
        pickup_point_id=given["pickup_point"],
    )


def wanted_from(given: Mapping[str, Any], currency: str) -> list[buying.Wanted]:
    guard_currency(given, currency)
    return [
        buying.Wanted(
            line["article"],
            line["units"],
            line["tolerance"],
            None if line["highest_price"] is None else line["highest_price"].minor,
        )
        for line in given["lines"]
    ]


def draft_from(
    session: Session, given: Mapping[str, Any], organiser: AnyParticipant
) -> buying.Draft:
    currency = currencies.chosen(given.get("currency"))
    guard_currency(given, currency)
    columns = {
        "time_zone": revising.home_zone(session, organiser),
        **columns_from(session, given),
        "currency": currency,
    }
    return buying.Draft(
        description=buying.Description(**columns),
        articles=[article_from(one) for one in given["articles"]],
        pickup_points=[buying.NewPickupPoint(**one) for one in given["pickup_points"]],
    )


def columns_from(session: Session, given: Mapping[str, Any]) -> dict[str, Any]:
    """What is said of a deal, as its description holds it; refuses with NotFound."""
    columns = minor_of({name: value for name, value in given.items() if name not in _PARTS})
    if "supplier" in given:
        if given["supplier"] is not None:
            discovery.find_participant(session, given["supplier"])
        columns["supplier_id"] = given["supplier"]
    if "circle" in columns:
        columns["circle_id"] = columns.pop("circle")
    return columns


def article_from(given: Mapping[str, Any]) -> buying.NewArticle:
    said = {name: value for name, value in given.items() if name != "tiers"}
    tiers = [(tier["from_units"], tier["price"].minor) for tier in given["tiers"]]
    return buying.NewArticle(**minor_of(said), tiers=tiers)


def guard_currency(given: object, currency: str, path: str = "") -> None:
    """Refuse with Invalid, at its place, an amount in another currency than the deal's."""
    if isinstance(given, Money) and given.currency != currency:
        raise Invalid(fields={path: N_("This is reckoned in %(currency)s.")}, currency=currency)
    if isinstance(given, Mapping):
        for name, value in given.items():
            guard_currency(value, currency, f"{path}.{name}" if path else name)
    elif isinstance(given, list):
        for at, value in enumerate(given):
            guard_currency(value, currency, f"{path}[{at}]")


@contextmanager
def named_as_sent(given: Mapping[str, Any]) -> Iterator[None]:
    """Let a refusal name the line of the order, where the services name its article."""
    try:
        yield
    except Invalid as refusal:
        paths = {
            f"highest-{line['article']}": f"lines[{at}].highest_price"
            for at, line in enumerate(given["lines"])
        }
        refusal.fields = {
            paths.get(name, name): message for name, message in refusal.fields.items()
        }
        raise


def minor_of(given: Mapping[str, Any]) -> dict[str, Any]:
    """The same with amounts in minor units, under the names of their columns."""
    return {
        f"{name}_minor" if isinstance(value, Money) else name: (
            value.minor if isinstance(value, Money) else value
        )
        for name, value in given.items()
    }

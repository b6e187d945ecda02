"""What programs send, as the services take it; and refusals by the names that programs sent."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from models.errors import Invalid
from models.money import Money
from services import buying

# What is sent with a description and is no column of it.
_PARTS = ("articles", "pickup_points", "supplier")


def order_from(given: Mapping[str, Any]) -> buying.Order:
    return buying.Order(
        wanted=[
            buying.Wanted(
                line["article"],
                line["units"],
                line["tolerance"],
                None if line["highest_price"] is None else line["highest_price"].minor,
            )
            for line in given["lines"]
        ],
        payment_method=given["payment_method"],
        pickup_point_id=given["pickup_point"],
        shipping_address=given["shipping_address"],
        note=given["note"],
        may_wait=given["may_wait"],
    )


def draft_from(given: Mapping[str, Any]) -> buying.Draft:
    described = {name: value for name, value in given.items() if name not in _PARTS}
    return buying.Draft(
        description=buying.Description(**_minor(described), supplier_id=given.get("supplier")),
        articles=[
            buying.NewArticle(
                **_minor({name: value for name, value in one.items() if name != "tiers"}),
                tiers=[(tier["from_units"], tier["price"].minor) for tier in one["tiers"]],
            )
            for one in given["articles"]
        ],
        pickup_points=[buying.NewPickupPoint(**one) for one in given["pickup_points"]],
    )


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


def _minor(given: Mapping[str, Any]) -> dict[str, Any]:
    return {
        f"{name}_minor" if isinstance(value, Money) else name: (
            value.minor if isinstance(value, Money) else value
        )
        for name, value in given.items()
    }

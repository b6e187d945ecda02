"""What a program sends when all is well, by operation; what is in no row sends an empty object."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from tests import make_catalogues
from tests.make_street import Street

Json = dict[str, Any]
RHYTHM = {"every_weeks": 2, "opens_by_itself": False}


def moment(made: Street, days: int = 0) -> str:
    return (made.deal.closes_at + timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def draft(made: Street) -> Json:
    return {
        "title": "Honey",
        "closes_at": moment(made),
        "articles": [
            {
                "name": "Honey",
                "unit": "500 g",
                "tiers": [{"from_units": 1, "price": {"amount": "6.50", "currency": "EUR"}}],
            }
        ],
        "pickup_points": [
            {
                "name": "School",
                "address": "Schulstraße 2",
                "from_at": moment(made, 2),
                "until_at": moment(made, 3),
            }
        ],
    }


def order(made: Street) -> Json:
    return {
        "lines": [{"article": str(made.ids["article_id"]), "units": 2}],
        "payment_method": "at_pickup",
        "pickup_point": str(made.ids["point_id"]),
    }


def says(**words: Any) -> Callable[[Street], Json]:
    return lambda _: dict(words)


BODIES: dict[str, Callable[[Street], Json]] = {
    "catalogues_api.make": says(name="Biohof", country="DE"),
    "group_buys_api.draft": draft,
    "group_buys_api.cancel": says(reason="No truck."),
    "group_buys_api.join": order,
    "group_buys_api.change": lambda made: {**order(made), "payment_method": "card"},
    "group_buys_api.withdraw": says(reason=""),
    "series_api.begin": lambda made: {"group_buy": str(made.deal.id), **RHYTHM},
    "series_api.change": says(**RHYTHM),
}
QUERIES = {"reference_api.places": {"q": "Brem"}}
# A list is sent as the file that it is.
FILES = {"catalogues_api.upload": make_catalogues.csv(make_catalogues.OIL)}

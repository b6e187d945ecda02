"""The list of what happened, readable for 30 days."""

from stripe import params

from stripesim import paging
from stripesim.books import Books, Object
from stripesim.errors import Failure, missing
from stripesim.routing import Route

READABLE_FOR_SECONDS = 30 * 24 * 3600
MOST_TYPES = 20


def list_all(books: Books, given: Object) -> Object:
    types = given.get("types")
    if types is not None and "type" in given:
        raise Failure("You may pass either `type` or `types`, not both.", param="types")
    if types is not None and len(types) > MOST_TYPES:
        raise Failure(f"At most {MOST_TYPES} types.", param="types")
    if "type" in given:
        types = [given["type"]]
    oldest = books.now - READABLE_FOR_SECONDS
    created = given.get("created", {})
    if isinstance(created, dict):
        created = {**created, "gte": max(oldest, created.get("gte", 0))}
    return books.page(
        "event",
        {**given, "created": created},
        "/v1/events",
        types=types,
        delivered=given.get("delivery_success"),
    )


def retrieve(books: Books, _given: Object, id: str) -> Object:
    event = books.find("event", id)
    if event["created"] < books.now - READABLE_FOR_SECONDS:
        raise missing("event", id, "id")
    return event


ROUTES = [
    Route(
        "GET",
        "/v1/events",
        list_all,
        params.EventListParams,
        paging.DATED | {"delivery_success", "type", "types"},
    ),
    Route("GET", "/v1/events/<id>", retrieve, params.EventRetrieveParams),
]

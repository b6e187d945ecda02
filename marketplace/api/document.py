"""The OpenAPI document: made from the schemas that really validate, completed in one place."""

import json
from threading import Lock
from typing import Any

from flask import Flask

from models.members import Scope

Json = dict[str, Any]
MAKING = Lock()

PROBLEM = "application/problem+json"
ABOUT = """\
What a page of this marketplace can do, a program can do too: through the same schemas and the
same acts. Errors are problem documents (RFC 9457) whose `type` names what was refused. Lists come
in pages: follow `next`. Moments are RFC 3339 in UTC, ids are opaque strings, and money is
`{"amount": "12.50", "currency": "EUR"}`.
"""
MEANINGS = {
    400: "The request could not be read.",
    401: "A token is needed, or this one is not valid.",
    403: "The token or its member may not do this.",
    404: "There is no such thing, or none that this token may know of.",
    409: "It is not possible in the state things are in now.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "Something in the request does not fit; `errors` says where.",
    429: "Too many requests; `Retry-After` says when to go on.",
    503: "Busy, being updated, or the payment service is out of reach: ask again by and by.",
}
PROBLEM_SCHEMA: Json = {
    "type": "object",
    "description": "RFC 9457. Further members are the facts of the refusal.",
    "properties": {
        "type": {"type": "string", "description": "Names the refusal: `/problems/not-found`."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "In the language of Accept-Language."},
        "request_id": {"type": "string"},
        "errors": {
            "type": "object",
            "description": "Messages by JSON path (`$.lines[0].units`) or parameter (`?limit`).",
            "additionalProperties": {"type": "array", "items": {"type": "string"}},
        },
    },
    "required": ["type", "title", "status", "detail", "request_id"],
}
IN_PERSON = "For members in person: no program of one organisation is let in."
IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": True,
    "description": "Drawn anew for each act and sent again with each repeat of it: the act "
    "happens once, and the repeat gets the answer of the first with `Idempotent-Replayed: true`.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
LANGUAGE: Json = {
    "name": "Accept-Language",
    "in": "header",
    "description": "The language of messages: `en`, `de` or `nl`.",
    "schema": {"type": "string"},
}


def options(instance_name: str, address: str) -> Json:
    return {
        "title": f"{instance_name} API",
        "version": "1",
        "openapi_version": "3.1.0",
        "info": {"description": ABOUT},
        "servers": [{"url": address}],
    }


def complete(document: Json, tags: dict[str, str]) -> Json:
    """Add what holds for every operation: who may call it, and how it refuses."""
    components = document.setdefault("components", {})
    components["securitySchemes"] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": f"A personal token. Its scopes: {', '.join(Scope)}.",
        }
    }
    schemas = components.setdefault("schemas", {})
    # flask-smorest brings its own error and paging along; nothing refers to them.
    for unused in ("Error", "PaginationMetadata"):
        schemas.pop(unused, None)
    components.get("headers", {}).pop("PAGINATION", None)
    schemas["Problem"] = PROBLEM_SCHEMA
    components.setdefault("parameters", {})["AcceptLanguage"] = LANGUAGE
    components["parameters"]["IdempotencyKey"] = IDEMPOTENCY_KEY
    components["responses"] = {
        "NOT_MODIFIED": {"description": "It is what you have already."},
        **{f"Problem{status}": _problem(text) for status, text in MEANINGS.items()},
    }
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            if method != "parameters":
                _complete_operation(path, method, operation, tags)
    for tag in document.get("tags", []):
        tag["name"] = tags.get(tag["name"], tag["name"])
    return document


def _complete_operation(path: str, method: str, operation: Json, tags: dict[str, str]) -> None:
    operation["tags"] = [tags.get(tag, tag) for tag in operation.get("tags", [])]
    scope = operation.pop("x-scope", None)
    if operation.pop("x-in-person", False):
        said = operation.get("description", "")
        operation["description"] = f"{said}\n\n{IN_PERSON}".strip()
    is_idempotent = operation.pop("x-idempotent", False)
    reads = method in ("get", "head")
    operation["security"] = [{"token": [scope]}] if scope else [{}, {"token": []}]
    parameters = operation.setdefault("parameters", [])
    parameters.append({"$ref": "#/components/parameters/AcceptLanguage"})
    if is_idempotent:
        parameters.append({"$ref": "#/components/parameters/IdempotencyKey"})
    refusals = {400, 401, 429, 503}
    if scope:
        refusals.add(403)
    if "{" in path:
        # What is only there at a later step is not there yet: an order, a shortfall; and some of
        # it, like the accounts, is for those alone who take part.
        refusals |= {403, 404, 409}
    if not reads:
        refusals |= {403, 404, 409, 413, 415, 422}
    if any(one.get("in") == "query" for one in parameters):
        refusals.add(422)
    responses = operation["responses"]
    responses.pop("default", None)
    for status in refusals:
        responses[str(status)] = {"$ref": f"#/components/responses/Problem{status}"}
    operation["responses"] = dict(sorted(responses.items()))


def _problem(meaning: str) -> Json:
    return {
        "description": meaning,
        "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def of(app: Flask) -> Json:
    """The document of this application, made once."""
    api = app.extensions["api"]
    # Two who ask at once would both describe the same.
    with MAKING:
        if "openapi" not in app.extensions:
            app.extensions["openapi"] = complete(api.describe(), api.tags)
    document: Json = app.extensions["openapi"]
    return document


def written(app: Flask) -> bytes:
    """The document as it is sent: half a megabyte that is written once."""
    if "openapi_written" not in app.extensions:
        app.extensions["openapi_written"] = json.dumps(of(app), indent=2).encode()
    body: bytes = app.extensions["openapi_written"]
    return body

"""Reading what a program sends: JSON as the standard has it, refused where it is not."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from flask import Request, g
from marshmallow import RAISE, Schema, ValidationError
from webargs.core import is_json, missing
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, UnprocessableEntity, UnsupportedMediaType

from marketplace.forms import say
from models.words import N_

ONCE = N_("Please send this once.")


class DoesNotFit(UnprocessableEntity):
    """What was sent does not fit its schema; `fields` says where, by JSON path."""

    def __init__(self, fields: dict[str, list[str]]) -> None:
        super().__init__()
        self.fields = fields


class Parser(FlaskParser):
    """Loads bodies and parameters through their schema, or answers 400, 415 or 422."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"json": RAISE, "query": RAISE}

    def load_json(self, req: Request, schema: Schema) -> Any:
        g.reads_an_address = False
        body = req.get_data(cache=True)
        if not body and not req.mimetype:
            return missing
        if not is_json(req.mimetype):
            raise UnsupportedMediaType
        return read_json(body)

    def load_querystring(self, req: Request, schema: Schema) -> Any:
        g.reads_an_address = True
        several = {name for name, field in schema.fields.items() if hasattr(field, "inner")}
        sent = {name: req.args.getlist(name) for name in req.args}
        repeated = [name for name in sent if name not in several and len(sent[name]) > 1]
        if repeated:
            raise DoesNotFit({f"?{name}": [say(ONCE)] for name in repeated})
        return {name: found if name in several else found[0] for name, found in sent.items()}

    def handle_error(
        self, error: ValidationError, req: Request, schema: Schema, **_: Any
    ) -> NoReturn:
        location, messages = next(iter(error.messages_dict.items()))
        start = "?" if location in ("query", "querystring") else "$"
        raise DoesNotFit(dict(by_path(messages, start)))


def read_json(body: bytes) -> Any:
    """The value of a JSON text; NaN, repeated names and endless depth are none (RFC 8259)."""
    try:
        return json.loads(body, parse_constant=_no_number, object_pairs_hook=_object)
    except (ValueError, RecursionError):
        raise BadRequest from None


def by_path(messages: Any, path: str) -> Iterator[tuple[str, list[str]]]:
    """Marshmallow's messages, flat, by JSON path, in the language of the request."""
    if not isinstance(messages, Mapping):
        yield path, [say(message) for message in messages]
        return
    for name, found in messages.items():
        if name == "_schema":
            yield from by_path(found, path)
        elif isinstance(name, int):
            yield from by_path(found, f"{path}[{name}]")
        else:
            yield from by_path(found, f"?{name}" if path == "?" else f"{path}.{name}")


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON.")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("A name stands twice in one object.")
    return found

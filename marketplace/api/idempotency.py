"""`Idempotency-Key`: a program that is not sure may ask again; the act happens once."""

import json
from collections.abc import Callable
from copy import deepcopy
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Response, current_app, request
from werkzeug.exceptions import BadRequest

from marketplace import auth, db
from marketplace.api.parsing import read_json
from models.words import N_
from services import idempotency
from services.idempotency import LONGEST_KEY, Answer

V = TypeVar("V", bound=Callable[..., Any])

HEADER = "Idempotency-Key"
KEPT_HEADERS = ("Location", "ETag")


class KeyMissing(BadRequest):
    name_in_api = "idempotency-key-missing"
    words = N_("Please send an Idempotency-Key header, so that a repeat does nothing twice.")


class KeyTooLong(BadRequest):
    name_in_api = "idempotency-key-too-long"
    words = N_("Please use an Idempotency-Key of at most 255 visible ASCII characters.")


def idempotent(view: V) -> V:
    """Carry the request out once for each key, in one transaction with its answer.

    Stands between `arguments` and `response`. Opens the transaction and gives its session to the
    view as the first argument. What is refused is rolled back and not kept.
    """

    @wraps(view)
    def once(*args: Any, **kwargs: Any) -> Any:
        key = sent_key()
        with db.transaction() as session:
            claimed = idempotency.claim(
                session,
                f"{request.method} {request.endpoint}",
                key,
                canonical_request(),
                actor=auth.signed_in_actor(),
                now=db.now(session),
            )
            if claimed.answer is not None:
                return replayed(claimed.answer)
            response = current_app.make_response(view(session, *args, **kwargs))
            idempotency.keep(session, claimed, kept(response))
            return response

    documented = deepcopy(getattr(view, "_apidoc", {}))
    documented.setdefault("manual_doc", {})["x-idempotent"] = True
    once._apidoc = documented  # type: ignore[attr-defined]
    return cast(V, once)


def sent_key() -> str:
    key = request.headers.get(HEADER, "")
    if not key:
        raise KeyMissing
    if len(key) > LONGEST_KEY or not (key.isascii() and key.isprintable()):
        raise KeyTooLong
    return key


def canonical_request() -> bytes:
    """What was asked, however its JSON is spaced and ordered."""
    body = request.get_data(cache=True)
    sent = read_json(body) if body and request.is_json else body.hex()
    return json.dumps([request.full_path, sent], sort_keys=True).encode()


def kept(response: Response) -> Answer:
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    body = json.loads(response.get_data()) if response.is_json else None
    return Answer(response.status_code, {"body": body, "headers": headers})


def replayed(answer: Answer) -> Response:
    body = answer.content["body"]
    response = current_app.make_response(
        ("", 204) if body is None else current_app.json.response(body)
    )
    response.status_code = answer.status
    response.headers.update(answer.content["headers"])
    response.headers["Idempotent-Replayed"] = "true"
    return response

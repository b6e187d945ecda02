"""A feature's endpoints: flask-smorest's blueprint with our parser, scopes and ids."""

from collections.abc import Callable
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

import flask_smorest  # type: ignore[import-untyped]
from flask import Response, request
from marshmallow import Schema
from werkzeug.exceptions import Unauthorized
from werkzeug.routing import BaseConverter

from marketplace import auth
from marketplace.api.parsing import Parser
from models.members import Scope

View = Callable[..., Any]
V = TypeVar("V", bound=View)
SchemaLike = Schema | type[Schema]
PREFIX = "/api/v1"


class Decorator(Protocol):
    """What stands above a view and leaves its type alone."""

    def __call__(self, view: V) -> V: ...


class IdConverter(BaseConverter):
    """`<id:group_buy_id>`: an opaque string for programs, the row's number for the services."""

    regex = "[0-9]{1,18}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: Any) -> str:
        return str(value)


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """Endpoints of one resource under `/api/v1`; `name` ends in `_api`, its tag does not."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, name: str, import_name: str, *, path: str = "", about: str = "") -> None:
        super().__init__(name, import_name, url_prefix=PREFIX + path, description=about)
        self.before_request(refuse_unknown_token)
        self.after_request(say_what_varies)

    if TYPE_CHECKING:
        # flask-smorest says nothing of its types.
        def get(self, rule: str) -> Decorator: ...
        def post(self, rule: str) -> Decorator: ...
        def put(self, rule: str) -> Decorator: ...
        def patch(self, rule: str) -> Decorator: ...
        def delete(self, rule: str) -> Decorator: ...
        def arguments(self, schema: SchemaLike, *, location: str = "json") -> Decorator: ...
        def response(self, status: int, schema: SchemaLike | None = None) -> Decorator: ...
        def doc(self, **described: Any) -> Decorator: ...
        def etag(self, view: V) -> V: ...
        def set_etag(self, parts: object) -> None: ...

    @property
    def tag(self) -> str:
        return str(self.name).removesuffix("_api").replace("_", "-")


def refuse_unknown_token() -> None:
    """Whoever sends a token wants to be known: a wrong one is no stranger's request."""
    if "Authorization" in request.headers and auth.actor() is None:
        raise Unauthorized


def say_what_varies(response: Response) -> Response:
    response.headers["Vary"] = "Accept-Language, Authorization"
    return response


def scope_required(scope: Scope, *, in_person: bool = False) -> Decorator:
    """Let a program in whose token has `scope`, and say so in the OpenAPI document.

    The outermost decorator under the route: who may not come in is told nothing about the body.
    """

    def decorate(view: V) -> V:
        guarded = cast(V, auth.scope_required(scope, in_person=in_person)(view))
        documented = deepcopy(getattr(view, "_apidoc", {}))
        documented.setdefault("manual_doc", {})["x-scope"] = str(scope)
        if in_person:
            documented["manual_doc"]["x-in-person"] = True
        guarded._apidoc = documented  # type: ignore[attr-defined]
        return guarded

    return decorate

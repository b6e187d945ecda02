"""The API: JSON for programs, the same schemas and the same acts as the pages."""

from typing import Any

import flask_smorest  # type: ignore[import-untyped]
from flask import Flask, Response, request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import current_user
from flask_wtf import CSRFProtect

from marketplace.api import document
from marketplace.api.blueprint import PREFIX, Blueprint, IdConverter, scope_required
from marketplace.api.idempotency import idempotent
from marketplace.api.pages import bp as pages
from marketplace.api.paging import PageQuery, answer_page, newest_first, older_than, page_of
from marketplace.config import Settings
from services import throttles

__all__ = [
    "Blueprint",
    "PageQuery",
    "answer_page",
    "idempotent",
    "init_app",
    "mount",
    "newest_first",
    "older_than",
    "page_of",
    "scope_required",
]


class Api(flask_smorest.Api):  # type: ignore[misc]
    """flask-smorest without its own errors: `marketplace.errors` answers everything.

    What the document says of a resource is put together when somebody asks for the document:
    it takes half of the start, and few processes are ever asked.
    """

    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self, app: Flask, **options: Any) -> None:
        self.tags: dict[str, str] = {}
        self._undescribed: list[Blueprint] = []
        super().__init__(app, **options)

    def _register_error_handlers(self) -> None:
        return

    def register_blueprint(self, blueprint: Blueprint) -> None:
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blueprint.name] = self
        self._app.register_blueprint(blueprint)
        self._undescribed.append(blueprint)

    def describe(self) -> dict[str, Any]:
        """The document of every resource that was registered (OpenAPI 3)."""
        while self._undescribed:
            blueprint = self._undescribed.pop(0)
            blueprint.register_views_in_doc(
                self, self._app, self.spec, name=blueprint.name, parameters=None
            )
            self.spec.tag({"name": blueprint.name, "description": blueprint.description})
        described: dict[str, Any] = self.spec.to_dict()
        return described


class ApiLimiter(Limiter):
    """Pages have no such limit, and are not searched for one."""

    def _check_request_limit(self, *args: Any, **options: Any) -> None:
        if request.path.startswith(PREFIX):
            super()._check_request_limit(*args, **options)


def init_app(app: Flask, settings: Settings, csrf: CSRFProtect) -> None:
    """Prepare `/api/v1`; `mount` adds the resources."""
    app.config["OPENAPI_URL_PREFIX"] = None
    app.url_map.converters["id"] = IdConverter
    api = Api(app, spec_kwargs=document.options(settings.instance_name, settings.public_url))
    api.register_converter(IdConverter, _id_schema)
    app.extensions["api"] = api
    app.extensions["api_csrf"] = csrf
    # Registered before the limiter, so that it runs after it.
    app.after_request(retry_only_after_refusals)
    limiter = ApiLimiter(
        member_or_network,
        app=app,
        storage_uri="memory://",
        headers_enabled=True,
    )
    app.extensions["api_limit"] = limiter.shared_limit(settings.api_rate_limit, scope="api")
    app.extensions["api_limit"](pages)
    app.register_blueprint(pages)


def mount(app: Flask, blueprint: Blueprint) -> None:
    """Add a resource: no cookie, so no CSRF; a token that is sent must be valid; limited."""
    api = app.extensions["api"]
    app.extensions["api_csrf"].exempt(blueprint)
    app.extensions["api_limit"](blueprint)
    api.tags[blueprint.name] = blueprint.tag
    api.register_blueprint(blueprint)


def retry_only_after_refusals(response: Response) -> Response:
    """Flask-Limiter would tell those who were answered to try again, too."""
    if response.status_code < 400:
        response.headers.pop("Retry-After", None)
    return response


def member_or_network() -> str:
    """Whose requests are counted together: a member may draw tokens, a host addresses, at will."""
    token = current_user.token
    if token is not None:
        return f"member:{token.member_id}"
    return f"network:{throttles.network(get_remote_address())}"


def _id_schema(_converter: IdConverter) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^{IdConverter.regex}$"}

"""The API: JSON for programs, the same schemas and the same acts as the pages."""

from typing import Any

import flask_smorest  # type: ignore[import-untyped]
from flask import Flask
from flask_wtf import CSRFProtect

from marketplace.api import document, limiting
from marketplace.api.blueprint import Blueprint, IdConverter, scope_required
from marketplace.api.idempotency import idempotent
from marketplace.api.pages import bp as pages
from marketplace.api.paging import PageQuery, answer_page, newest_first, older_than, page_of
from marketplace.config import Settings

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


def init_app(app: Flask, settings: Settings, csrf: CSRFProtect) -> None:
    """Prepare `/api/v1`; `mount` adds the resources."""
    app.config["OPENAPI_URL_PREFIX"] = None
    app.url_map.converters["id"] = IdConverter
    api = Api(app, spec_kwargs=document.options(settings.instance_name, settings.public_url))
    api.register_converter(IdConverter, _id_schema)
    app.extensions["api"] = api
    app.extensions["api_csrf"] = csrf
    limiting.init_app(app, settings)
    app.register_blueprint(pages)


def mount(app: Flask, blueprint: Blueprint) -> None:
    """Add a resource: no cookie, so no CSRF; a token that is sent must be valid; limited."""
    api = app.extensions["api"]
    app.extensions["api_csrf"].exempt(blueprint)
    api.tags[blueprint.name] = blueprint.tag
    api.register_blueprint(blueprint)


def _id_schema(_converter: IdConverter) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^{IdConverter.regex}$"}

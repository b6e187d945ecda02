"""The API described: the OpenAPI document for programs, and the same on a page for people."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import limits
from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from flask_babel import format_timedelta, gettext
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as WerkzeugResponse

from marketplace import errors
from marketplace.api import document
from marketplace.api.blueprint import PREFIX
from marketplace.api.idempotency import KeyMissing, KeyTooLong
from models.errors import Refused
from models.members import Scope

bp = Blueprint("api", __name__)
# What is filled in when it is said.
FACT = re.compile(r"%\(\w+\)s")
METHODS = ("get", "post", "put", "patch", "delete")


@bp.get(f"{PREFIX}/openapi.json")
def openapi() -> Response:
    body = document.written(current_app._get_current_object())  # type: ignore[attr-defined]
    answer = Response(body, mimetype="application/json")
    answer.add_etag()
    answer.make_conditional(request)
    return answer


@bp.get("/api/docs")
def docs() -> str:
    described = document.of(current_app._get_current_object())  # type: ignore[attr-defined]
    limit = limits.parse(current_app.config["SETTINGS"].api_rate_limit)
    return render_template(
        "site/api.html",
        resources=list(resources(described)),
        scopes=list(Scope),
        problems=problems(),
        limit_count=limit.amount,
        limit_time=format_timedelta(timedelta(seconds=limit.get_expiry())),
    )


@bp.get("/api/docs/<name>")
def resource(name: str) -> str:
    """What programs can do with one resource, with all that they send."""
    described = document.of(current_app._get_current_object())  # type: ignore[attr-defined]
    found = next((one for one in resources(described) if one["name"] == name), None)
    if found is None:
        raise NotFound
    return render_template("site/api_resource.html", resource=found)


@bp.get("/problems/<code>")
def problem(code: str) -> WerkzeugResponse:
    """Where the `type` of a problem leads: to its line on the page."""
    if code not in {known["code"] for known in problems()}:
        raise NotFound
    return redirect(url_for(".docs", _anchor=f"problem-{code}"))


def resources(described: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The operations of the document by tag, as the page lists them."""
    for tag in described.get("tags", []):
        operations = [
            _operation(described, path, method, one)
            for path, several in described["paths"].items()
            for method, one in several.items()
            if method in METHODS and tag["name"] in one["tags"]
        ]
        yield {"name": tag["name"], "about": tag["description"], "operations": operations}


def _operation(described: dict[str, Any], path: str, method: str, one: dict[str, Any]) -> Any:
    shared = described["paths"][path].get("parameters", [])
    parameters = [
        {"description": "", **_followed(described, found)}
        for found in [*shared, *one["parameters"]]
    ]
    scopes = [scope for need in one["security"] for scope in need.get("token", [])]
    body = one.get("requestBody", {}).get("content", {}).get("application/json", {})
    return {
        "method": method.upper(),
        "path": path,
        "summary": one.get("summary", ""),
        "about": one.get("description", ""),
        "scope": scopes[0] if scopes else "",
        "parameters": parameters,
        "body": _fields(described, body.get("schema", {})),
        "statuses": list(one["responses"]),
    }


def _fields(described: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    found = _followed(described, schema)
    required = found.get("required", [])
    return [
        {"name": name, "required": name in required, "schema": json.dumps(one)}
        for name, one in found.get("properties", {}).items()
    ]


def _followed(described: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """What a reference stands for."""
    if "$ref" not in found:
        return found
    for step in found["$ref"].removeprefix("#/").split("/"):
        described = described[step]
    return described


def problems() -> list[dict[str, Any]]:
    """Every problem by its name, with its status and sentence."""
    of_the_web = [
        {"code": errors.code_of(status), "status": status, "text": gettext(text)}
        for status, text in errors.PAGES.items()
    ]
    of_the_web += [
        {"code": one.name_in_api, "status": one.code, "text": gettext(one.words)}
        for one in (KeyMissing, KeyTooLong)
    ]
    named = {problem["code"]: problem for problem in (*refusals(), *of_the_web)}
    return sorted(named.values(), key=lambda problem: (problem["status"], problem["code"]))


def refusals(family: type[Refused] = Refused) -> Iterator[dict[str, Any]]:
    """Every refusal the services know."""
    for kind in family.__subclasses__():
        yield {
            "code": kind.code,
            "status": next(errors.STATUS[one] for one in kind.__mro__ if one in errors.STATUS),
            "text": FACT.sub("…", gettext(kind.message)),
        }
        yield from refusals(kind)

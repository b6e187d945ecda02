"""Logs: one JSON line for each request, with its id; secrets and addresses stay out of them."""

import logging
import re
import time
import uuid
from collections.abc import Mapping, MutableMapping
from typing import Any

import structlog
from flask import Flask, Response, g, request

from marketplace.config import Settings

_REQUEST_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
# Links in mails carry a token of their own; it opens something, so it is not written down.
_TOKEN = re.compile(r"(?<=/)[A-Za-z0-9_.-]{32,}")
_SECRET = re.compile(r"password|token|secret|authorization|cookie|email|address", re.IGNORECASE)


def init_app(app: Flask, settings: Settings) -> None:
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            redact,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping().get(settings.log_level, logging.INFO)
        ),
        cache_logger_on_first_use=False,
    )
    log = structlog.get_logger()

    @app.before_request
    def begin() -> None:
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        g.began = time.perf_counter()
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=g.request_id)

    @app.after_request
    def end(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.get("request_id", "")
        if request.endpoint != "static":
            log.info(
                "request",
                method=request.method,
                endpoint=request.endpoint,
                path=without_secrets(request.path),
                status=response.status_code,
                ms=round((time.perf_counter() - g.get("began", time.perf_counter())) * 1000, 1),
            )
        return response


def redact(_logger: Any, _method: str, entry: MutableMapping[str, Any]) -> Mapping[str, Any]:
    """Keep what could open a door or name a person out of the logs (ASVS 16.2.5)."""
    return {name: "[redacted]" if _SECRET.search(name) else value for name, value in entry.items()}


def without_secrets(path: str) -> str:
    """The path of a request, without the token it may hold."""
    return _TOKEN.sub("[token]", path)

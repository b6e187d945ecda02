"""Returning: where somebody goes on after they signed in or changed something; never elsewhere."""

import re
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, current_app, redirect, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import RequestRedirect

from marketplace import errors


def came_from() -> str:
    """The address of our own page that the request was sent from, or the home page."""
    try:
        parts = urlsplit(request.referrer or "")
    except ValueError:
        # What a browser never sends.
        return "/"
    if parts.netloc != request.host:
        return "/"
    path = parts.path.removeprefix(request.script_root)
    if not is_page(path):
        # It was the answer to a form.
        return local_path(request.script_root + page_above(path))
    return local_path(f"{parts.path}?{parts.query}" if parts.query else parts.path)


def page_above(path: str) -> str:
    """The page on which the form of an address stands: the nearest one above it."""
    above = [path.rsplit("/", count)[0] for count in range(1, path.count("/"))]
    return next(filter(is_page, above), "/")


def lead_to_the_form(error: MethodNotAllowed) -> Any:
    """Whoever reloads what a form was answered with comes to the page of the form."""
    if request.method != "GET" or errors.wants_json():
        return errors.http_error(error)
    return redirect(request.script_root + page_above(request.path), 303)


def init_app(app: Flask) -> None:
    app.register_error_handler(MethodNotAllowed, lead_to_the_form)


def is_page(path: str) -> bool:
    """Whether an address of ours can be looked at, not only sent to."""
    try:
        current_app.url_map.bind(request.host).match(path, method="GET")
    except RequestRedirect:
        return True
    except HTTPException:
        return False
    return True


def local_path(wanted: str | None, default: str = "/") -> str:
    """`wanted` if it leads to a page of ours, else `default`: nobody is sent elsewhere.

    Browsers take "//host" and "/\\host" for another host, and skip control characters.
    """
    leads_home = re.fullmatch(r"/(?![/\\])[^\\\x00-\x20\x7f]{0,1000}", wanted or "")
    return leads_home.string if leads_home else default

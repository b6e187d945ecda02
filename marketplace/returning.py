"""Returning: where somebody goes on after they signed in or changed something; never elsewhere."""

import re
from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect


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
        # It was the answer to a form; the page that the form stands on is nearest above it.
        above = [path.rsplit("/", count)[0] for count in range(1, path.count("/"))]
        return local_path(request.script_root + next(filter(is_page, above), "/"))
    return local_path(f"{parts.path}?{parts.query}" if parts.query else parts.path)


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

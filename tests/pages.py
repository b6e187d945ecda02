"""Sending forms as a browser does: with the token that a page of ours carries."""

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


def send(
    client: FlaskClient, path: str, *, headers: dict[str, str] | None = None, **typed: str
) -> TestResponse:
    """Post `typed` to `path` with the token of this browser."""
    return client.post(path, data={"csrf_token": csrf_token(client), **typed}, headers=headers)


def csrf_token(client: FlaskClient) -> str:
    """The token that forms of this browser carry."""
    page = client.get("/moderation/log").text
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return found[1]

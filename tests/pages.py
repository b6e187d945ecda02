"""Sending forms as a browser does: with the token that a page of ours carries."""

import re

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


def send(
    client: FlaskClient, path: str, *, headers: dict[str, str] | None = None, **typed: str
) -> TestResponse:
    """Post `typed` to `path` with the token of this browser."""
    page = client.get("/moderation/log").text
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found is not None
    return client.post(path, data={"csrf_token": found[1], **typed}, headers=headers)

"""Pictures as they are sent, with a form or as a body: each is counted before anything reads it."""

from contextlib import closing

from flask import request

from marketplace import auth, db
from marketplace.api.files import PICTURES, sent_file
from services import pictures
from services.pictures import MOST_MEGABYTES

_MOST_BYTES = MOST_MEGABYTES * 1_000_000


def picture_of_form() -> bytes:
    """The picture of a form, empty if there is none; refuses with UploadedTooOften.

    One byte more than is allowed is enough to see that it is too many.
    """
    sent = request.files.get("picture")
    if sent is None:
        return b""
    with closing(sent):
        content = sent.stream.read(_MOST_BYTES + 1)
    if content:
        _count()
    return content


def picture_of_body() -> bytes:
    """The body that is a picture; refuses with UploadedTooOften, and other kinds with 415."""
    content = sent_file(PICTURES, _MOST_BYTES)
    _count()
    return content


def _count() -> None:
    """In a transaction of its own: what turns out to be no picture was read, too."""
    with db.transaction() as session:
        pictures.count_upload(session, actor=auth.signed_in_actor(), now=db.now(session))

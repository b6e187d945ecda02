"""Bodies that are files: a price list, a picture, a bank's statement, sent as they are."""

from typing import Any

from flask import request
from werkzeug.exceptions import UnsupportedMediaType

from services.pictures import MOST_MEGABYTES, MOST_MEGAPIXELS, MOST_MEGAPIXELS_OF_JPEG

PICTURES = ("image/jpeg", "image/png", "image/webp")


def sent_file(media_types: tuple[str, ...], most_bytes: int) -> bytes:
    """The body as it was sent, and one byte of what is too much; refuses other kinds with 415."""
    if request.mimetype not in media_types:
        raise UnsupportedMediaType
    return request.stream.read(most_bytes + 1)


def a_file(description: str, *media_types: str) -> dict[str, Any]:
    """How the document tells of a body that is a file."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {
        "required": True,
        "description": description,
        "content": dict.fromkeys(media_types, binary),
    }


A_PICTURE = a_file(
    f"A picture of at most {MOST_MEGABYTES} MB: a JPEG of at most {MOST_MEGAPIXELS_OF_JPEG} "
    f"megapixels, a PNG or WebP of at most {MOST_MEGAPIXELS}.",
    *PICTURES,
)

"""Link keys: what stands in the address of those who came by a link (`?key=`)."""

from flask import request


def link_key() -> str:
    """The key the page was opened with, kept by its forms in a hidden field; "" if there is none.

    One with a NUL, which no form of ours sends and the database does not read, is none.
    """
    key = request.values.get("key", "")
    return "" if "\0" in key else key

"""The `expand` parameter: an id is answered as the object it names."""

from typing import Any

from stripesim.books import Books, Object
from stripesim.errors import Failure


def expand(books: Books, body: Object, paths: list[str]) -> Object:
    for path in paths:
        parts = path.split(".")
        if not replace(books, body, parts):
            raise Failure(
                f"This property cannot be expanded ({path}).",
                param="expand",
            )
    return body


def replace(books: Books, body: Any, parts: list[str]) -> bool:
    if isinstance(body, list):
        return all(replace(books, part, parts) for part in body)
    first, *rest = parts
    if not isinstance(body, dict) or first not in body:
        return False
    value = body[first]
    if value is None:
        return True
    if isinstance(value, str):
        found = books.look_up(value)
        if found is None:
            return False
        value = body[first] = found
    return replace(books, value, rest) if rest else isinstance(value, dict)

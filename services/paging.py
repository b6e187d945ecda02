"""Pages of a list: a cursor says after which row to go on, so nothing is shown twice."""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from models.errors import Invalid
from models.words import N_

Row = TypeVar("Row")
Made = TypeVar("Made")

LARGEST_CURSOR = 400
LARGEST_ID = 2**63 - 1


class CursorNotValid(Invalid):
    code = "cursor-not-valid"
    message = N_("This page of the list cannot be found. Please begin at its first page.")


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows of a list; `after` is the cursor of the next page, None on the last one."""

    rows: Sequence[Row]
    after: str | None = None

    def map(self, make: Callable[[Row], Made]) -> "Page[Made]":
        return Page([make(row) for row in self.rows], self.after)


def cursor(*values: datetime | int | float | str) -> str:
    """A cursor for a row with these values, in the order the list is sorted by.

    It is opaque to those who send it back, and holds nothing that is secret.
    """
    plain = [value.isoformat() if isinstance(value, datetime) else value for value in values]
    packed = json.dumps(plain, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(packed).rstrip(b"=").decode()


def position(after: str | None, *kinds: type) -> tuple[Any, ...] | None:
    """The values a cursor was made of, None for the first page.

    `kinds` are the types of those values. Refuses with CursorNotValid whatever `cursor` did not
    make for a list sorted in this way.
    """
    if not after:
        return None
    try:
        padded = after + "=" * (-len(after) % 4)
        values = json.loads(base64.b64decode(padded.encode("ascii"), b"-_", validate=True))
        if len(after) > LARGEST_CURSOR or len(values) != len(kinds):
            raise ValueError("This is a cursor of another list.")
        return tuple(_read(value, kind) for value, kind in zip(values, kinds, strict=True))
    except (binascii.Error, ValueError, TypeError, RecursionError, OverflowError):
        raise CursorNotValid(fields={"after": CursorNotValid.message}) from None


def paged(
    rows: Sequence[Row],
    limit: int,
    values: Callable[[Row], tuple[datetime | int | float | str, ...]],
) -> Page[Row]:
    """The first `limit` of `rows`; callers ask for one row more, to know whether a page follows."""
    if len(rows) <= limit:
        return Page(rows)
    return Page(rows[:limit], cursor(*values(rows[limit - 1])))


def _read(value: Any, kind: type) -> Any:
    if kind is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("A moment has its offset.")
        return moment.astimezone(UTC)
    if issubclass(kind, StrEnum):
        return kind(value)
    if type(value) is not kind and not (kind is float and type(value) is int):
        raise ValueError("Another kind of value stands in this cursor.")
    if isinstance(value, int) and abs(value) > LARGEST_ID:
        raise ValueError("No row has this number.")
    if isinstance(value, str) and b"\0" in value.encode():
        raise ValueError("No text of ours holds a NUL, or half a character.")
    return value

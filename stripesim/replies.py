"""Idempotency keys: one key, one execution, one answer, for 24 hours."""

import hashlib
from dataclasses import dataclass

from stripesim.books import Books
from stripesim.errors import Failure

KEPT_FOR_SECONDS = 24 * 3600
LONGEST_KEY = 255

# A process that died in mid-request has undone its work; its claim on the key lapses.
CLAIM_LAPSES_SECONDS = 60


@dataclass(frozen=True)
class Reply:
    """The first answer to a key, to be repeated word for word."""

    request: str
    status: int
    body: str


def fingerprint(method: str, path: str, body: str) -> str:
    return hashlib.sha256(f"{method} {path}\n{body}".encode()).hexdigest()


def claim(books: Books, key: str, print_: str) -> Reply | None:
    """Take `key` for this request, or give the answer it already has.

    Refuses a key that is in flight (409) or that came with other parameters (400).
    """
    if not 0 < len(key) <= LONGEST_KEY:
        raise Failure(f"Idempotency-Key: 1 to {LONGEST_KEY} characters.", kind="idempotency_error")
    connection = books.connection
    connection.execute(
        "DELETE FROM replies WHERE claimed_at <= ? OR (status IS NULL AND claimed_at <= ?)",
        (books.now - KEPT_FOR_SECONDS, books.now - CLAIM_LAPSES_SECONDS),
    )
    row = connection.execute(
        "SELECT fingerprint, request, status, body FROM replies WHERE key = ?", (key,)
    ).fetchone()
    if row is None:
        connection.execute(
            "INSERT INTO replies (key, fingerprint, claimed_at, request) VALUES (?, ?, ?, ?)",
            (key, print_, books.now, books.request["id"]),
        )
        return None
    if row[0] != print_:
        raise Failure(
            "Keys for idempotent requests can only be used with the same parameters they were"
            f" first used with. Try using a key other than '{key}' if you meant to execute a"
            " different request.",
            kind="idempotency_error",
        )
    if row[2] is None:
        raise Failure(
            "There is currently another in-progress request using this Idempotency Key.",
            status=409,
            kind="idempotency_error",
            code="idempotency_key_in_use",
        )
    return Reply(*row[1:])


def keep(books: Books, key: str, status: int, body: str) -> None:
    books.connection.execute(
        "UPDATE replies SET status = ?, body = ? WHERE key = ?", (status, body, key)
    )


def release(books: Books, key: str) -> None:
    books.connection.execute("DELETE FROM replies WHERE key = ? AND status IS NULL", (key,))

"""The webhook pump: each event is sent, signed, until somebody says 2xx or three days are over."""

import hmac
import http.client
import logging
import sqlite3
import threading
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from stripesim.books import Books, Object
from stripesim.expiry import expire
from stripesim.simulator import Simulator
from stripesim.store import packed

log = logging.getLogger(__name__)

PAUSES_SECONDS = (5, 30, 300, 3600, 6 * 3600, 12 * 3600, 24 * 3600)
GIVEN_UP_AFTER_SECONDS = 3 * 24 * 3600
CLAIMED_FOR_SECONDS = 60
MOST_AT_ONCE = 100
NO_LIMIT = -1
ANSWER_WITHIN_SECONDS = 10
SOMEBODY_ELSES = "whsec_of_somebody_else"


@dataclass(frozen=True)
class Delivery:
    """One message that is due."""

    seq: int
    event: str
    kind: str
    payload: bytes
    signature: str


def sign(payload: bytes, secret: str, at: int) -> str:
    signed = hmac.new(secret.encode(), f"{at}.".encode() + payload, "sha256")
    return f"t={at},v1={signed.hexdigest()}"


def deliver(simulator: Simulator) -> list[dict[str, Any]]:
    """Send all that is due, and say what became of each."""
    settings = simulator.settings
    with simulator.books() as books:
        expire(books)
        due = [] if settings.webhook_url is None else claim(books, settings.webhook_secret)
    report = []
    for delivery in due:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Stripe-Signature": delivery.signature,
            "User-Agent": "Stripe/1.0 (simulator)",
        }
        assert settings.webhook_url is not None
        status = simulator.send(settings.webhook_url, delivery.payload, headers)
        with simulator.books() as books:
            settle(books, delivery, was_taken=200 <= status < 300)
        report.append({"event": delivery.event, "type": delivery.kind, "status": status})
    return report


def claim(books: Books, secret: str) -> list[Delivery]:
    is_any = "SELECT 1 FROM deliveries WHERE due_at <= ? LIMIT 1"
    if books.connection.execute(is_any, (books.now,)).fetchone() is None:
        return []
    # The last of all that is due can come first only if all of it is claimed.
    is_reordered = books.fault("reorder", "*") is not None
    most = NO_LIMIT if is_reordered else MOST_AT_ONCE
    rows = books.connection.execute(
        "UPDATE deliveries SET due_at = ? WHERE seq IN ("
        " SELECT seq FROM deliveries WHERE due_at <= ? ORDER BY seq LIMIT ?)"
        " RETURNING seq, event, is_forged",
        (books.now + CLAIMED_FOR_SECONDS, books.now, most),
    ).fetchall()
    due = []
    for seq, id, is_forged in sorted(rows):
        event = told(books, id)
        payload = packed(event).encode()
        signature = sign(payload, SOMEBODY_ELSES if is_forged else secret, books.now)
        due.append(Delivery(seq, id, event["type"], payload, signature))
    return due[::-1] if is_reordered else due


def told(books: Books, id: str) -> Object:
    """The event, whichever account it happened to."""
    return books.of(books.holder(id)).find("event", id)


def settle(books: Books, delivery: Delivery, *, was_taken: bool) -> None:
    first_at, attempts = books.connection.execute(
        "UPDATE deliveries SET attempts = attempts + 1 WHERE seq = ? RETURNING first_at, attempts",
        (delivery.seq,),
    ).fetchone()
    if was_taken:
        books.connection.execute(
            "UPDATE deliveries SET due_at = NULL, delivered_at = ? WHERE seq = ?",
            (books.now, delivery.seq),
        )
        event = told(books, delivery.event)
        event["pending_webhooks"] = 0
        books.save(event)
        return
    again_at = books.now + PAUSES_SECONDS[min(attempts, len(PAUSES_SECONDS)) - 1]
    due_at = again_at if again_at <= first_at + GIVEN_UP_AFTER_SECONDS else None
    books.connection.execute(
        "UPDATE deliveries SET due_at = ? WHERE seq = ?", (due_at, delivery.seq)
    )


def post(url: str, payload: bytes, headers: dict[str, str]) -> int:
    """Send one message over the network; 0 stands for no answer."""
    address = urlsplit(url)
    is_secure = address.scheme == "https"
    kind = http.client.HTTPSConnection if is_secure else http.client.HTTPConnection
    connection = kind(address.hostname or "", address.port, timeout=ANSWER_WITHIN_SECONDS)
    path = f"{address.path or '/'}?{address.query}" if address.query else address.path or "/"
    try:
        connection.request("POST", path, payload, headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


class Pump(threading.Thread):
    """Delivers in the background, beside the server's own threads."""

    def __init__(self, simulator: Simulator, *, pause_seconds: float = 0.5) -> None:
        super().__init__(name="stripesim-pump", daemon=True)
        self.simulator = simulator
        self.pause_seconds = pause_seconds
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.wait(self.pause_seconds):
            try:
                deliver(self.simulator)
            except sqlite3.OperationalError:
                # A busy or full disk passes; a pump that ended would fall silent for good.
                log.exception("The pump could not open the books; it tries again.")

    def end(self) -> None:
        self._ended.set()
        self.join()

"""Stripe's objects inside one open transaction: find, add, save, list, and tell of it."""

import json
import sqlite3
from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any

import stripe

from stripesim.errors import missing
from stripesim.store import new_id, packed

Object = dict[str, Any]

# The marks are filled in by `page`: names of columns cannot be parameters.
ONE_PAGE = """
SELECT body FROM objects
WHERE object = :kind AND account = :account
  {wanted}
  AND created BETWEEN :earliest AND :latest
  AND (:after IS NULL OR seq < (SELECT seq FROM objects WHERE id = :after))
  AND (:before IS NULL OR seq > (SELECT seq FROM objects WHERE id = :before))
  AND (:types IS NULL OR EXISTS (
    SELECT 1 FROM json_each(:types) AS wanted
    WHERE json_extract(body, '$.type') GLOB wanted.value))
  AND (:delivered IS NULL OR :delivered = (
    EXISTS (SELECT 1 FROM deliveries WHERE event = id)
    AND NOT EXISTS (SELECT 1 FROM deliveries WHERE event = id AND delivered_at IS NULL)))
ORDER BY seq {direction}
LIMIT :limit + 1
"""

FOREVER = 2**62


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong on order: for how long, or in how many copies."""

    seconds: int
    copies: int


class Books:
    """All objects, as seen and changed by one request at one moment of the simulator's clock.

    They belong to the platform or to a connected account, and each sees its own.
    """

    def __init__(
        self, connection: sqlite3.Connection, *, now: int, public_url: str, has_webhook: bool
    ) -> None:
        self.connection = connection
        self.now = self.present = now
        self.public_url = public_url
        self.has_webhook = has_webhook
        self.account = ""
        self.request: Mapping[str, str | None] = {"id": None, "idempotency_key": None}

    def of(self, account: str) -> "Books":
        """The same books, as the connected account sees and changes them; "" is the platform."""
        books = copy(self)
        books.account = account
        return books

    def at(self, moment: int) -> "Books":
        """The same books at an earlier moment, for what was due then; messages leave now."""
        books = copy(self)
        books.now = moment
        return books

    def find(self, kind: str, id: str, param: str = "id") -> Object:
        query = "SELECT body FROM objects WHERE id = ? AND object = ? AND account = ?"
        row = self.connection.execute(query, (id, kind, self.account)).fetchone()
        if row is None:
            raise missing(kind, id, param)
        body: Object = json.loads(row[0])
        return body

    def look_up(self, id: str) -> Object | None:
        row = self.connection.execute("SELECT body FROM objects WHERE id = ?", (id,)).fetchone()
        if row is None:
            return None
        body: Object = json.loads(row[0])
        return body

    def holder(self, id: str) -> str:
        """The account that an object belongs to."""
        query = "SELECT account FROM objects WHERE id = ?"
        row = self.connection.execute(query, (id,)).fetchone()
        return "" if row is None else str(row[0])

    def private(self, id: str) -> Object:
        """What the simulator knows of an object and Stripe would never tell."""
        query = "SELECT private FROM objects WHERE id = ?"
        (text,) = self.connection.execute(query, (id,)).fetchone()
        known: Object = json.loads(text)
        return known

    def add(self, body: Object, **private: Any) -> Object:
        self.connection.execute(
            "INSERT INTO objects (id, object, account, created, body, private)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (body["id"], body["object"], self.account, self.now, packed(body), packed(private)),
        )
        return body

    def save(self, body: Object, **private: Any) -> Object:
        known = {**self.private(body["id"]), **private}
        self.connection.execute(
            "UPDATE objects SET body = ?, private = ? WHERE id = ?",
            (packed(body), packed(known), body["id"]),
        )
        return body

    def set_deadline(self, id: str, due_at: int | None) -> None:
        self.connection.execute("UPDATE objects SET due_at = ? WHERE id = ?", (due_at, id))

    def remove(self, id: str) -> None:
        self.connection.execute("DELETE FROM objects WHERE id = ?", (id,))

    def next_due(self) -> tuple["Books", Object] | None:
        """What was due first of all that is due, in the books of its account at that moment."""
        row = self.connection.execute(
            "SELECT body, account, due_at FROM objects WHERE due_at <= ?"
            " ORDER BY due_at, seq LIMIT 1",
            (self.now,),
        ).fetchone()
        return None if row is None else (self.of(row[1]).at(row[2]), json.loads(row[0]))

    def page(
        self,
        kind: str,
        given: Object,
        url: str,
        *,
        where: Object | None = None,
        types: list[str] | None = None,
        delivered: bool | None = None,
    ) -> Object:
        """One page of objects, newest first."""
        earliest, latest = span(given.get("created"))
        limit = min(max(given.get("limit", 10), 1), 100)
        after, before = given.get("starting_after"), given.get("ending_before")
        for cursor, name in ((after, "starting_after"), (before, "ending_before")):
            if cursor is not None:
                self.find(kind, cursor, name)
        wanted = {name: value for name, value in (where or {}).items() if value is not None}
        clauses = (f"AND json_extract(body, '$.{name}') = :{name}" for name in wanted)
        query = ONE_PAGE.format(
            wanted=" ".join(clauses), direction="DESC" if before is None else "ASC"
        )
        rows = self.connection.execute(
            query,
            {
                **wanted,
                "kind": kind,
                "account": self.account,
                "earliest": earliest,
                "latest": latest,
                "after": after,
                "before": before,
                "types": None if types is None else packed(types),
                "delivered": delivered,
                "limit": limit,
            },
        ).fetchall()
        found = [json.loads(body) for (body,) in rows]
        return {
            "object": "list",
            "url": url,
            "has_more": len(found) > limit,
            "data": found[:limit] if before is None else found[:limit][::-1],
        }

    def tell(self, kind: str, body: Object) -> None:
        """Write the event that `kind` happened to `body`, and queue it for the webhook."""
        event = {
            "id": new_id("evt"),
            "object": "event",
            "api_version": stripe.api_version,
            "created": self.now,
            "data": {"object": body},
            "livemode": False,
            "pending_webhooks": 1 if self.has_webhook else 0,
            "request": dict(self.request),
            "type": kind,
        }
        if self.account:
            event["account"] = self.account
        self.add(event)
        if self.has_webhook:
            self._queue(event)

    def _queue(self, event: Object) -> None:
        kind = event["type"]
        dropped = self.fault("drop", kind) is not None
        delayed = self.fault("delay", kind)
        repeated = self.fault("duplicate", kind)
        forged = self.fault("bad_signature", kind) is not None
        due_at = None if dropped else self.now + (delayed.seconds if delayed else 0)
        for _ in range(repeated.copies if repeated else 1):
            self.connection.execute(
                "INSERT INTO deliveries (event, due_at, first_at, is_forged) VALUES (?, ?, ?, ?)",
                (event["id"], due_at, self.present, forged),
            )

    def fault(self, kind: str, subject: str) -> Fault | None:
        """Use up one ordered fault of `kind` that matches `subject`."""
        row = self.connection.execute(
            "UPDATE faults SET remaining = remaining - 1 WHERE seq = ("
            " SELECT seq FROM faults WHERE kind = ? AND remaining > 0 AND ? GLOB match"
            " ORDER BY seq LIMIT 1) RETURNING seconds, copies",
            (kind, subject),
        ).fetchone()
        return None if row is None else Fault(*row)


def span(created: int | Object | None) -> tuple[int, int]:
    if created is None:
        return 0, FOREVER
    if isinstance(created, int):
        return created, created
    earliest = max(created.get("gte", 0), created.get("gt", -1) + 1)
    latest = min(created.get("lte", FOREVER), created.get("lt", FOREVER + 1) - 1)
    return earliest, latest

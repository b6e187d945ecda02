"""One SQLite file holds all the simulator knows; a request is one transaction upon it."""

import json
import secrets
import sqlite3
import string
import threading
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    object TEXT NOT NULL,
    account TEXT NOT NULL,
    created INTEGER NOT NULL,
    due_at INTEGER,
    body TEXT NOT NULL,
    private TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS objects_of_a_kind ON objects (object, account, seq);
CREATE INDEX IF NOT EXISTS objects_of_an_intent
    ON objects (json_extract(body, '$.payment_intent'), object);
CREATE INDEX IF NOT EXISTS objects_of_a_charge ON objects (json_extract(body, '$.charge'), object);
CREATE INDEX IF NOT EXISTS objects_of_a_group
    ON objects (json_extract(body, '$.transfer_group'), object);
CREATE INDEX IF NOT EXISTS objects_of_a_source ON objects (json_extract(body, '$.source'), object);
CREATE INDEX IF NOT EXISTS balances ON objects (
    account,
    json_extract(body, '$.currency'),
    json_extract(body, '$.available_on'),
    json_extract(body, '$.net')
) WHERE object = 'balance_transaction';
CREATE INDEX IF NOT EXISTS objects_due ON objects (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS replies (
    key TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    claimed_at INTEGER NOT NULL,
    request TEXT NOT NULL,
    status INTEGER,
    body TEXT
);
CREATE TABLE IF NOT EXISTS deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL,
    due_at INTEGER,
    first_at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    is_forged INTEGER NOT NULL DEFAULT 0,
    delivered_at INTEGER
);
CREATE INDEX IF NOT EXISTS deliveries_of_an_event ON deliveries (event);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE IF NOT EXISTS faults (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    remaining INTEGER NOT NULL,
    seconds INTEGER NOT NULL,
    copies INTEGER NOT NULL,
    match TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS clock (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    offset_seconds INTEGER NOT NULL
);
INSERT OR IGNORE INTO clock VALUES (1, 0);
"""

ALPHABET = string.ascii_letters + string.digits

MEMORY = ":memory:"


def new_id(prefix: str, length: int = 24) -> str:
    return f"{prefix}_" + "".join(secrets.choice(ALPHABET) for _ in range(length))


class Store:
    """The database file, opened anew for each transaction; `:memory:` lives as long as the store.

    Transactions of one process queue on a lock, those of several on SQLite's own.
    """

    def __init__(self, database: Path | str) -> None:
        self.database = str(database)
        self._lock = threading.Lock()
        self._kept: sqlite3.Connection | None = None
        if self.database == MEMORY:
            self._kept = self._open()
            weakref.finalize(self, self._kept.close)
            self._kept.executescript(SCHEMA)
            return
        Path(self.database).parent.mkdir(parents=True, exist_ok=True)
        with closing(self._open()) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(SCHEMA)

    def _open(self) -> sqlite3.Connection:
        return sqlite3.connect(
            self.database, timeout=30, isolation_level=None, check_same_thread=False
        )

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Keep all of what the block did, or none of it."""
        with self._lock:
            connection = self._kept or self._open()
            try:
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                except BaseException:
                    connection.rollback()
                    raise
                connection.commit()
            finally:
                if connection is not self._kept:
                    connection.close()


def packed(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)

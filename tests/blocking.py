"""Blocking: a test holds a lock until somebody else waits for it."""

import time

from sqlalchemy import text
from sqlalchemy.orm import Session

SECONDS = 10
WAITS = text(
    "SELECT EXISTS (SELECT FROM pg_locks"
    " WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
)


def until_one_waits(session: Session) -> None:
    """Return when another transaction waits for a lock that this session holds."""
    until = time.monotonic() + SECONDS
    while not session.scalar(WAITS):
        assert time.monotonic() < until, "Nobody waits."
        time.sleep(0.02)

"""Counting statements: a list must not ask once for each of its rows."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

# What the tests themselves add to the application's statements.
UNCOUNTED = ("SAVEPOINT", "RELEASE", "ROLLBACK", "SET CONSTRAINTS", "DO 'BEGIN SET CONSTRAINTS")


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    """The SQL that is sent while the block runs, in order; the tests' own are not counted."""
    statements: list[str] = []
    connection = session.connection()

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith(UNCOUNTED):
            statements.append(statement)

    event.listen(connection, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(connection, "before_cursor_execute", note)

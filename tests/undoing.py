"""One world for many tries: what a try does is undone, what was made before it stays."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session


@contextmanager
def undone(session: Session) -> Iterator[None]:
    """Undo what happens inside, whatever was committed in it by the session or the application."""
    session.commit()
    connection = session.connection()
    # Without that of the tests, which begins anew at once: the savepoint has to stand around.
    Session.commit(session)
    before = connection.begin_nested()
    try:
        yield
    finally:
        Session.rollback(session)
        session.expire_all()
        before.rollback()

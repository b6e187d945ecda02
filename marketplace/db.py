"""The database at the door: one session a request, one transaction an act, one clock."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from flask import Flask, current_app, g
from psycopg import Column, Cursor, Error, OperationalError
from sqlalchemy import (
    ColumnElement,
    Connection,
    DateTime,
    Engine,
    create_engine,
    event,
    literal,
    select,
    text,
)
from sqlalchemy.exc import DisconnectionError, SQLAlchemyError
from sqlalchemy.orm import ORMExecuteState, Session, sessionmaker
from sqlalchemy.sql import func

from marketplace.config import Settings

_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)
_CLOCK: ColumnElement[datetime] = func.clock_timestamp()
_NOW = select(_CLOCK)

# Testing a connection costs a round trip; one that was in use this short while ago is alive.
RESTED_SECONDS = 1.0


class Columns(Sequence[Column]):
    """What a result consists of, made out only when somebody looks at it.

    SQLAlchemy looks at it the first time that it sees a statement, and psycopg makes it out at
    every time, which is a twelfth of what a page costs.
    """

    def __init__(self, made: Callable[[], list[Column] | None]) -> None:
        self._made = made

    @cached_property
    def _all(self) -> list[Column]:
        return self._made() or []

    def __len__(self) -> int:
        return len(self._all)

    def __getitem__(self, at: Any) -> Any:
        return self._all[at]


class LazyCursor(Cursor[Any]):
    """A cursor that describes its columns to whoever asks, and to nobody else."""

    @property
    def description(self) -> Any:
        result = self.pgresult
        if result is None or not result.nfields:
            return super().description
        return Columns(lambda: super(LazyCursor, self).description)


def engine_for(settings: Settings) -> Engine:
    """A pool of connections; those that rested are tested first, so a restart goes unnoticed."""
    url = settings.database_url.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(
        url,
        pool_size=settings.db_pool_size,
        max_overflow=settings.db_pool_size,
        # Sums and rules are decided under row locks; they read what is committed by then.
        isolation_level="READ COMMITTED",
        connect_args={"options": "-c timezone=UTC", "cursor_factory": LazyCursor},
    )
    event.listen(engine, "checkin", _note_rest)
    event.listen(engine, "checkout", _test_rested)
    return engine


def _note_rest(_connection: Any, record: Any) -> None:
    record.info["rests_since"] = time.monotonic()


def _test_rested(connection: Any, record: Any, _proxy: Any) -> None:
    """Test a connection that was not used just now: no server is restarted within a second."""
    if time.monotonic() - record.info.get("rests_since", time.monotonic()) < RESTED_SECONDS:
        return
    try:
        connection.execute("SELECT 1")
        connection.commit()
    except OperationalError:
        # The pool then throws it away and offers another one.
        raise DisconnectionError from None


def init_app(app: Flask, settings: Settings) -> None:
    engine = engine_for(settings)
    app.extensions["engine"] = engine
    app.extensions["sessions"] = sessionmaker(engine, class_=OneSession, expire_on_commit=False)

    @app.teardown_appcontext
    def close(_error: BaseException | None) -> None:
        current = g.pop("db_session", None)
        if current is not None:
            current.close()


class OneSession(Session):
    """Ends what only read by a commit, anything else that was left open by a rollback.

    At a rollback psycopg forgets every statement it has prepared, and to plan one takes the
    database longer than to carry it out.
    """

    def close(self) -> None:
        used = self.info.pop("used", None)
        is_open = used is not None and self.in_transaction() and not used.invalidated
        if is_open and not self.info.get("wrote"):
            # Past the session, which would write what a page has changed only to show it.
            try:
                used.connection.commit()
            except Error:
                # The database is gone, and the pool must not keep what led to it.
                used.invalidate()
        super().close()


@event.listens_for(OneSession, "after_begin")
def _note_connection(current: Session, _transaction: Any, connection: Connection) -> None:
    current.info["used"] = connection


@event.listens_for(OneSession, "after_flush")
def _note_flush(current: Session, _context: Any) -> None:
    current.info["wrote"] = True


@event.listens_for(OneSession, "do_orm_execute")
def _note_statement(state: ORMExecuteState) -> None:
    # A statement in words that says which columns it gives may write as well.
    if not state.is_select or state.statement.is_text:
        state.session.info["wrote"] = True


def session() -> Session:
    """The session of this request or job. Reading needs no transaction of its own."""
    if "db_session" not in g:
        g.db_session = current_app.extensions["sessions"]()
    current: Session = g.db_session
    return current


@contextmanager
def transaction() -> Iterator[Session]:
    """Keep all of what the block did, or none of it."""
    current = session()
    if current.info.get("in_transaction"):
        raise RuntimeError("One act, one transaction: this one is inside another.")
    current.info["in_transaction"] = True
    try:
        yield current
        # What is promised for the end of the transaction is asked for by this.
        current.commit()
    except BaseException:
        current.rollback()
        raise
    finally:
        del current.info["in_transaction"]
        current.info.pop("wrote", None)


def end_reading() -> None:
    """End the transaction that reading began: none may be open while a gateway is asked.

    By a commit: at a rollback psycopg forgets every statement it has prepared.
    """
    with transaction():
        pass


def let_go() -> None:
    """Roll back to the end of the last act: no lock is held, and nothing is kept."""
    session().rollback()


@contextmanager
def trial() -> Iterator[Session]:
    """Do what the block does only to see what would come of it: nothing of it is kept."""
    try:
        yield session()
    finally:
        let_go()


def now(current: Session) -> datetime:
    """The database's clock: one for all machines. Read it after the lock, once for an act."""
    fixed = _moment.get()
    if fixed is not None:
        return fixed
    read: datetime = current.execute(_NOW).scalar_one()
    return read.astimezone(UTC)


def asked_at(current: Session) -> datetime:
    """When this request was made, by the database's clock; read once, for pages that only read."""
    if "asked_at" not in g:
        g.asked_at = now(current)
    moment: datetime = g.asked_at
    return moment


def clock() -> ColumnElement[datetime]:
    """The clock as a column, to be read along with what is asked anyway."""
    fixed = _moment.get()
    return _CLOCK if fixed is None else literal(fixed, DateTime(timezone=True))


def note_asked_at(moment: datetime) -> None:
    """Keep the moment that was read along: this request need not ask for it again."""
    g.setdefault("asked_at", moment.astimezone(UTC))


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Let everything in the block happen at `moment`: for tests and the demo's history."""
    token = _moment.set(moment)
    try:
        yield
    finally:
        _moment.reset(token)


def is_reachable(engine: Engine) -> bool:
    """Whether the database answers, for `/readyz`."""
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError:
        return False
    return True

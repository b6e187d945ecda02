"""A database of its own for each run, a transaction of its own for each test, a fixed cast.

Alice organises, Bob takes part, Charlie is a stranger, Dana moderates and operates.
"""

import os
import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import hypothesis
import pytest
from _pytest import runner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from marketplace import create_app, schema
from marketplace.config import Settings
from models.actors import Actor
from services import ledger, passwords, sessions
from tests import make
from tests.make_members import session_behind

# How fast a machine is says nothing about what is true.
hypothesis.settings.register_profile(
    "allmende", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("allmende")

SERVER = os.environ.get("TEST_DATABASE_URL", "postgresql:///postgres")
# File by file: a small database is copied in a quarter of the time.
COPIED = "STRATEGY FILE_COPY TEMPLATE"
PASSWORD_MEMORY_KIB = 64
# Of eight bytes each.
STACK_SLOTS = 60_000
Result = TypeVar("Result")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, and beside it with what mostly waits for other processes.

    Of two workers (`-n 2 --dist worksteal`) the first begins at the first test, the second in the
    middle; the rest stands in whatever order. Browsers keep more than one processor busy, and what
    waits keeps none.
    """
    browsing = [item for item in items if "test_axe" in item.nodeid]
    waiting = [item for item in items if "tests/launcher" in item.nodeid]
    placed = {*browsing, *waiting}
    others = [item for item in items if item not in placed]
    middle = max(len(items) // 2 - len(browsing), 0)
    items[:] = [*browsing, *others[:middle], *waiting, *others[middle:]]


def with_room(call: Callable[..., Result], *given: Any) -> Result:
    """Call from a frame so large that all the frames above it lie in one piece of memory.

    CPython keeps frames in pieces of 16 KiB. Where the calls of a loop cross from one piece into
    the next, each of them has the system give a piece and take it back: in the deepest tests that
    took a fifth of the time.
    """
    return call(*given)


with_room.__code__ = with_room.__code__.replace(co_stacksize=STACK_SLOTS)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    # A wrapper would be a generator, whose frame lies beside those of the test and not below them.
    return with_room(runner.pytest_runtest_protocol, item, nextitem)


def url_of(name: str) -> str:
    head, _, tail = SERVER.partition("?")
    return head.rsplit("/", 1)[0] + "/" + name + (f"?{tail}" if tail else "")


def driver_url(url: str) -> str:
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def drop(connection: Connection, name: str) -> None:
    """Drop a database; one that is being vacuumed belongs to the server itself for a moment."""
    for _ in range(100):
        try:
            connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        except ProgrammingError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"The database {name} is in use and cannot be dropped.")


@pytest.fixture(scope="session")
def server() -> Iterator[Engine]:
    engine = create_engine(driver_url(SERVER), isolation_level="AUTOCOMMIT")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def template(server: Engine) -> Iterator[str]:
    """The name of a database that holds the schema, the currencies and nothing else."""
    name = f"test_{os.getpid()}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    with server.connect() as connection:
        drop(connection, name)
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine = create_engine(driver_url(url_of(name)))
    with engine.begin() as connection:
        schema.build(connection)
        make.currencies(connection)
    engine.dispose()
    yield name
    with server.connect() as connection:
        drop(connection, name)


@pytest.fixture(scope="session")
def settings(
    server: Engine, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    # A copy: a database that is in use cannot be copied again for the next.
    name = f"{template}_app"
    with server.connect() as connection:
        drop(connection, name)
        connection.execute(text(f"CREATE DATABASE {name} {COPIED} {template}"))
    yield Settings(
        database_url=url_of(name),
        secret_key="for tests only " * 4,
        mail_url=f"file:{tmp_path_factory.mktemp('mail')}",
        public_url="http://localhost",
        log_level="CRITICAL",
        api_rate_limit="100000 per minute",
        password_memory_kib=PASSWORD_MEMORY_KIB,
    )
    with server.connect() as connection:
        drop(connection, name)


def keep_prepared(connection: Any, _record: Any) -> None:
    """Every test ends with a rollback, at which psycopg forgets what it has prepared.

    It does so for the sake of tables that were made in between, and no test makes any. To plan
    statements anew takes a fifth of the time of all tests.
    """
    connection.prepared_max = 1_000
    connection._prepared.clear = lambda: False


@pytest.fixture(scope="session")
def whole_app(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings)
    app.config["TESTING"] = True
    app.config["PROPAGATE_EXCEPTIONS"] = True
    event.listen(app.extensions["engine"], "connect", keep_prepared)
    yield app
    app.extensions["engine"].dispose()


# What leaves the database as it is. Procrastinate's functions write though they are selected.
READS = re.compile(r"SELECT (?!procrastinate)|SAVEPOINT|RELEASE|ROLLBACK TO")


class SharedSession(Session):
    """The one session that a test and the application under it use; it outlives a request."""

    has_written = True

    def note(self, _connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        self.has_written = self.has_written or not READS.match(statement)

    def close(self) -> None:
        self.expire_all()

    def commit(self) -> None:
        # Nothing is really committed here, so what is promised for the end is asked for by hand.
        self.flush()
        if not self.has_written:
            return
        # The transaction around the test goes on, with promises due at its acts' ends again. Said
        # before the savepoint is kept: the rollback of the next one would take it back.
        self.connection().exec_driver_sql(
            "DO 'BEGIN SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED; END'"
        )
        super().commit()
        self.has_written = False


@pytest.fixture
def session(whole_app: Flask) -> Iterator[Session]:
    """A session whose work is undone after the test, when the books have been checked."""
    with whole_app.extensions["engine"].connect() as connection:
        outer = connection.begin()
        shared = SharedSession(
            connection, join_transaction_mode="create_savepoint", expire_on_commit=False
        )
        event.listen(connection, "before_cursor_execute", shared.note)
        yield shared
        shared.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        assert ledger.verify(shared) == []
        Session.close(shared)
        outer.rollback()


@pytest.fixture(autouse=True)
def cheap_passwords() -> None:
    """Hash with little memory, whatever a test before this one set for the whole process."""
    passwords.use_memory(PASSWORD_MEMORY_KIB)


@pytest.fixture
def app(whole_app: Flask, session: Session) -> Iterator[Flask]:
    def shared() -> Session:
        # What the test has prepared stands, whatever becomes of the request.
        session.commit()
        return session

    whole_app.extensions["sessions"], before = shared, whole_app.extensions["sessions"]
    yield whole_app
    whole_app.extensions["sessions"] = before


@pytest.fixture
def now() -> datetime:
    """A Saturday morning on which nothing else happens."""
    return datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A stranger's browser."""
    return app.test_client()


@pytest.fixture
def browser_of(app: Flask, session: Session) -> Callable[[Actor], FlaskClient]:
    """A signed-in browser for whoever is given."""

    def sign_in(actor: Actor) -> FlaskClient:
        token = sessions.start(session, actor.member, user_agent="test", now=datetime.now(UTC))
        if actor.participant is not actor.member.participant:
            signed_in = session_behind(session, token, now=datetime.now(UTC))
            assert signed_in is not None
            signed_in.acting_as_id = actor.participant.id
        session.flush()
        browser = app.test_client()
        with browser.session_transaction() as cookie:
            cookie["sid"] = token
        return browser

    return sign_in


@pytest.fixture
def alice(session: Session, now: datetime) -> Actor:
    return make.actor(session, "Alice", now=now)


@pytest.fixture
def bob(session: Session, now: datetime) -> Actor:
    return make.actor(session, "Bob", now=now)


@pytest.fixture
def charlie(session: Session, now: datetime) -> Actor:
    return make.actor(session, "Charlie", now=now)


@pytest.fixture
def dana(session: Session, now: datetime) -> Actor:
    return make.actor(session, "Dana", roles=["moderator", "operator"], now=now)


@pytest.fixture
def as_alice(browser_of: Callable[[Actor], FlaskClient], alice: Actor) -> FlaskClient:
    return browser_of(alice)


@pytest.fixture
def as_bob(browser_of: Callable[[Actor], FlaskClient], bob: Actor) -> FlaskClient:
    return browser_of(bob)


@pytest.fixture
def as_charlie(browser_of: Callable[[Actor], FlaskClient], charlie: Actor) -> FlaskClient:
    return browser_of(charlie)


@pytest.fixture
def as_dana(browser_of: Callable[[Actor], FlaskClient], dana: Actor) -> FlaskClient:
    return browser_of(dana)


@pytest.fixture
def real_database(server: Engine, template: str) -> Iterator[str]:
    """The URL of a fresh database in which commits are real: for races and killed workers."""
    name = f"{template}_{os.urandom(4).hex()}"
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} {COPIED} {template}"))
    yield url_of(name)
    with server.connect() as connection:
        drop(connection, name)


@pytest.fixture
def real_app(real_database: str, settings: Settings, tmp_path: Path) -> Iterator[Flask]:
    """An application on that database, with sessions and transactions of its own."""
    from dataclasses import replace

    app = create_app(
        replace(settings, database_url=real_database, mail_url=f"file:{tmp_path}", db_pool_size=30)
    )
    app.config["TESTING"] = True
    yield app
    app.extensions["engine"].dispose()

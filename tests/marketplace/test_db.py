"""The session of a request: how it ends, and what it leaves behind in the connection."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import column, create_engine, func, select, text, update
from sqlalchemy.orm import Session

from marketplace import db
from models.participants import Participant
from tests import make

PREPARED = "SELECT count(*) FROM pg_prepared_statements"


@pytest.fixture
def alice(real_app: Flask) -> str:
    """The name of somebody who is there for good."""
    with real_app.app_context(), db.transaction() as session:
        return make.actor(session, "Alice", now=datetime.now(UTC)).participant.name


def names(session: Session) -> list[str]:
    return list(session.scalars(select(Participant.name)))


def test_what_reading_has_prepared_stays_prepared(real_app: Flask, alice: str) -> None:
    for _ in range(8):
        with real_app.app_context():
            assert names(db.session()) == [alice]

    with real_app.app_context():
        assert db.session().execute(text(PREPARED)).scalar_one() > 0


def test_reading_ends_before_a_gateway_is_asked_and_leaves_what_it_prepared(
    real_app: Flask, alice: str
) -> None:
    with real_app.app_context():
        for _ in range(8):
            assert names(db.session()) == [alice]
            db.end_reading()
            assert not db.session().in_transaction()

        assert db.session().execute(text(PREPARED)).scalar_one() > 0


def _changed(session: Session) -> None:
    """Changed only to be shown, and written by the next question."""
    session.scalars(select(Participant)).one().name = "Somebody else"
    session.scalars(select(Participant.id)).all()


def _updated(session: Session) -> None:
    session.execute(update(Participant).values(name="Somebody else"))


def _typed(session: Session) -> None:
    session.execute(text("UPDATE participants SET name = 'Somebody else'"))


def _typed_with_columns(session: Session) -> None:
    written = "UPDATE participants SET name = 'Somebody else' RETURNING id"
    session.execute(text(written).columns(column("id"))).all()


def _pending(session: Session) -> None:
    session.scalars(select(Participant)).one().name = "Somebody else"


@pytest.mark.parametrize("write", [_changed, _updated, _typed, _typed_with_columns, _pending])
def test_what_is_written_outside_an_act_is_not_kept(
    real_app: Flask, alice: str, write: Callable[[Session], None]
) -> None:
    with real_app.app_context():
        write(db.session())

    with real_app.app_context():
        assert names(db.session()) == [alice]


def test_after_an_act_reading_ends_as_before(real_app: Flask, alice: str) -> None:
    with real_app.app_context():
        with db.transaction() as session:
            session.execute(update(Participant).values(name="Bob"))
        _pending(db.session())
        assert "wrote" not in db.session().info

    with real_app.app_context():
        assert names(db.session()) == ["Bob"]


def test_a_session_ends_quietly_when_the_database_is_gone(real_app: Flask, alice: str) -> None:
    with real_app.app_context():
        assert names(db.session()) == [alice]
        pid = db.session().execute(select(func.pg_backend_pid())).scalar_one()
        with real_app.extensions["engine"].connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})

    with real_app.app_context():
        assert names(db.session()) == [alice]


def test_a_question_that_failed_ends_quietly(real_app: Flask, alice: str) -> None:
    with real_app.app_context(), pytest.raises(Exception, match="nothing"):
        db.session().execute(text("SELECT nothing"))

    with real_app.app_context():
        assert names(db.session()) == [alice]


def test_a_database_that_is_not_there_is_not_reachable() -> None:
    nowhere = create_engine("postgresql+psycopg://localhost:1/nowhere")

    assert not db.is_reachable(nowhere)


def test_a_mistake_of_ours_is_not_taken_for_a_database_that_is_gone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = create_engine("postgresql+psycopg://localhost:1/nowhere")
    monkeypatch.setattr(engine, "connect", None)

    with pytest.raises(TypeError):
        db.is_reachable(engine)

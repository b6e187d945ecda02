"""Work for later, written in the same transaction as what causes it: none is lost or invented."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from procrastinate import App, SyncPsycopgConnector
from procrastinate.jobs import JobDeferrer
from procrastinate.types import JSONValue
from sqlalchemy.orm import Session

# It only writes jobs, on the session's own connection; it is never opened itself.
_app = App(connector=SyncPsycopgConnector())


def defer(
    session: Session, task: str, *, at: datetime | None = None, **arguments: JSONValue
) -> None:
    """Have a worker run `task` after this transaction, not before `at`.

    A job may run more than once, so every task is safe to repeat.
    """
    _deferrer(session, task, at).defer(**arguments)


@dataclass(frozen=True)
class Later:
    """A task with its arguments, not to be run before `at`."""

    task: str
    arguments: Mapping[str, JSONValue]
    at: datetime | None = None


def defer_all(session: Session, jobs: Sequence[Later]) -> None:
    """Have a worker run several tasks after this transaction, written in one statement."""
    if jobs:
        made = [_deferrer(session, one.task, one.at).make_new_job(**one.arguments) for one in jobs]
        connection = session.connection().connection.driver_connection
        _app.job_manager.batch_defer_jobs(made, connection=connection)


def defer_many(session: Session, task: str, arguments: Sequence[dict[str, JSONValue]]) -> None:
    """Have a worker run `task` once for each of `arguments`, written in one statement."""
    if arguments:
        _deferrer(session, task, None).batch_defer(*arguments)


def _deferrer(session: Session, task: str, at: datetime | None) -> JobDeferrer:
    session.flush()
    connection = session.connection().connection.driver_connection
    return _app.configure_task(task, allow_unknown=True, connection=connection, schedule_at=at)

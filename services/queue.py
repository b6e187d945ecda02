"""Work for later, written in the same transaction as what causes it: none is lost or invented."""

from collections.abc import Mapping, Sequence
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


def defer_many(session: Session, task: str, arguments: Sequence[Mapping[str, JSONValue]]) -> None:
    """Have a worker run `task` once for each of `arguments`, written in one statement."""
    if arguments:
        _deferrer(session, task, None).batch_defer(*map(dict, arguments))


def _deferrer(session: Session, task: str, at: datetime | None) -> JobDeferrer:
    session.flush()
    connection = session.connection().connection.driver_connection
    return _app.configure_task(task, allow_unknown=True, connection=connection, schedule_at=at)

"""Background work: each task is a short door to one act, safe to run more than once."""

import importlib
import pkgutil
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from flask import Flask
from procrastinate import App, JobContext, PsycopgConnector, RetryStrategy
from prometheus_client import CollectorRegistry, Counter, Histogram

from marketplace import db
from services import operations

log = structlog.get_logger()

Task = Callable[..., None]
TASKS: dict[str, Task] = {}
# When a task is done, as a crontab says it. The sweep finds every deadline whose job got lost.
PERIODIC: dict[str, str] = {}

RETRY = RetryStrategy(max_attempts=10, exponential_wait=3)
CONCURRENCY = 4
POLL_SECONDS = 1.0
# A worker that gave no sign of life for so long is dead; its jobs are taken over.
STALLED_SECONDS = 30.0
GRACE_SECONDS = 30.0

METRICS = CollectorRegistry()
DONE = Counter("allmende_jobs", "Jobs, by task and outcome", ["task", "outcome"], registry=METRICS)
TOOK = Histogram("allmende_job_seconds", "How long jobs took", ["task"], registry=METRICS)


def task(name: str, *, every: str = "") -> Callable[[Task], Task]:
    """Register a task under `name`; `every` is a crontab line for those that recur."""

    def register(run: Task) -> Task:
        TASKS[name] = run
        if every:
            PERIODIC[name] = every
        return run

    return register


def discover() -> None:
    """Register the tasks of every feature: `marketplace/<feature>/tasks.py`, where there is one."""
    here = Path(__file__).parent
    for found in pkgutil.iter_modules([str(here)]):
        if found.ispkg and (here / found.name / "tasks.py").exists():
            importlib.import_module(f"marketplace.{found.name}.tasks")


def worker_app(app: Flask, database_url: str) -> App:
    """The Procrastinate application of a worker: every task inside the Flask application."""
    queue = App(connector=PsycopgConnector(conninfo=database_url))
    for name, run in TASKS.items():
        registered = queue.task(name=name, retry=RETRY)(_inside(app, name, run))
        if name in PERIODIC:
            queue.periodic(cron=PERIODIC[name])(registered)
    # A job that ends while it is looked at makes the look fail, with others still to be taken over.
    queue.task(name="jobs.retry_stalled", pass_context=True, retry=RETRY)(_retry_stalled)
    queue.periodic(cron="* * * * *")(queue.tasks["jobs.retry_stalled"])
    return queue


def work(app: Flask, database_url: str, *, until_empty: bool = False) -> None:
    """Do jobs until this process is told to stop, or until none is due.

    At INT or TERM no new job is begun, and those begun have half a minute to finish.
    """
    queue = worker_app(app, database_url)
    with queue.open():
        queue.run_worker(
            concurrency=CONCURRENCY,
            wait=not until_empty,
            fetch_job_polling_interval=POLL_SECONDS,
            # Listening would bring back the NOTIFY that our schema switches off.
            listen_notify=False,
            delete_jobs="successful",
            shutdown_graceful_timeout=GRACE_SECONDS,
            stalled_worker_timeout=STALLED_SECONDS,
        )


def _inside(app: Flask, name: str, run: Task) -> Task:
    def within(timestamp: int | None = None, **arguments: Any) -> None:
        began = time.perf_counter()
        with app.app_context():
            try:
                run(**arguments)
            except BaseException as error:
                DONE.labels(name, "failed").inc()
                log.exception("job", task=name, error=type(error).__name__, **arguments)
                raise
        took = time.perf_counter() - began
        DONE.labels(name, "done").inc()
        TOOK.labels(name).observe(took)
        log.info("job", task=name, ms=round(took * 1000, 1))

    return within


async def _retry_stalled(context: JobContext, timestamp: int) -> None:
    """Take over the jobs of a worker that was killed in the middle of them."""
    manager = context.app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        await manager.retry_job(job)


def run_due(*, at: datetime) -> int:
    """Run, here and now, all jobs due at `at`, in order; how many. For tests and the demo.

    The clock stands at `at` for each of them. What they defer is run too if it is due.
    """
    count = 0
    while True:
        with db.transaction() as session:
            taken = operations.take_due(session, at=at)
        if taken is None:
            return count
        name, arguments = taken
        with db.at(at):
            TASKS[name](**arguments)
        count += 1

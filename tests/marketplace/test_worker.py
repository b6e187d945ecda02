"""Real workers, real commits: what a killed worker left is done by the next one, once."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from marketplace import db, jobs
from services import queue
from tests.conftest import driver_url

ROOT = Path(__file__).parents[2]
WORKER = "tests.marketplace.worker_process"
CANNOT_BE_TAKEN_OVER = """
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN RAISE ''Job was not found or has an invalid status to retry''; END';
CREATE TRIGGER refuse BEFORE UPDATE ON procrastinate_jobs FOR EACH ROW
    WHEN (OLD.task_name = 'test.slow' AND NEW.status = 'todo') EXECUTE FUNCTION refuse();
"""


@pytest.fixture
def database(real_database):
    engine = create_engine(driver_url(real_database), isolation_level="AUTOCOMMIT")
    yield engine
    engine.dispose()


@pytest.fixture
def start(real_database, tmp_path):
    started = []

    def worker(*arguments):
        process = subprocess.Popen(
            [sys.executable, "-m", WORKER, real_database, str(tmp_path), *arguments],
            cwd=ROOT,
            start_new_session=True,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield worker
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def wait_for(condition, seconds=40):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "It did not happen in time."
        time.sleep(0.05)


def defer(real_app, task, **arguments):
    with real_app.app_context(), db.transaction() as session:
        queue.defer(session, task, **arguments)


def values(database, query):
    with database.connect() as connection:
        return connection.execute(text(query)).scalars().all()


@pytest.mark.race
def test_a_job_of_a_killed_worker_is_done_once_by_the_next(real_app, database, start, tmp_path):
    defer(real_app, "test.slow", name="crate")
    (tmp_path / "hold").touch()
    first = start()
    wait_for(lambda: (tmp_path / "began-crate").exists())

    os.killpg(first.pid, signal.SIGKILL)
    first.wait()
    assert values(database, "SELECT key FROM throttles") == []
    with database.connect() as connection:
        # As if its last sign of life were long ago; tests cannot wait for it.
        connection.execute(
            text("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'")
        )
    (tmp_path / "hold").unlink()
    defer(real_app, "jobs.retry_stalled", timestamp=0)
    start()

    wait_for(lambda: values(database, "SELECT key FROM throttles") == ["crate"])
    wait_for(
        lambda: (
            not values(database, "SELECT id FROM procrastinate_jobs WHERE task_name = 'test.slow'")
        )
    )


@pytest.mark.race
def test_a_worker_told_to_stop_finishes_what_it_began(real_app, database, start, tmp_path):
    defer(real_app, "test.slow", name="crate")
    (tmp_path / "hold").touch()
    worker = start()
    wait_for(lambda: (tmp_path / "began-crate").exists())

    worker.send_signal(signal.SIGTERM)
    time.sleep(0.5)
    assert worker.poll() is None
    (tmp_path / "hold").unlink()

    assert worker.wait(30) == 0
    assert values(database, "SELECT key FROM throttles") == ["crate"]


@pytest.mark.race
def test_a_job_that_fails_is_kept_for_another_try(real_app, database, start):
    defer(real_app, "test.broken")

    worker = start("--until-empty")

    assert worker.wait(40) == 0
    rows = "SELECT status::text FROM procrastinate_jobs WHERE task_name = 'test.broken'"
    assert values(database, rows) == ["todo"]
    later = (
        "SELECT scheduled_at IS NOT NULL FROM procrastinate_jobs WHERE task_name = 'test.broken'"
    )
    assert values(database, later) == [True]


@pytest.mark.race
def test_a_look_for_dead_workers_that_fails_is_tried_again(real_app, database, start):
    defer(real_app, "test.slow", name="crate")
    with database.connect() as connection:
        connection.execute(text("UPDATE procrastinate_jobs SET status = 'doing'"))
        # As when the job ends between the look and the taking over.
        connection.execute(text(CANNOT_BE_TAKEN_OVER))
    defer(real_app, "jobs.retry_stalled", timestamp=0)

    worker = start("--until-empty")
    worker.wait(40)

    rows = "SELECT status::text FROM procrastinate_jobs WHERE task_name = 'jobs.retry_stalled'"
    assert set(values(database, rows)) == {"todo"}


def test_every_task_of_the_features_is_known(app):
    jobs.discover()

    assert {"react", "notices.tell_more", "mail.send", "ledger.verify"} <= set(jobs.TASKS)
    assert jobs.PERIODIC["ledger.verify"] == "*/10 * * * *"


def test_a_commit_of_ours_wakes_nobody(real_app, database):
    """NOTIFY would let only one transaction of the instance commit at a time."""
    enabled = values(
        database,
        "SELECT tgname FROM pg_trigger WHERE tgname LIKE 'procrastinate_jobs_notify%'"
        " AND tgenabled <> 'D'",
    )

    assert enabled == []

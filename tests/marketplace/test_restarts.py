"""A database that is restarted under a running application: nobody meets a dead connection."""

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from launcher import postgres
from launcher.supervisor import Supervisor
from marketplace.config import Settings
from marketplace.db import RESTED_SECONDS, engine_for


@pytest.fixture
def place() -> Iterator[postgres.Place]:
    made = postgres.throw_away()
    yield made
    shutil.rmtree(made.home, ignore_errors=True)


@pytest.fixture
def lock(tmp_path: Path) -> Iterator[int]:
    descriptor = os.open(tmp_path / "lock", os.O_CREAT | os.O_RDWR)
    yield descriptor
    os.close(descriptor)


def backends(engine: Engine, count: int) -> set[int]:
    """The servers' processes behind so many connections that are used at once."""
    connections = [engine.connect() for _ in range(count)]
    found = {one.execute(text("SELECT pg_backend_pid()")).scalar_one() for one in connections}
    for one in connections:
        one.close()
    return found


def test_a_restart_of_the_database_goes_unnoticed(place: postgres.Place, lock: int) -> None:
    with Supervisor(lock=lock) as supervisor:
        url = postgres.Cluster(place, supervisor).start()
        engine = engine_for(Settings(database_url=url, secret_key="tests " * 8))
        before = backends(engine, 3)
    time.sleep(RESTED_SECONDS)

    with Supervisor(lock=lock) as supervisor:
        assert postgres.Cluster(place, supervisor).start() == url
        after = backends(engine, 3)
        again = backends(engine, 3)
        engine.dispose()

    assert len(before) == len(after) == 3
    assert again == after

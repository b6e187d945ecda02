"""The embedded PostgreSQL starts whatever an earlier one left, and is out of others' reach."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from launcher import databases, postgres
from launcher.postgres import places, remains
from launcher.supervisor import Supervisor


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


def ask(url: str, query: str) -> object:
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(query).fetchone()
        return None if row is None else row[0]


def test_a_throw_away_database_is_gone_after_its_block() -> None:
    with databases.throw_away() as (url, supervisor):
        command = [str(word) for word in supervisor.children[0].command]
        home = Path(command[command.index("-D") + 1]).parent
        assert home.name.startswith("allmende-test-")
        assert home.exists()
        assert ask(url, "SHOW fsync") == "off"

    assert not home.exists()


@pytest.mark.parametrize(
    ("is_there", "largest", "in_memory"),
    [(True, 0, True), (True, 2**60, False), (False, 0, False)],
    ids=["room", "no room", "no such directory"],
)
def test_what_is_thrown_away_lies_in_memory_where_there_is_room(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    is_there: bool,
    largest: int,
    in_memory: bool,
) -> None:
    memory = tmp_path if is_there else tmp_path / "none"
    monkeypatch.setattr(places, "MEMORY", memory)
    monkeypatch.setattr(places, "LARGEST_THROW_AWAY_BYTES", largest)

    made = postgres.throw_away()

    assert made.home.exists()
    assert (made.home.parent == memory) is in_memory
    os.utime(made.home, (0, 0))
    postgres.sweep_throw_aways()
    assert not made.home.exists()


# Only root can give a directory to somebody else.
PLANTED = ["link", "link to nowhere", "file", *(["of somebody else"] if os.geteuid() == 0 else [])]


@pytest.mark.parametrize("planted", PLANTED)
def test_what_others_put_among_throw_aways_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, planted: str
) -> None:
    monkeypatch.setattr(places, "MEMORY", tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    home = tmp_path / f"allmende-test-{os.geteuid()}-planted"
    if planted == "file":
        home.touch()
    elif planted == "of somebody else":
        home.mkdir()
        os.chown(home, 1, 1)
        (home / places.LOCK).symlink_to(other / "made by root")
    else:
        home.symlink_to(other if planted == "link" else tmp_path / "nowhere")
    os.utime(home, (0, 0), follow_symlinks=False)

    postgres.sweep_throw_aways()

    assert os.path.lexists(home)
    assert list(other.iterdir()) == []


def test_the_service_is_no_superuser_and_sorts_and_folds_as_unicode() -> None:
    with databases.throw_away() as (url, _):
        assert ask(url, "SELECT usesuper FROM pg_user WHERE usename = current_user") is False
        assert ask(url, "SHOW server_encoding") == "UTF8"
        assert ask(url, "SELECT lower('ÄÖÜ ÕŽ')") == "äöü õž"
        assert ask(url, "SELECT to_tsvector('german', 'Äpfel')::text") == "'apfel':1"
        assert ask(url, "SHOW listen_addresses") == ""


def test_where_sockets_cannot_be_used_a_password_guards_the_port(
    place: postgres.Place, lock: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "_can_bind", lambda directory: False)

    with Supervisor(lock=lock) as supervisor:
        url = postgres.Cluster(place, supervisor).start()
        assert ask(url, "SELECT 1") == 1
        assert postgres.running_url(place) == url
        secret = place.password.read_text()
        with pytest.raises(psycopg.OperationalError, match="password"):
            ask(url.replace(secret, "guess"), "SELECT 1")


def test_a_long_path_moves_the_socket_to_a_private_directory(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100)
    deep.mkdir()

    directory = places.Place(deep, None, lasting=False).socket_directory()

    assert directory is not None
    assert len(str(directory / places.SOCKET_FILE)) <= places.LONGEST_SOCKET_PATH
    assert directory.stat().st_mode & 0o777 == 0o700
    directory.rmdir()


def test_a_pid_file_that_names_a_stranger_is_no_obstacle(place: postgres.Place, lock: int) -> None:
    with Supervisor(lock=lock) as supervisor:
        postgres.Cluster(place, supervisor).start()
        pid_file = (place.data / "postmaster.pid").read_text()
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    left = place.data / "postmaster.pid"
    left.write_text("\n".join([str(stranger.pid), *pid_file.split("\n")[1:]]))
    if place.ids is not None:
        os.chown(left, *place.ids)

    with Supervisor(lock=lock) as supervisor:
        assert ask(postgres.Cluster(place, supervisor).start(), "SELECT 1") == 1

    assert stranger.poll() is None
    stranger.communicate()


def test_an_orphan_of_the_same_data_is_stopped_first(place: postgres.Place, lock: int) -> None:
    with Supervisor(lock=lock) as supervisor:
        cluster = postgres.Cluster(place, supervisor)
        cluster.start()
        command = supervisor.children[0].command
    uid, gid = place.ids or (None, None)
    with place.log.open("ab") as log:
        orphan = subprocess.Popen(
            command, cwd=place.home, user=uid, group=gid, extra_groups=[], stderr=log
        )
    pid_file = place.data / "postmaster.pid"
    while not (pid_file.exists() and "ready" in pid_file.read_text()):
        time.sleep(0.02)

    with Supervisor(lock=lock) as supervisor:
        assert ask(postgres.Cluster(place, supervisor).start(), "SELECT 1") == 1

    assert orphan.wait(30) == 0


def test_data_survives_an_end_in_the_middle_of_making_it(place: postgres.Place, lock: int) -> None:
    place.give(place.home / "unfinished")
    (place.home / "unfinished" / "PG_VERSION").write_text("18\n")

    with Supervisor(lock=lock) as supervisor:
        assert ask(postgres.Cluster(place, supervisor).start(), "SELECT 1") == 1

    assert not (place.home / "unfinished").exists()


def test_data_of_another_release_is_refused(place: postgres.Place, lock: int) -> None:
    place.give(place.data)
    (place.data / "PG_VERSION").write_text("16\n")

    with (
        Supervisor(lock=lock) as supervisor,
        pytest.raises(postgres.CouldNotStart, match="PostgreSQL 16"),
    ):
        postgres.Cluster(place, supervisor).start()


def test_a_server_that_cannot_start_says_why(place: postgres.Place, lock: int) -> None:
    with Supervisor(lock=lock) as supervisor:
        postgres.Cluster(place, supervisor).start()
    (place.data / "global" / "pg_control").unlink()

    with (
        Supervisor(lock=lock) as supervisor,
        pytest.raises(postgres.CouldNotStart, match="pg_control"),
    ):
        postgres.Cluster(place, supervisor).start()


def test_only_its_owner_reaches_the_data(place: postgres.Place, lock: int) -> None:
    with Supervisor(lock=lock) as supervisor:
        postgres.Cluster(place, supervisor).start()
        modes = {path.name: path.stat().st_mode & 0o777 for path in place.home.iterdir()}

    assert modes["data"] == 0o700
    assert modes["socket"] == 0o700
    assert modes["password"] == 0o600
    assert modes["log"] == 0o600


def test_places_left_by_killed_tests_are_swept(lock: int) -> None:
    forgotten, used = postgres.throw_away(), postgres.throw_away()
    for place in (forgotten, used):
        os.utime(place.home, (0, 0))
    with (used.home / places.LOCK).open("a") as held:
        places.fcntl.flock(held, places.fcntl.LOCK_EX)
        os.utime(used.home, (0, 0))

        postgres.sweep_throw_aways()

        assert not forgotten.home.exists()
        assert used.home.exists()
    shutil.rmtree(used.home)


def test_a_terminated_supervisor_ends_the_server(place: postgres.Place, lock: int) -> None:
    from launcher.supervisor import Ended

    with Supervisor(lock=lock) as supervisor:
        postgres.Cluster(place, supervisor).start()
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(Ended):
            supervisor.turn()

    assert not (place.data / "postmaster.pid").exists()


def test_one_that_ends_while_it_is_looked_for_stops_nothing(tmp_path: Path) -> None:
    """At a fast shutdown the processes of a server end one by one, while they are counted."""
    program = tmp_path / "postgres"
    shutil.copy("/bin/sleep", program)
    first, second = (subprocess.Popen([program, "60"], cwd=tmp_path) for _ in range(2))

    def meanwhile(_words: str) -> None:
        first.kill()
        first.wait()

    try:
        remains.clear(tmp_path, pause=time.sleep, tell=meanwhile)

        assert second.wait() == -signal.SIGINT
    finally:
        for process in (first, second):
            process.kill()
            process.wait()

"""One PostgreSQL server under a supervisor: made once, recovered after every crash, never lost."""

import contextlib
import functools
import os
import secrets
import shutil
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

from launcher.postgres import binaries, remains
from launcher.postgres.places import SOCKET_FILES, Place, root_home
from launcher.supervisor import Child, Supervisor

ROLE = "allmende"
# An immediate shutdown loses nothing that was committed; it only costs a recovery.
STOPS = "INT:60,QUIT:15,KILL:5"
LARGEST_LOG_BYTES = 5_000_000
PROGRESS_SECONDS = 5.0

SETTINGS = {
    "shared_buffers": "128MB",
    "max_connections": "100",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "unix_socket_permissions": "0700",
}
# A cluster that is thrown away need not survive a power cut, and its races need many connections.
THROW_AWAY_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # The cluster may lie in memory, where old segments of the log are room lost.
    "max_wal_size": "256MB",
    "max_connections": "400",
}


class CouldNotStart(Exception):
    """PostgreSQL ended while it was being made or started."""


class Cluster:
    """The server of one place, as a child of `supervisor`."""

    def __init__(self, place: Place, supervisor: Supervisor) -> None:
        self.place = place
        self._supervisor = supervisor
        self._socket_directory: Path | None = None
        self._port = 5432
        self._stale: list[str] = []

    def start(self) -> str:
        """Make the cluster if there is none, start it, wait until it serves, and give its URL."""
        if not self.place.data.exists():
            self._make()
        version = (self.place.data / "PG_VERSION").read_text(encoding="ascii").strip()
        if version != binaries.MAJOR:
            raise CouldNotStart(
                f"The data in {self.place.data} is of PostgreSQL {version}, this is "
                f"{binaries.MAJOR}. See docs/operations.md on moving data."
            )
        self._trim_log()
        self._socket_directory = self.place.socket_directory()
        if self._socket_directory is None:
            self._port = _free_port()
        self._wait(self._supervisor.start(self._child()))
        return self.url()

    def url(self) -> str:
        return _url(self.place, str(self._socket_directory or ""), self._port)

    @functools.cached_property
    def _bin(self) -> Path:
        if self.place.owner is None:
            return binaries.installed()
        return binaries.copied(root_home())

    def _child(self) -> Child:
        settings = SETTINGS if self.place.lasting else SETTINGS | THROW_AWAY_SETTINGS
        if self._socket_directory is None:
            reach = {"listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
        else:
            reach = {
                "listen_addresses": "",
                "unix_socket_directories": f'"{self._socket_directory}"',
            }
        command = [str(self._bin / "postgres"), "-D", str(self.place.data), "-p", str(self._port)]
        for name, setting in (settings | reach).items():
            command += ["-c", f"{name}={setting}"]
        return Child(
            "postgres",
            command,
            env=_environment(),
            cwd=self.place.home,
            stops=STOPS,
            owner=self.place.ids,
            log=self.place.log,
            before=self._clear,
        )

    def _clear(self) -> None:
        remains.clear(self.place.data, pause=self._pause, tell=self._supervisor.say)
        # Nobody else uses this directory, and PostgreSQL would trust the process ids in it.
        if self._socket_directory is not None:
            for left in self._socket_directory.glob(SOCKET_FILES):
                left.unlink()
        self._stale = self._pid_file()[:3]

    def _pause(self, seconds: float) -> None:
        self._supervisor.turn(seconds, keep=False)

    def _wait(self, child: Child) -> None:
        """Wait for as long as the server lives: recovery after a crash may take minutes."""
        began = time.monotonic()
        told = began
        while not self._is_ready():
            if not child.is_alive:
                raise CouldNotStart(f"PostgreSQL did not start:\n{self._last_words()}")
            if time.monotonic() - told >= PROGRESS_SECONDS:
                told = time.monotonic()
                waited = f"{told - began:.0f} s"
                self._supervisor.say(f"PostgreSQL is recovering its data ({waited} so far).")
            self._pause(0.03)

    def _is_ready(self) -> bool:
        lines = self._pid_file()
        # A killed server leaves its pid file, which says that it is ready.
        return len(lines) >= 8 and lines[7].strip() == "ready" and lines[:3] != self._stale

    def _pid_file(self) -> list[str]:
        with contextlib.suppress(FileNotFoundError):
            return (self.place.data / "postmaster.pid").read_text(encoding="utf-8").split("\n")
        return []

    def _make(self) -> None:
        """Make the data directory under another name, so that a half-made one never counts."""
        self._supervisor.say("Making a database. This happens once.")
        unfinished = self.place.home / "unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        self.place.give(unfinished)
        password = secrets.token_hex(24)
        self.place.password.touch(mode=0o600)
        self.place.password.write_text(password, encoding="ascii")
        commands = (
            [
                *("initdb", "--pgdata", str(unfinished), "--username", "postgres"),
                *("--auth-local", "trust", "--auth-host", "scram-sha-256"),
                *("--encoding", "UTF8", "--locale", "C"),
                *("--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"),
                "--no-instructions",
                *(() if self.place.lasting else ("--no-sync",)),
            ],
            ["postgres", "--single", "-D", str(unfinished), "postgres"],
        )
        statements = (
            f"CREATE ROLE {ROLE} LOGIN CREATEDB PASSWORD '{password}'\n"
            f"CREATE DATABASE {ROLE} OWNER {ROLE}\n"
        )
        for command, typed in zip(commands, ("", statements), strict=True):
            self._run(command, typed)
        unfinished.rename(self.place.data)

    def _run(self, command: list[str], typed: str) -> None:
        uid, gid = self.place.ids or (None, None)
        done = subprocess.run(
            [str(self._bin / command[0]), *command[1:]],
            input=typed,
            capture_output=True,
            text=True,
            check=False,
            env=_environment(),
            cwd=self.place.home,
            user=uid,
            group=gid,
            extra_groups=None if uid is None else [],
        )
        if done.returncode != 0 or "ERROR:" in done.stderr:
            raise CouldNotStart(f"{command[0]} failed:\n{done.stdout}{done.stderr}")

    def _trim_log(self) -> None:
        log = self.place.log
        if log.exists() and log.stat().st_size > LARGEST_LOG_BYTES:
            log.replace(log.with_suffix(".old"))
        log.touch(mode=0o600)

    def _last_words(self) -> str:
        lines = self.place.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-12:])


def running_url(place: Place) -> str:
    """The URL of the server that a run of this checkout has started."""
    lines = (place.data / "postmaster.pid").read_text(encoding="utf-8").split("\n")
    return _url(place, lines[4].strip(), int(lines[3]))


def _url(place: Place, socket_directory: str, port: int) -> str:
    if socket_directory:
        return f"postgresql://{ROLE}@/{ROLE}?host={quote(socket_directory)}"
    password = place.password.read_text(encoding="ascii")
    return f"postgresql://{ROLE}:{password}@127.0.0.1:{port}/{ROLE}"


def _environment() -> dict[str, str]:
    """Nothing of ours: no secrets, and no PGDATA or PGPORT that would lead it astray."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

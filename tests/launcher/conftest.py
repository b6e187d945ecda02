"""A small checkout with a service of its own, run by the real launcher on a real PostgreSQL."""

import contextlib
import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from launcher import postgres

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60.0

PROCFILE = """\
release: flask --app marketplace migrate
worker: sleep 1000
web: gunicorn --bind $HOST:$PORT --threads 2 --no-control-socket "marketplace:create_app()"
"""

SERVICE = '''\
"""Notes in a table: enough to see whether data survives."""

import os

import psycopg
from flask import Flask
from flask.cli import AppGroup


def connect():
    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)


def create_app():
    app = Flask(__name__)
    demo = AppGroup("demo")
    app.cli.add_command(demo)

    @app.get("/readyz")
    def ready():
        return str(connect().execute("SELECT 1").fetchone()[0])

    @app.get("/")
    def count():
        return str(connect().execute("SELECT count(*) FROM notes").fetchone()[0])

    @app.post("/")
    def add():
        connect().execute("INSERT INTO notes VALUES ('more')")
        return "added", 201

    @app.cli.command()
    def migrate():
        connect().execute("CREATE TABLE IF NOT EXISTS notes (text text)")
        connect().execute("CREATE TABLE IF NOT EXISTS alembic_version (version_num text)")
        print("migrated")

    @demo.command()
    def load():
        connect().execute("INSERT INTO notes VALUES ('first')")

    load.params.append(__import__("click").Option(["--if-empty"], is_flag=True, expose_value=False))

    @demo.command()
    def sign_ins():
        print("alice@example.org")

    return app
'''


class Launched:
    """One `launcher run` in a checkout, as a user would have started it."""

    def __init__(self, checkout: Path, port: int, *, wrapper: tuple[str, ...] = ()) -> None:
        self.checkout = checkout
        self.port = port
        self.output = checkout / f"output-{time.monotonic_ns()}"
        dropped = ("DATABASE_URL", "ALLMENDE_MODE", "STRIPE_SECRET_KEY", "HOST", "SECRET_KEY")
        env = {name: word for name, word in os.environ.items() if name not in dropped}
        env |= {"PORT": str(port), "PYTHONPATH": str(ROOT)}
        command = [*wrapper, sys.executable, "-m", "launcher", "run"]
        if wrapper:
            command.append("--end-with-parent")
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                command, cwd=checkout, env=env, stdout=output, stderr=output
            )

    @property
    def text(self) -> str:
        return self.output.read_text(encoding="utf-8")

    def wait_for(self, words: str) -> None:
        until(lambda: words in self.text or self.process.poll() is not None)
        assert words in self.text, self.text

    def wait_until_ready(self) -> None:
        self.wait_for("Ctrl-C ends it.")

    def ask(self, method: str = "GET") -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        with contextlib.closing(connection):
            connection.request(method, "/")
            answer = connection.getresponse()
            assert answer.status < 400
            return answer.read().decode()

    def wait_for_answer(self, expected: str) -> None:
        def answers() -> bool:
            with contextlib.suppress(OSError, AssertionError, http.client.HTTPException):
                return self.ask() == expected
            return False

        until(answers)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_SECONDS)


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.05)


def processes_of(checkout: Path) -> list[psutil.Process]:
    """Every living process that works in the checkout or its database, or names it."""
    places = (str(checkout), str(postgres.lasting(checkout).home))
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid == os.getpid() or process.status() == psutil.STATUS_ZOMBIE:
                continue
            if any(
                place in word for word in (process.cwd(), *process.cmdline()) for place in places
            ):
                found.append(process)
    return found


def find_process(checkout: Path, words: str, *, leash: bool = False) -> psutil.Process:
    """The oldest process of the checkout whose command line holds `words`."""
    fitting = []
    for process in processes_of(checkout):
        # The database's own come and go meanwhile.
        with contextlib.suppress(psutil.NoSuchProcess):
            line = " ".join(process.cmdline())
            if words in line and leash == ("leash.py" in line) and "launcher run" not in line:
                fitting.append(process)
    return min(fitting, key=lambda process: (process.create_time(), process.pid))


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        chosen: int = probe.getsockname()[1]
        return chosen


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "Procfile").write_text(PROCFILE)
    (tmp_path / "marketplace.py").write_text(SERVICE)
    yield tmp_path
    for process in processes_of(tmp_path):
        with contextlib.suppress(psutil.Error):
            process.kill()
    shutil.rmtree(postgres.lasting(tmp_path).home, ignore_errors=True)


@pytest.fixture
def launch(checkout: Path, port: int) -> Iterator[Callable[..., Launched]]:
    launched: list[Launched] = []

    def start(**options: tuple[str, ...]) -> Launched:
        launched.append(Launched(checkout, port, **options))
        return launched[-1]

    yield start
    for one in launched:
        if one.process.poll() is None:
            one.end()

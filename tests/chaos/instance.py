"""An instance as those who host have it: web, worker and simulator are processes of their own.

They are started by the lines of the Procfile with the launcher's own settings, and can be killed.
"""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import requests
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from launcher import procfile
from launcher import settings as launching
from marketplace import create_app, db
from marketplace.config import from_environment
from services import queue
from services.gateways.stripe import StripeGateway

ROOT = Path(__file__).parents[2]
TOKEN = "token-of-the-faults"
PATIENCE_SECONDS = 240.0
# What recurs each minute or ten, and can be asked for at any time.
RECURRING = ("buying.sweep", "payments.sweep", "payments.fetch_missed")
# A job that failed is tried again soon; one that is planned for another day may wait.
SOON = "interval '60 seconds'"


def until(condition: Callable[[], bool], seconds: float = PATIENCE_SECONDS) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.02)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Program:
    """One line of the Procfile at work; with `is_kept` it is started again whenever it ends."""

    def __init__(self, command: str, env: dict[str, str], log: Path, *, is_kept: bool) -> None:
        self._arguments = procfile.arguments(command)
        self._env, self._log, self._is_kept = env, log, is_kept
        self._is_ending = False
        self.starts = 0
        self.process = self._start()
        self._keeper = threading.Thread(target=self._keep, daemon=True)
        self._keeper.start()

    def _start(self) -> subprocess.Popen[bytes]:
        self.starts += 1
        with self._log.open("ab") as log:
            return subprocess.Popen(
                self._arguments,
                env=self._env,
                cwd=ROOT,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _keep(self) -> None:
        self.process.wait()
        while self._is_kept and not self._is_ending:
            time.sleep(0.1)
            self.process = self._start()
            self.process.wait()

    def kill(self) -> None:
        """As the power does: nothing is told, nothing is finished."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def end(self) -> None:
        self._is_ending = True
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.kill()
        self._keeper.join()


class Instance:
    """The processes of one instance, a way to seed its database, and the bank's own books."""

    def __init__(self, folder: Path, database_url: str, **settings: str) -> None:
        self.folder = folder
        env = launching.children(folder, {}, port=free_port())
        env["STRIPESIM_PORT"] = str(free_port())
        self.env = launching.simulator(folder, env) | {
            "DATABASE_URL": database_url,
            "STRIPESIM_TOKEN": TOKEN,
            "MAIL_URL": f"file:{folder / 'mail'}",
            "LOG_LEVEL": "ERROR",
            "API_RATE_LIMIT": "1000000 per minute",
            "PASSWORD_MEMORY_KIB": "64",
            **settings,
        }
        self.url = f"http://localhost:{self.env['PORT']}"
        self.bank_url = f"http://localhost:{self.env['STRIPESIM_PORT']}"
        self._commands = procfile.read(ROOT / "Procfile")
        self.programs: dict[str, Program] = {}
        self.app: Flask = create_app(from_environment(self.env, db_pool_size=30))
        self.gateway = StripeGateway(self.env["STRIPE_SECRET_KEY"], base_url=self.bank_url)

    def start(self, *names: str, is_kept: bool = False) -> None:
        for name in names:
            log = self.folder / f"{name}.log"
            self.programs[name] = Program(self._commands[name], self.env, log, is_kept=is_kept)
        for name, url in (("stripesim", self.bank_url), ("web", self.url)):
            if name in names:
                until(lambda url=url: self._answers(url))

    def kill(self, name: str) -> None:
        """Kill a program with all its processes; a worker is known to be dead at once.

        Else its last sign of life would have to be half a minute old.
        """
        self.programs.pop(name).kill()
        if name == "worker":
            self.execute(
                "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 hour'"
            )

    def end(self) -> None:
        for program in reversed(self.programs.values()):
            program.end()
        self.app.extensions["engine"].dispose()

    def _answers(self, url: str) -> bool:
        try:
            return requests.get(f"{url}/healthz", timeout=5).ok
        except requests.RequestException:
            return False

    # The database.

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        with self.app.app_context(), db.transaction() as session:
            yield session

    def execute(self, statement: str, **given: Any) -> list[Any]:
        with self.app.extensions["engine"].begin() as connection:
            found = connection.execute(text(statement), given)
            return list(found.all()) if found.returns_rows else []

    def value(self, query: str, **given: Any) -> Any:
        [[found]] = self.execute(query, **given)
        return found

    def now(self) -> datetime:
        with self.transaction() as session:
            return db.now(session)

    # Work.

    def ask_again(self) -> None:
        """Have done now what comes each minute: dead workers are noticed, what is due is found."""
        with self.transaction() as session:
            queue.defer(session, "jobs.retry_stalled", timestamp=0)
            for task in RECURRING:
                queue.defer(session, task)

    def is_quiet(self) -> bool:
        """Whether no job is being done or will be within a minute."""
        left = self.value(
            "SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing' OR (status = 'todo'"
            f" AND coalesce(scheduled_at, now()) <= now() + {SOON})"
        )
        return bool(left == 0)

    def settle_down(self, seconds: float = PATIENCE_SECONDS) -> None:
        """Wait until all work is done, what was lost on the way included."""
        self.ask_again()
        until(self.is_quiet, seconds)

    # The bank.

    def at_the_bank(self, kind: str) -> list[dict[str, Any]]:
        """Every object of a kind, as it stands in the simulator's own books."""
        with closing(sqlite3.connect(self.env["STRIPESIM_DATABASE"], timeout=30)) as books:
            rows = books.execute("SELECT body FROM objects WHERE object = ? ORDER BY seq", (kind,))
            return [json.loads(body) for (body,) in rows]

    def control(self, path: str, **terms: Any) -> Any:
        answer = requests.post(
            f"{self.bank_url}/_sim{path}",
            json=terms,
            headers={"Authorization": f"Bearer {TOKEN}"},
            timeout=60,
        )
        assert answer.ok, answer.text
        return answer.json()

    def fault(self, kind: str, match: str = "*", *, count: int = 1, seconds: int = 0) -> None:
        self.control("/faults", kind=kind, match=match, count=count, seconds=seconds)

    def save_card(self, customer: str, magic: str = "pm_card_visa") -> str:
        """A card that the customer saved earlier; the bank's name for it."""
        answer = requests.post(
            f"{self.bank_url}/v1/payment_methods/{magic}/attach",
            data={"customer": customer},
            headers={"Authorization": f"Bearer {self.env['STRIPE_SECRET_KEY']}"},
            timeout=60,
        )
        return str(answer.json()["id"]) if answer.ok else magic

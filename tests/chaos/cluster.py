"""A PostgreSQL that keeps what it promised, run by the launcher, and stopped as by a power cut."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg

from launcher import postgres
from tests.chaos.instance import PATIENCE_SECONDS, ROOT, until


class Cluster:
    """The embedded server of a checkout of its own, kept alive by the launcher."""

    def __init__(self, checkout: Path) -> None:
        self.place = postgres.lasting(checkout)
        said = checkout / "url"
        with said.open("wb") as output:
            self._launcher = subprocess.Popen(
                [sys.executable, "-m", "launcher", "--directory", str(checkout), "database"],
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        until(lambda: "postgresql://" in said.read_text())
        self.url = next(
            line for line in said.read_text().splitlines() if line.startswith("postgresql://")
        )

    def crash(self) -> float:
        """Stop at once, as `pg_ctl stop -m immediate` does; how many seconds until it serves."""
        before, began = self._pid(), time.monotonic()
        os.kill(before, signal.SIGQUIT)
        until(lambda: self._serves(other_than=before))
        return time.monotonic() - began

    def end(self) -> None:
        self._launcher.terminate()
        self._launcher.wait(PATIENCE_SECONDS)
        shutil.rmtree(self.place.home, ignore_errors=True)

    def _serves(self, *, other_than: int) -> bool:
        with contextlib.suppress(OSError, ValueError, psycopg.Error):
            if self._pid() != other_than:
                psycopg.connect(self.url, connect_timeout=5).close()
                return True
        return False

    def _pid(self) -> int:
        first, *_ = (self.place.data / "postmaster.pid").read_text(encoding="utf-8").split("\n")
        return int(first)

"""Served: an application behind the web server that the Procfile names, on a free port."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import psutil

WORKERS, THREADS = 2, 8
START_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """A running server: where it answers, and the process that holds its workers."""

    port: int
    pid: int

    def resident_mib(self) -> int:
        """What its workers hold of memory, together."""
        workers = psutil.Process(self.pid).children()
        return int(sum(one.memory_info().rss for one in workers) // 2**20)


@contextmanager
def served(application: str, environ: Mapping[str, str]) -> Iterator[Server]:
    """Serve `application` while the block lasts; its log goes nowhere."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = int(one.getsockname()[1])
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}"),
            *("--worker-class", "gthread", "--workers", str(WORKERS), "--threads", str(THREADS)),
            *("--keep-alive", "30", "--no-control-socket", "--log-level", "error", application),
        ],
        env={**os.environ, **environ},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _await(port, process)
        yield Server(port, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await(port: int, process: subprocess.Popen[bytes]) -> None:
    ends_at = time.monotonic() + START_SECONDS
    while time.monotonic() < ends_at:
        if process.poll() is not None:
            raise SystemExit("The web server did not start.")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/group-buys")
            connection.getresponse().read()
            return
        except OSError:
            time.sleep(0.2)
        finally:
            connection.close()
    raise SystemExit("The web server does not answer.")

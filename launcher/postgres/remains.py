"""What an earlier PostgreSQL of the same data left behind: processes still alive, stale pid files.

The pid file is PostgreSQL's own guard against two servers on one data directory, so it is removed
only when no process of that directory is alive and the pid in it belongs to somebody else.
"""

import contextlib
import signal
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import psutil

Pause = Callable[[float], None]
Tell = Callable[[str], None]

# First what the postmaster calls a fast shutdown, then an immediate one, then the end.
STOPS = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 15.0), (signal.SIGKILL, 15.0))


class StillRunning(Exception):
    """A server of this data directory that cannot be ended."""


def clear(data: Path, *, pause: Pause, tell: Tell) -> None:
    """End every process of the server that used `data`, and remove a pid file that lies."""
    # A server that is just ending has removed its pid file already, and would next remove the
    # socket of its successor; so what counts is who is alive.
    for number, patience_seconds in STOPS:
        alive = _processes(data)
        if not alive:
            break
        tell("An earlier PostgreSQL of this data is still running. Stopping it.")
        _signal(_heads(alive) if number != signal.SIGKILL else alive, number)
        deadline = time.monotonic() + patience_seconds
        while _processes(data) and time.monotonic() < deadline:
            pause(0.1)
    if _processes(data):
        raise StillRunning(f"A PostgreSQL that uses {data} cannot be stopped.")
    pid_file = data / "postmaster.pid"
    with contextlib.suppress(FileNotFoundError, ValueError, IndexError):
        if psutil.pid_exists(int(pid_file.read_text(encoding="utf-8").split("\n")[0])):
            pid_file.unlink()


def _processes(data: Path) -> list[psutil.Process]:
    """The server's processes, known by their directory: each of them works inside its data."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.name().startswith("postgres") and Path(process.cwd()) == data.resolve():
                found.append(process)
    return found


def _heads(processes: list[psutil.Process]) -> Iterable[psutil.Process]:
    """The postmaster; or, when it is gone, all the orphans it left."""
    ids = {process.pid for process in processes}
    heads = []
    for process in processes:
        # One that has ended meanwhile has no parent to be asked for.
        with contextlib.suppress(psutil.Error):
            if process.ppid() not in ids:
                heads.append(process)
    return heads if len(heads) == 1 else processes


def _signal(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.send_signal(number)

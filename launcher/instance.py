"""The run of one checkout: who holds it, so that two never share its data or its port."""

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ENDING = "ending"
PATIENCE_SECONDS = 3.0
LONGEST_END_SECONDS = 120.0


class AlreadyRuns(Exception):
    """Another process of this checkout is at work."""

    def __init__(self, pid: str) -> None:
        super().__init__(f"Allmende already runs from this directory (process {pid}).")


@contextlib.contextmanager
def claim(directory: Path, tell: Callable[[str], None]) -> Iterator[int]:
    """Be the only run of `directory`. Gives the descriptor that each child must keep open.

    `holder` is locked by the supervisor alone, `children` by all that it started. So a run that
    was killed can be told from one that lives, and waited for until its last process has ended.
    """
    directory.mkdir(parents=True, exist_ok=True)
    holder = os.open(directory / "holder.lock", os.O_RDWR | os.O_CREAT, 0o600)
    children = os.open(directory / "children.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _take_holder(holder, tell)
        _write(holder, str(os.getpid()))
        _take_children(children, tell)
        yield children
    finally:
        os.close(holder)
        os.close(children)


def is_running(directory: Path) -> bool:
    """Whether a run holds `directory` now."""
    path = directory / "holder.lock"
    if not path.exists():
        return False
    holder = os.open(path, os.O_RDWR)
    try:
        return not _try(holder)
    finally:
        os.close(holder)


def announce_end(directory: Path) -> None:
    """Tell whoever starts next that this run is ending, and worth waiting for."""
    (directory / "holder.lock").write_text(f"{os.getpid()} {ENDING}", encoding="ascii")


def _take_holder(holder: int, tell: Callable[[str], None]) -> None:
    began = time.monotonic()
    told = False
    while not _try(holder):
        pid, _, state = os.pread(holder, 64, 0).decode("ascii").partition(" ")
        waited = time.monotonic() - began
        if waited > (LONGEST_END_SECONDS if state == ENDING else PATIENCE_SECONDS):
            raise AlreadyRuns(pid)
        if state == ENDING and not told:
            tell("Waiting for the run before this one to end.")
            told = True
        time.sleep(0.05)


def _take_children(children: int, tell: Callable[[str], None]) -> None:
    began = time.monotonic()
    told = False
    while not _try(children):
        waited = time.monotonic() - began
        if waited > LONGEST_END_SECONDS:
            raise AlreadyRuns("unknown")
        if waited > 0.5 and not told:
            tell("The run before this one was killed. Waiting for its processes to end.")
            told = True
        time.sleep(0.05)


def _try(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _write(descriptor: int, text: str) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text.encode("ascii"), 0)

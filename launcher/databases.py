"""A database for as long as a block lasts: the one that stays, or one that is thrown away."""

import contextlib
import fcntl
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

from launcher import instance, postgres
from launcher.postgres.places import LOCK
from launcher.supervisor import Ended, Supervisor


def runs(checkout: Path) -> Path:
    """Where the locks of this checkout's runs lie."""
    return checkout / "var" / "run"


@contextlib.contextmanager
def lasting(checkout: Path) -> Iterator[tuple[str, Supervisor]]:
    """The embedded database of `checkout`, started for this block. Nobody else may run it."""
    with (
        instance.claim(runs(checkout), tell) as lock,
        Supervisor(lock=lock) as supervisor,
    ):
        yield postgres.Cluster(postgres.lasting(checkout), supervisor).start(), supervisor


@contextlib.contextmanager
def throw_away() -> Iterator[tuple[str, Supervisor]]:
    """A new database that is fast, forgets everything, and is removed after the block."""
    postgres.sweep_throw_aways()
    place = postgres.throw_away()
    lock = os.open(place.home / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        with Supervisor(lock=lock) as supervisor:
            yield postgres.Cluster(place, supervisor).start(), supervisor
    finally:
        os.close(lock)
        shutil.rmtree(place.home, ignore_errors=True)


def follow(
    command: list[str], env: Mapping[str, str], checkout: Path, supervisor: Supervisor
) -> int:
    """Run `command` in the foreground while the supervisor's database serves it."""
    process = subprocess.Popen(command, env=env, cwd=checkout)
    try:
        while process.poll() is None:
            supervisor.turn(0.1)
    except Ended:
        # At a terminal the command has had its own Ctrl-C and may be tidying up.
        process.terminate()
        process.wait()
        raise
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    return 128 - process.returncode if process.returncode < 0 else process.returncode


def tell(text: str) -> None:
    print(text, flush=True)

"""The virtual environment, made from the locks. Needs nothing but Python's standard library.

Run by the system's Python as `python -m launcher.environment [dev]`, before anything is installed.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

OLDEST = (3, 11)
NEWEST = (3, 14)
LOCKS = {"run": "requirements.lock", "dev": "requirements-dev.lock"}
STAMP = ".installed"


def main(arguments: list[str]) -> int:
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        print("Allmende needs Python 3.11 to 3.14.", file=sys.stderr)
        return 1
    checkout = Path(__file__).resolve().parents[1]
    try:
        ensure(checkout, "dev" if "dev" in arguments else "run")
    except (OSError, subprocess.CalledProcessError) as error:
        print(f"The environment could not be made: {error}", file=sys.stderr)
        return 1
    return 0


def ensure(checkout: Path, kind: str) -> None:
    """Make `.venv` hold what the lock of `kind` names; does nothing if it already does."""
    # Where it really lies: one that is linked to is used as it is, not made anew over the link.
    environment = (checkout / ".venv").resolve()
    lock = checkout / LOCKS[kind]
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    stamp = environment / STAMP
    # The development lock holds all that the other one does, in the same versions.
    if wanted in _installed(stamp).values() and _usable(environment):
        return
    if not _usable(environment) or not _has_working_pip(environment):
        print(f"Making the environment in .venv with Python {sys.version.split()[0]}.", flush=True)
        _make(environment)
    print(f"Installing what {lock.name} names. This takes a minute.", flush=True)
    subprocess.run(_install(environment, lock), check=True, stdin=subprocess.DEVNULL)
    names = LOCKS if kind == "dev" else [kind]
    stamped = {
        name: hashlib.sha256((checkout / LOCKS[name]).read_bytes()).hexdigest() for name in names
    }
    unfinished = stamp.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(stamped | {"path": str(environment)}), encoding="utf-8")
    unfinished.replace(stamp)


def _install(environment: Path, lock: Path) -> list[str]:
    return [
        str(environment / "bin" / "python"),
        *("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"),
        # The lock is complete, so nothing is resolved; and nothing is built on this machine.
        *("--no-deps", "--require-hashes", "--only-binary", ":all:"),
        *("--requirement", str(lock)),
    ]


def _installed(stamp: Path) -> dict[str, str]:
    try:
        stamped: dict[str, str] = json.loads(stamp.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    # An environment that was moved or copied still points to where it was made.
    return stamped if stamped.get("path") == str(stamp.parent) else {}


def _usable(environment: Path) -> bool:
    """Whether its Python still stands: the one it was made with may have been removed."""
    python = environment / "bin" / "python"
    if Path(sys.executable) == python:
        return True
    version = "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))"
    try:
        return subprocess.run([python, "-c", version], check=False).returncode == 0
    except OSError:
        return False


def _has_working_pip(environment: Path) -> bool:
    """Whether its scripts run from here; they name the Python they were made for by its path."""
    try:
        answer = subprocess.run(
            [environment / "bin" / "pip", "--version"], check=True, capture_output=True, text=True
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return str(environment) + os.sep in answer.stdout


def _make(environment: Path) -> None:
    if Path(sys.prefix) == environment:
        base = getattr(sys, "_base_executable", sys.executable)
        subprocess.run([base, "-m", "venv", "--clear", str(environment)], check=True)
        return
    shutil.rmtree(environment, ignore_errors=True)
    venv.create(environment, with_pip=True, symlinks=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""Where a cluster lives: by the checkout, or for root where others read; for tests in memory."""

import contextlib
import fcntl
import hashlib
import os
import pwd
import secrets
import shutil
import socket
import stat
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

# PostgreSQL refuses to run as root, and no door to the checkout or a home is opened for it.
ROOT_HOME = Path("/var/lib/allmende")
OWNER_SETTING = "ALLMENDE_POSTGRES_USER"
SOCKET_FILE = ".s.PGSQL.5432"
SOCKET_FILES = ".s.PGSQL.*"
LONGEST_SOCKET_PATH = 103
LOCK = "lock"
SWEPT_AFTER_SECONDS = 120
# Linux keeps the files of this directory in memory. Races have databases of their own, of a
# thousand files each, and a disk takes three times as long to make and remove them.
MEMORY = Path("/dev/shm")  # noqa: S108 # nosec B108
# The tests of two workers grow to a quarter of a gibibyte; a large world to measure needs more.
LARGEST_THROW_AWAY_BYTES = 2 * 2**30


@dataclass(frozen=True)
class Place:
    """The directory of one cluster and the unprivileged user who owns what is in it."""

    home: Path
    owner: pwd.struct_passwd | None
    lasting: bool

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def log(self) -> Path:
        return self.home / "log"

    @property
    def password(self) -> Path:
        return self.home / "password"

    @property
    def ids(self) -> tuple[int, int] | None:
        return None if self.owner is None else (self.owner.pw_uid, self.owner.pw_gid)

    def give(self, path: Path) -> Path:
        """Make `path` a private directory of the cluster's owner."""
        path.mkdir(mode=0o700, exist_ok=True)
        if self.owner is not None:
            os.chown(path, self.owner.pw_uid, self.owner.pw_gid)
        path.chmod(0o700)
        return path

    def socket_directory(self) -> Path | None:
        """A private directory whose socket path is short enough to be bound, if there is one."""
        near = self.home / "socket"
        if _fits(near) and _can_bind(self.give(near)):
            return near
        far = Path(tempfile.gettempdir()) / f"allmende-{_digest(self.home)}"
        if not _fits(far):
            # Short everywhere; that it is private is checked below.
            far = Path("/tmp") / far.name  # noqa: S108 # nosec B108
        with contextlib.suppress(OSError):
            far.mkdir(mode=0o700, exist_ok=True)
            # Anybody may make a directory of this name first; then it is not ours to trust.
            if not far.is_symlink() and far.stat().st_uid in (os.getuid(), (self.ids or (-1,))[0]):
                return far if _can_bind(self.give(far)) else None
        return None


def lasting(checkout: Path) -> Place:
    """The place of the data that stays, one for each checkout."""
    if os.geteuid() != 0:
        return Place(_made(checkout / "var" / "postgres", 0o700), None, lasting=True)
    return Place(_made(root_home() / _digest(checkout), 0o711), _unprivileged(), lasting=True)


def throw_away() -> Place:
    """A new place for tests, which `sweep_throw_aways` removes once nobody uses it."""
    owner = _unprivileged() if os.geteuid() == 0 else None
    parent = MEMORY if _has_room(MEMORY) else (root_home() if owner else _on_disk())
    home = parent / f"{_throw_away_prefix()}{secrets.token_hex(4)}"
    return Place(_made(home, 0o700 if owner is None else 0o711), owner, lasting=False)


def sweep_throw_aways() -> None:
    """Remove the places of tests that were killed before they could."""
    pattern = f"{_throw_away_prefix()}*"
    for home in (*MEMORY.glob(pattern), *_on_disk().glob(pattern)):
        with contextlib.suppress(OSError):
            if _is_left(home):
                with (home / LOCK).open("a") as lock:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(home)


def _is_left(home: Path) -> bool:
    """Whether this is a directory of ours that may be swept, and nothing that others put there.

    Anybody may make something of this name where all may write; what it holds is theirs then.
    """
    found = home.lstat()
    # The youngest may not have taken their lock yet.
    is_old = time.time() - found.st_mtime >= SWEPT_AFTER_SECONDS
    return is_old and stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()


def _throw_away_prefix() -> str:
    return f"allmende-test-{os.geteuid()}-"


def _on_disk() -> Path:
    return Path(tempfile.gettempdir()) if os.geteuid() != 0 else ROOT_HOME


def _has_room(directory: Path) -> bool:
    """Whether a throw-away may grow in `directory`, in memory, and leave as much to all else."""
    if not directory.is_dir() or not os.access(directory, os.W_OK | os.X_OK):
        return False
    free = shutil.disk_usage(directory).free
    available = psutil.virtual_memory().available
    return free >= LARGEST_THROW_AWAY_BYTES and available >= 2 * LARGEST_THROW_AWAY_BYTES


def _made(path: Path, mode: int) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(mode)
    return path


def root_home() -> Path:
    """Root's directory for all checkouts, which an unprivileged user may read; made if missing."""
    return _made(ROOT_HOME, 0o711)


def _unprivileged() -> pwd.struct_passwd:
    return pwd.getpwnam(os.environ.get(OWNER_SETTING, "nobody"))


def _digest(path: Path) -> str:
    return hashlib.sha256(str(path.resolve()).encode()).hexdigest()[:16]


def _fits(directory: Path) -> bool:
    return len(os.fsencode(directory / SOCKET_FILE)) <= LONGEST_SOCKET_PATH


def _can_bind(directory: Path) -> bool:
    """Some file systems (network mounts, shared folders of a virtual machine) have no sockets."""
    probe = directory / ".probe"
    with socket.socket(socket.AF_UNIX) as listener:
        try:
            listener.bind(str(probe))
        except OSError:
            return False
    probe.unlink()
    return True

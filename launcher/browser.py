"""A Chromium for the journeys: one that is there, else Debian's, else Playwright's own."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator

# The one without windows first: it does the same with half the work.
NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
# Debian's packages; older releases have the second only.
PACKAGES = ("chromium-headless-shell", "chromium")
INSTALL_SECONDS = 600
PLAYWRIGHTS_OWN = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""


class NoBrowser(Exception):
    """No Chromium, and none could be installed."""


def find_or_install(tell: Callable[[str], None]) -> str:
    """The path of a Chromium that starts."""
    for found in _candidates(tell):
        if _starts(found):
            return found
    raise NoBrowser(
        "No Chromium was found and none could be installed. Install one (for example with "
        "`apt install chromium`), name one with CHROMIUM=/path/to/chromium, or leave the journeys "
        "out with: make test BROWSER=no"
    )


def _candidates(tell: Callable[[str], None]) -> Iterator[str]:
    """Paths to try, the cheap ones first; each later one costs an installation."""
    if named := os.environ.get("CHROMIUM"):
        yield named
    yield from filter(None, map(shutil.which, NAMES))
    yield from _playwrights_own()
    if os.geteuid() == 0 and shutil.which("apt-get"):
        tell("Installing Chromium with apt-get.")
        env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        install = ["apt-get", "-qq", "install", "-y", "--no-install-recommends"]
        _try(["apt-get", "-qq", "update"], env)
        for package in PACKAGES:
            _try([*install, package, "fonts-liberation"], env)
            yield from filter(None, map(shutil.which, NAMES))
    tell("Downloading Chromium with Playwright.")
    _try([sys.executable, "-m", "playwright", "install", "chromium"], dict(os.environ))
    yield from _playwrights_own()


def _playwrights_own() -> Iterator[str]:
    answer = subprocess.run(
        [sys.executable, "-c", PLAYWRIGHTS_OWN], capture_output=True, text=True, check=False
    )
    if answer.returncode == 0:
        yield answer.stdout.strip()


def _starts(path: str) -> bool:
    # Ubuntu's package of this name is only a signpost to another installer.
    try:
        done = subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _try(command: list[str], env: dict[str, str]) -> None:
    try:
        subprocess.run(
            command, env=env, stdin=subprocess.DEVNULL, timeout=INSTALL_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"{command[0]}: {error}", file=sys.stderr, flush=True)

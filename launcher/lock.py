"""The locks: every package that setup.cfg asks for, in one version, with the hashes of its files.

They hold for Linux and macOS and for every Python from the oldest on, and name no index.
"""

import configparser
import os
import subprocess
import sys
from pathlib import Path

from launcher.environment import LOCKS, OLDEST

HEADER = "# Made from setup.cfg by `make lock`. Do not edit.\n"


def write(checkout: Path, arguments: list[str]) -> int:
    """Write both locks. `arguments` go to uv, for example --upgrade."""
    declared = configparser.ConfigParser()
    declared.read(checkout / "setup.cfg", encoding="utf-8")
    runtime = declared["options"]["install_requires"]
    development = runtime + declared["options.extras_require"]["dev"]
    run, dev = checkout / LOCKS["run"], checkout / LOCKS["dev"]
    _compile(runtime, run, arguments)
    _compile(development, dev, [*arguments, "--constraints", run.name])
    return 0


def _compile(requirements: str, target: Path, arguments: list[str]) -> None:
    # What this machine was told of indexes is its own affair.
    env = {name: word for name, word in os.environ.items() if not name.startswith(("PIP_", "UV_"))}
    command = [
        *(str(Path(sys.prefix) / "bin" / "uv"), "pip", "compile", "-", "--quiet"),
        *("--universal", "--python-version", ".".join(map(str, OLDEST))),
        *("--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--no-header"),
        *("--no-annotate", "--output-file", target.name),
    ]
    subprocess.run(
        [*command, *arguments],
        input=requirements,
        text=True,
        env=env,
        check=True,
        cwd=target.parent,
    )
    target.write_text(HEADER + target.read_text(encoding="utf-8"), encoding="utf-8")

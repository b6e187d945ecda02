"""The Procfile: which processes make up the service, one `name: command` to a line."""

import re
from pathlib import Path

LINE = re.compile(r"^([A-Za-z0-9_-]+):\s*(.+)$")
SHELL_OPERATORS = re.compile(r"[;&|<>()]")
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


class BadProcfile(Exception):
    """A Procfile that cannot be read as one."""


def read(path: Path) -> dict[str, str]:
    commands: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        match = LINE.match(line)
        if match is None or match[1] in commands:
            raise BadProcfile(f"{path.name}, line {number}: expected `name: command`.")
        commands[match[1]] = match[2].strip()
    return commands


def arguments(command: str) -> list[str]:
    """What to execute for a line: a shell that becomes the command, where it is a single one."""
    single = SHELL_OPERATORS.search(QUOTED.sub("", command)) is None
    return ["/bin/sh", "-c", f"exec {command}" if single else command]

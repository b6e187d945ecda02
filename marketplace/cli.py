"""Commands for those who host: `flask --app marketplace …`."""

import importlib
import pkgutil
from pathlib import Path
from typing import Any

from flask import Flask

from marketplace import jobs
from marketplace.operations import schema_commands, translations_commands


def init_app(app: Flask) -> None:
    """Add the commands of every feature, and register the tasks that a worker does.

    A feature's commands stand in `marketplace/<feature>/commands.py`: one `group`, or several
    commands listed in COMMANDS.
    """
    here = Path(__file__).parent
    modules: list[Any] = [schema_commands, translations_commands]
    for found in pkgutil.iter_modules([str(here)]):
        if found.ispkg and (here / found.name / "commands.py").exists():
            modules.append(importlib.import_module(f"marketplace.{found.name}.commands"))
    for module in modules:
        for command in getattr(module, "COMMANDS", None) or (module.group,):
            app.cli.add_command(command)
    jobs.discover()

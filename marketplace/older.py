"""Where a long list goes on: `?before=` in the address names the last row already seen."""

import re

from flask import request


def older_than() -> int | None:
    """The id below which the page begins; None, the newest, for whatever is no id."""
    return id_named("before")


def id_named(name: str) -> int | None:
    """The id that stands under this name in the address; None for whatever is no id."""
    given = request.args.get(name, "")
    return int(given) if re.fullmatch("[0-9]{1,18}", given) else None

"""Where a long list goes on: `?before=` in the address names the last row already seen."""

import re

from flask import request


def older_than() -> int | None:
    """The id below which the page begins; None, the newest, for whatever is no id."""
    given = request.args.get("before", "")
    return int(given) if re.fullmatch("[0-9]{1,18}", given) else None

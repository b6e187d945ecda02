"""Fragments: parts of pages that are kept, because they are the same for all who read them.

The law: a fragment is a function of its template, of what it is kept by, and of how its page is
looked at (address of the instance, language, theme, time zone, key of a link). It is rendered
where there is no request, no session and nobody who reads. What differs by reader or by moment
is a hole in it, and is put in each time it is shown; the token of its forms always is.
"""

import re
import secrets
from collections.abc import Hashable, Mapping
from typing import Any

from flask import Flask, current_app, g, request
from flask_wtf.csrf import generate_csrf
from jinja2 import Environment
from markupsafe import Markup, escape

from marketplace import context
from marketplace.config import LOCALES, Settings
from marketplace.recent import Recent

# Of all fragments of a process; they are mostly ASCII, so this is their size in memory too.
MOST_CHARACTERS = 24_000_000
# What is read from the database may change in ways that no version counts, as a name does.
SECONDS = 600.0
# What of Flask's own in templates would tell who reads.
OF_THE_READER = ("config", "g", "get_flashed_messages", "request", "session")
TOKEN = "csrf_token"  # noqa: S105 - the name of a hole

# Drawn anew for each start, so that nothing a member writes can pass for a hole.
_MARK = secrets.token_hex(8)
_HOLE = re.compile(f"{_MARK}-([a-z_]+)-{_MARK}")


class Fragment:
    """Markup with holes; calling it gives the whole."""

    def __init__(self, html: str) -> None:
        # Text and names of holes in turn, beginning and ending with text.
        self._parts = _HOLE.split(html)
        self.size = len(html)

    def __call__(self, **filled: str) -> Markup:
        whole = self._parts.copy()
        whole[1::2] = [
            escape(generate_csrf() if name == TOKEN else filled[name]) for name in whole[1::2]
        ]
        # A template of ours escaped the text, and the line above what was put in.
        return Markup("".join(whole))  # noqa: S704  # nosec B704


class Fragments:
    """The fragments that an application keeps in this process."""

    def __init__(self, environment: Environment, settings: Settings) -> None:
        self._environment = environment.overlay()
        self._environment.globals = {
            name: known for name, known in environment.globals.items() if name not in OF_THE_READER
        }
        self._environment.globals.update(
            csrf_token=lambda: hole(TOKEN),
            hole=hole,
            instance_name=settings.instance_name,
            locales=tuple(LOCALES.items()),
            sandbox=settings.is_sandbox,
        )
        self._kept: Recent[Fragment] = Recent(
            MOST_CHARACTERS, SECONDS, weigh=lambda fragment: fragment.size
        )

    def __len__(self) -> int:
        return len(self._kept)

    def at_hand(self, template: str, by: Hashable) -> Fragment | None:
        return self._kept.get((template, by, look()))

    def make(
        self, template: str, by: Hashable, facts: Mapping[str, Any], *, seconds: float = SECONDS
    ) -> Fragment:
        """Render `template` with `facts`, which `by` determines, and keep it."""
        known = {"locale": context.choose_locale(), "theme": context.theme(), **facts}
        made = Fragment(self._environment.get_template(template).render(known))
        return self._kept.keep((template, by, look()), made, seconds=seconds)


def init_app(app: Flask, settings: Settings) -> None:
    """Last of all, when every word and filter that templates know is there."""
    app.jinja_env.globals["fragment"] = fragment
    app.extensions["fragments"] = Fragments(app.jinja_env, settings)


def kept() -> Fragments:
    found: Fragments = current_app.extensions["fragments"]
    return found


def fragment(template: str, facts: Mapping[str, Hashable] | None = None, **filled: str) -> Markup:
    """`template` with plain `facts`, which it is kept by, and its holes `filled`: for templates."""
    facts = facts or {}
    by = tuple(facts.items())
    found = kept().at_hand(template, by) or kept().make(template, by, facts)
    return found(**filled)


def hole(name: str) -> Markup:
    """Where something is put in when the fragment is shown; whole texts and attributes alone."""
    return Markup(f"{_MARK}-{name}-{_MARK}")  # noqa: S704 - letters of ours


def look() -> tuple[Hashable, ...]:
    """How the page is looked at: all that a template can see of it without being told."""
    here = g._get_current_object()
    if "looked_at" not in here:
        asked = request.environ
        here.looked_at = (
            asked["wsgi.url_scheme"],
            asked.get("HTTP_HOST"),
            asked.get("SCRIPT_NAME"),
            context.choose_locale(),
            context.theme(),
        )
    # Which deal a page is about is known later than who asks for it.
    return (*here.looked_at, here.get("time_zone"), here.get("link_key"))

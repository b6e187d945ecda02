"""What every page knows: language, theme, who reads it, and where things are."""

import hashlib
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

from babel import negotiate_locale
from flask import Flask, current_app, g, has_request_context, request, url_for
from flask import session as cookie
from flask_login import current_user
from markupsafe import Markup

from marketplace import auth, speech
from marketplace.config import LOCALES, Settings
from marketplace.drawing import TEMPLATE_GLOBALS
from models.money import Money

THEMES = ("auto", "light", "dark")


def init_app(app: Flask, settings: Settings) -> None:
    @app.context_processor
    def for_pages() -> dict[str, Any]:
        return page_context(settings)

    app.jinja_env.globals.update(_=speech.gettext, gettext=speech.gettext, ngettext=speech.ngettext)
    app.jinja_env.globals.update(
        icon=icon, initials=initials, money_of=Money, static_url=static_url, **TEMPLATE_GLOBALS
    )


def choose_locale() -> str:
    """The language chosen on the page, else the browser's, else the instance's."""
    if not has_request_context():
        return str(g.get("locale") or _usual_locale())
    if "locale" not in g:
        chosen = cookie.get("locale")
        g.locale = (
            chosen
            if chosen in LOCALES
            else negotiate_locale(request.accept_languages.values(), list(LOCALES), sep="-")
            or _usual_locale()
        )
    return str(g.locale)


def _usual_locale() -> str:
    usual: str = current_app.config["SETTINGS"].default_locale
    return usual


def page_context(settings: Settings) -> dict[str, Any]:
    reader = auth.actor()
    return {
        "current_member": reader.member if reader else None,
        "acting_as": reader.participant if reader else None,
        "actable": reader.participants if reader else (),
        "actor": reader,
        "unread_count": current_user.unread_count,
        "locale": choose_locale(),
        "locales": list(LOCALES.items()),
        "theme": theme(),
        "large_print": bool(cookie.get("large_print")),
        "is_demo": settings.is_demo,
        "sandbox": settings.is_sandbox,
        "instance_name": settings.instance_name,
        "nav": request.blueprint or "",
        "here": request.full_path.rstrip("?") if request.method == "GET" else "/",
    }


def theme() -> str:
    chosen = cookie.get("theme")
    return chosen if chosen in THEMES else "auto"


def static_url(path: str) -> str:
    """The address of a file of ours, with what it holds: it may be kept for a year."""
    return url_for("static", filename=path, v=_fingerprint(path))


@cache
def _fingerprint(path: str) -> str:
    content = (Path(__file__).parent / "static" / path).read_bytes()
    return hashlib.sha256(content).hexdigest()[:10]


def initials(name: str) -> str:
    """The first letters of the first and the last word, for a drawn face."""
    words = name.split()
    return "".join(
        word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)
    ).upper()


def icon(name: str) -> Markup:
    """A picture from our own sprite; the words beside it say the same."""
    return _icon(_root(), name)


def _root() -> str:
    """Under which path this instance is reached: all that a fixed address depends on."""
    return request.script_root if has_request_context() else ""


@lru_cache(maxsize=500)
def _sprite(_root: str) -> str:
    return static_url("img/icons.svg")


@lru_cache(maxsize=500)
def _icon(root: str, name: str) -> Markup:
    return Markup(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>'
    ).format(_sprite(root), quote(name))

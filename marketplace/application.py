"""The application: everything that answers, put together in order."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask_babel import Babel
from flask_wtf import CSRFProtect
from itsdangerous import URLSafeTimedSerializer
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from marketplace import (
    addresses,
    api,
    auth,
    cli,
    context,
    db,
    errors,
    features,
    filters,
    fragments,
    logs,
    returning,
    security,
    speech,
    summaries,
    wares,
)
from marketplace.config import Settings, from_environment

csrf = CSRFProtect()
STATIC = str(Path(__file__).parent / "static")


class Cookies(SecureCookieSessionInterface):
    """Signed cookies, with a signer that is made once and not twice for each request."""

    def __init__(self) -> None:
        self._signer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        if self._signer is None:
            self._signer = super().get_signing_serializer(app)
        return self._signer


class Application(Flask):
    """Flask, without asking of each of our functions at each request whether it is a coroutine."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


def create(settings: Settings | None = None) -> Flask:
    settings = settings or from_environment()
    app = Application("marketplace", template_folder="../templates")
    app.session_interface = Cookies()
    app.jinja_environment = speech.Templates
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="__Host-allmende" if settings.is_https else "allmende",
        SESSION_COOKIE_SECURE=settings.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=60 * 60 * 24 * 90,
        # No longer than whoever signed in stays so: to sign it anew for each page gains nothing.
        SESSION_REFRESH_EACH_REQUEST=False,
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=17 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=4 * 1024 * 1024,
        MAX_FORM_PARTS=40_000,
        TRUSTED_HOSTS=[host for host in settings.trusted_hosts.split(",") if host] or None,
        BABEL_TRANSLATION_DIRECTORIES="../translations",
        BABEL_DEFAULT_LOCALE=settings.default_locale,
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    # Every address of a file of ours names its content, so a browser may keep it for a year.
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=STATIC,
        prefix="static/",
        max_age=31_536_000,
        allow_all_origins=False,
        add_headers_function=security.for_files,
    )
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    addresses.init_app(app)
    logs.init_app(app, settings)
    db.init_app(app, settings)
    Babel(app, locale_selector=context.choose_locale)
    csrf.init_app(app)
    auth.init_app(app)
    filters.init_app(app)
    summaries.init_app(app)
    wares.init_app(app)
    context.init_app(app, settings)
    security.init_app(app, settings)
    errors.init_app(app)
    returning.init_app(app)
    api.init_app(app, settings, csrf)
    features.init_app(app)
    cli.init_app(app)
    fragments.init_app(app, settings)
    return app

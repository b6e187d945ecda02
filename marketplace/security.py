"""Headers that every answer carries, errors too, and requests that no page of ours sends."""

from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import Forbidden

from marketplace.config import Settings, refuse_unsafe

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self' {checkout}",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "manifest-src 'self'",
    )
)
SAFE = ("GET", "HEAD", "OPTIONS")


def init_app(app: Flask, settings: Settings) -> None:
    refuse_unsafe(settings)
    # A form of ours leads on to the hosted checkout; browsers check that redirect too.
    policy = POLICY.format(checkout=settings.stripe_api_base or "https://checkout.stripe.com")

    @app.before_request
    def refuse_cross_site() -> None:
        # Browsers say where a request comes from; programs, webhooks and mailers say nothing.
        if request.method not in SAFE and request.headers.get("Sec-Fetch-Site") == "cross-site":
            raise Forbidden

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", policy)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        headers.setdefault("Vary", "Accept-Language, Cookie")
        if settings.is_https:
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.endpoint != "static":
            headers.setdefault("Cache-Control", "private, no-cache")
        return response


def for_files(headers: Any, _path: str, _url: str) -> None:
    """What files of ours carry: they run nothing and are read by our own pages alone."""
    headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"

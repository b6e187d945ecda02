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
        "frame-ancestors {ancestors}",
        "manifest-src 'self'",
    )
)
SAFE = ("GET", "HEAD", "OPTIONS")


def init_app(app: Flask, settings: Settings) -> None:
    refuse_unsafe(settings)
    # A form of ours leads on to the hosted checkout; browsers check that redirect too.
    checkout = settings.stripe_api_base or "https://checkout.stripe.com"
    policy = POLICY.format(checkout=checkout, ancestors="'none'")

    @app.before_request
    def refuse_cross_site() -> None:
        # Browsers say where a request comes from; programs, webhooks and mailers say nothing.
        if request.method not in SAFE and request.headers.get("Sec-Fetch-Site") == "cross-site":
            raise Forbidden

    always = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Frame-Options": "DENY",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Vary": "Accept-Language, Cookie",
    }
    if settings.is_https:
        always["Strict-Transport-Security"] = "max-age=31536000"
    pages = {**always, "Cache-Control": "private, no-cache"}
    # What is made to stand in pages of others; it has no form, and knows nobody who reads it.
    embedded = {
        **{name: value for name, value in pages.items() if name != "X-Frame-Options"},
        "Content-Security-Policy": POLICY.format(checkout="", ancestors="*"),
        "Cross-Origin-Resource-Policy": "cross-origin",
    }

    @app.after_request
    def add_headers(response: Response) -> Response:
        given = {name.lower() for name, _ in response.headers}
        wanted = always if request.endpoint == "static" else pages
        if request.blueprint == "widgets" and response.status_code < 400:
            wanted = embedded
        for name, value in wanted.items():
            if name.lower() not in given:
                response.headers.add(name, value)
        return response


def for_files(headers: Any, _path: str, _url: str) -> None:
    """What files of ours carry: they run nothing and are read by our own pages alone."""
    headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"

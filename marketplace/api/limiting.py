"""Limiting: how often programs may ask, counted for each member, or for each network without one.

Each process counts by itself, in memory: the limit keeps a program that runs wild from taking
the instance with it, and is no bill. Pages have no such limit.
"""

import time

from flask import Flask, Response, g, request
from flask_login import current_user
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import FixedWindowRateLimiter
from werkzeug.exceptions import TooManyRequests

from marketplace.api.blueprint import PREFIX
from marketplace.config import Settings
from services import throttles


def init_app(app: Flask, settings: Settings) -> None:
    limit, limiter = parse(settings.api_rate_limit), FixedWindowRateLimiter(MemoryStorage())

    @app.before_request
    def count() -> None:
        # What is not there is answered without being counted.
        if not request.path.startswith(PREFIX) or request.endpoint is None:
            return
        who = member_or_network()
        is_within = limiter.hit(limit, who)
        g.window = limiter.get_window_stats(limit, who)
        if not is_within:
            raise TooManyRequests

    @app.after_request
    def say_what_is_left(response: Response) -> Response:
        window = g.get("window")
        if window is not None:
            response.headers["X-RateLimit-Limit"] = str(limit.amount)
            response.headers["X-RateLimit-Remaining"] = str(window.remaining)
            response.headers["X-RateLimit-Reset"] = str(int(window.reset_time))
            if response.status_code == TooManyRequests.code:
                left = int(window.reset_time - time.time())
                response.headers["Retry-After"] = str(max(1, left))
        return response


def member_or_network() -> str:
    """Whose requests are counted together: a member may draw tokens, a host addresses, at will."""
    token = current_user.token
    if token is not None:
        return f"member:{token.member_id}"
    return f"network:{throttles.network(request.remote_addr or '127.0.0.1')}"

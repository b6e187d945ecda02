"""What is asked: signed-in browsers and the requests they send, the same at both doors."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from flask import Flask
from flask import session as cookie
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import generate_csrf
from sqlalchemy import text
from sqlalchemy.orm import Session

from benchmarks.load import Request
from benchmarks.texts import QUESTIONS
from benchmarks.world import Person


@dataclass(frozen=True)
class Browser:
    """A browser that is signed in at the marketplace and at the floor."""

    member_id: int
    cookie: str
    csrf_token: str
    floor_cookie: str


@dataclass(frozen=True)
class Offer:
    """A deal with one article, as the form of an order knows it."""

    deal_id: int
    slug: str
    article_id: int
    price_minor: int
    pickup_point_id: int


def browsers(app: Flask, floor: Flask, people: Sequence[Person]) -> list[Browser]:
    """A browser for each; they read German, as most of the members that are made do."""
    made = []
    for one in people:
        with app.test_request_context():
            cookie.update(sid=one.token, locale="de")
            token = generate_csrf()
            ours = f"{app.config['SESSION_COOKIE_NAME']}={_signed(app, dict(cookie))}"
        bare = f"session={_signed(floor, {'member_id': one.member_id})}"
        made.append(Browser(one.member_id, ours, token, bare))
    return made


def offers(session: Session, *, first: int, count: int) -> list[Offer]:
    """Open deals of a single article that nobody has joined, from the number `first` on."""
    rows = session.execute(
        text(
            "SELECT deal.id, deal.slug, article.id, tier.price_minor, point.id "
            "FROM collaborations deal JOIN group_buys ON group_buys.id = deal.id "
            "JOIN articles article ON article.group_buy_id = deal.id "
            "JOIN price_tiers tier ON tier.article_id = article.id AND tier.position = 0 "
            "JOIN pickup_points point ON point.group_buy_id = deal.id "
            "WHERE deal.state = 'open' AND group_buys.articles_count = 1 "
            "AND deal.commitments_count = 0 AND deal.id >= :first ORDER BY deal.id LIMIT :count"
        ),
        {"first": first, "count": count},
    )
    return [Offer(*row) for row in rows]


def lists(browsers: Sequence[Browser], *, floor: bool) -> list[Request]:
    return [Request("GET", "/group-buys", _cookie(one, floor)) for one in browsers]


def details(browsers: Sequence[Browser], offers: Sequence[Offer], *, floor: bool) -> list[Request]:
    return [
        Request("GET", f"/group-buys/{offers[at % len(offers)].slug}", _cookie(one, floor))
        for at, one in enumerate(browsers)
    ]


def searches(browsers: Sequence[Browser], *, floor: bool) -> list[Request]:
    return [
        Request(
            "GET", f"/group-buys?q={quote(QUESTIONS[at % len(QUESTIONS)])}", _cookie(one, floor)
        )
        for at, one in enumerate(browsers)
    ]


def joins(browsers: Sequence[Browser], offers: Sequence[Offer], *, floor: bool) -> list[Request]:
    """Each browser joins each deal once, for one unit, paid by card; neighbours differ in both."""
    return [
        Request(
            "POST", f"/group-buys/{one.slug}/commitments", _cookie(who, floor), _order(who, one)
        )
        for shift in range(len(offers))
        for at, who in enumerate(browsers)
        for one in (offers[(at + shift) % len(offers)],)
    ]


def _order(browser: Browser, offer: Offer) -> str:
    return urlencode(
        {
            "csrf_token": browser.csrf_token,
            "lines": f"{offer.article_id}:1:0:{offer.price_minor}",
            "idempotency_key": secrets.token_urlsafe(12),
            "terms_number": 1,
            "payment_method": "card",
            "pickup_point": offer.pickup_point_id,
        }
    )


def _cookie(browser: Browser, floor: bool) -> str:
    return browser.floor_cookie if floor else browser.cookie


def _signed(app: Flask, content: dict[str, Any]) -> str:
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    return str(signer.dumps(content))

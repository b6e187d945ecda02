"""Calendars: closes, payments and pick-ups, and the key by which a program may ask for them."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from flask import current_app, url_for
from flask_babel import gettext
from icalendar import Calendar, Event
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session

from models.actors import Actor
from models.collaborations import State
from models.members import Member
from services import commitments
from services.commitments import Promise

MOMENT_LASTS = timedelta(minutes=15)


def written(promises: Sequence[Promise], *, name: str) -> bytes:
    """The calendar of `promises`, times in UTC; asking again moves what has moved."""
    calendar = Calendar()
    calendar.add("prodid", "-//Allmende//commitments//EN")
    calendar.add("version", "2.0")
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", timedelta(hours=6), parameters={"VALUE": "DURATION"})
    for promise in promises:
        deal = promise.collaboration
        if deal.state == State.OPEN:
            title = gettext("Closes: %(title)s", title=deal.title)
            end = deal.closes_at + MOMENT_LASTS
            calendar.add_component(_event(promise, "close", title, deal.closes_at, end))
        point, pay_by_at = promise.pickup_point, promise.pay_by_at
        # What is paid when it is fetched needs no date beside that.
        if pay_by_at is not None and (point is None or pay_by_at != point.until_at):
            title = gettext("Pay by now: %(title)s", title=deal.title)
            start = pay_by_at - MOMENT_LASTS
            calendar.add_component(_event(promise, "pay", title, start, pay_by_at))
        if point is not None:
            title = gettext("Fetch: %(title)s", title=deal.title)
            fetch = _event(promise, "pickup", title, point.from_at, point.until_at)
            fetch.add("location", f"{point.name}, {point.address}")
            calendar.add_component(fetch)
    content: bytes = calendar.to_ical()
    return content


def key_of(member: Member) -> str:
    """A key that opens the member's calendar and nothing else; a new password ends it."""
    return str(_keys().dumps([member.id, _mark(member)]))


def actor_by(session: Session, key: str) -> Actor | None:
    """The member whose calendar `key` opens, or None."""
    try:
        member_id, mark = _keys().loads(key)
    except (BadSignature, ValueError, TypeError):
        return None
    member = session.get(Member, member_id)
    if member is None or mark != _mark(member):
        return None
    return commitments.reader(session, member_id)


def _keys() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.secret_key or "", salt="calendar")


def _mark(member: Member) -> str:
    return hashlib.sha256(member.password_hash.encode()).hexdigest()[:16]


def _home() -> str:
    return str(current_app.config["SETTINGS"].public_url)


def _event(promise: Promise, what: str, title: str, start: datetime, end: datetime) -> Event:
    event = Event()
    event.add("uid", f"{what}-{promise.commitment.id}@{urlsplit(_home()).hostname}")
    event.add("dtstamp", promise.commitment.changed_at)
    event.add("summary", title)
    event.add("dtstart", start)
    event.add("dtend", end)
    event.add("url", url_for("buying.show", slug=promise.collaboration.slug, _external=True))
    return event

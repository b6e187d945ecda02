"""Throttles: how often something may be tried, counted in the database for all processes.

Counting is an act of its own: it is kept whatever becomes of what was tried, so that a wrong guess
counts. What nobody guesses at is counted with the act itself, by `take_in_act`.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from sqlalchemy import case, delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from models.members import Throttle, TooManyTries


@dataclass(frozen=True)
class Limit:
    """At most so many tries within a span that begins with the first of them."""

    name: str
    tries: int
    within: timedelta


@dataclass(frozen=True)
class Try:
    """One thing tried by, or upon, one subject: an address, a network, a member."""

    limit: Limit
    subject: str

    @property
    def key(self) -> str:
        # Only a hash is kept: the table is no list of who tried to come in.
        digest = hashlib.sha256(self.subject.encode()).hexdigest()[:32]
        return f"{self.limit.name}:{digest}"


def take(session: Session, *tries: Try, now: datetime) -> None:
    """Count each of `tries`, or refuse all with TooManyTries if one of them is over its limit.

    The door keeps this in a transaction of its own before it does what is tried.
    """
    # In the order of their keys: two requests that count the same never wait in a circle.
    for one in sorted(tries, key=lambda one: one.key):
        counted, until = _count(session, one, now)
        if counted > one.limit.tries:
            raise TooManyTries(until=until)


def take_in_act(session: Session, one: Try, *, refusal: type[TooManyTries], now: datetime) -> None:
    """Count `one` within the act that it limits, which undoes the count if it is refused.

    For acts that tell others: refuses with `refusal`, which says the limit and from when on.
    """
    try:
        take(session, one, now=now)
    except TooManyTries as refused:
        raise refusal(limit=one.limit.tries, **refused.facts) from None


def give_back(session: Session, *tries: Try) -> None:
    """What succeeded does not count: take one from each of `tries`."""
    for one in sorted(tries, key=lambda one: one.key):
        session.execute(
            update(Throttle)
            .where(Throttle.key == one.key, Throttle.tries > 0)
            .values(tries=Throttle.tries - 1)
        )


def sweep(session: Session, *, now: datetime) -> None:
    """Forget the windows that are over."""
    session.execute(delete(Throttle).where(Throttle.window_ends_at <= now))


def network(address: str) -> str:
    """Whom an IP address stands for: in IPv6 a household has a whole /64 of them."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    if isinstance(found, IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ip_network((found, 64), strict=False))
    return str(found)


def _count(session: Session, one: Try, now: datetime) -> tuple[int, datetime]:
    is_over = Throttle.window_ends_at <= now
    fresh = insert(Throttle).values(key=one.key, tries=1, window_ends_at=now + one.limit.within)
    counted = session.execute(
        fresh.on_conflict_do_update(
            index_elements=[Throttle.key],
            set_={
                "tries": case((is_over, 1), else_=Throttle.tries + 1),
                "window_ends_at": case(
                    (is_over, fresh.excluded.window_ends_at), else_=Throttle.window_ends_at
                ),
            },
        ).returning(Throttle.tries, Throttle.window_ends_at)
    ).one()
    return counted.tries, counted.window_ends_at

"""A circle of hundreds, told by workers that are killed, and forms of it sent six times at once."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from models.actors import Actor
from models.circles import Circle
from models.dialogue import Following
from services import dialogue, queue
from tests import make, make_talk
from tests.chaos import oracles, street
from tests.chaos.conftest import Tally
from tests.chaos.instance import Instance, until
from tests.chaos.test_two_tabs import Browser, browser_of
from tests.make_circles import circle, join

MEMBERS = 600
# After so many are told, the worker dies; two hundred are told at once.
TOLD = (1, 201, 401)
CLICKS = 6


@pytest.mark.chaos
@pytest.mark.race
@pytest.mark.timeout(600)
def test_all_of_a_circle_are_told_once_whatever_becomes_of_the_worker(
    instance: Instance, tally: Tally
) -> None:
    now = instance.now()
    slug, members = _circle(instance, now - timedelta(days=2))
    with instance.transaction() as session:
        steward = street.as_member(session, members[0])
        room = session.query(Circle).filter_by(slug=slug).one()
        make_talk.announce(session, room, body="We meet at eight", actor=steward, now=now)
        make_talk.ask(session, room, body="Who brings bread?", actor=steward, now=now)

    kills = _kill_while(instance, "notices", "message = 'announced-in-circle'")
    kills += _kill_while(instance, "notices", "message = 'commented'")
    instance.start("worker")
    instance.settle_down()
    lost = [
        *_not_told_once(instance, "announced-in-circle", members[1:]),
        *_not_told_once(instance, "commented", members[1:]),
        *oracles.jobs(instance),
    ]
    tally.count(f"a worker killed while it tells {MEMBERS} members of a circle", kills, lost)

    instance.kill("worker")
    with instance.transaction() as session:
        # The week ends twice: its mails are written once.
        for _ in range(2):
            queue.defer(session, "circles.write_digests", until=now.isoformat(), after=0)
    kills = _kill_while(instance, "mails", "template = 'digest'")
    instance.start("worker")
    instance.settle_down()
    written = instance.value("SELECT count(*) FROM mails WHERE template = 'digest'")
    lost = [*oracles.jobs(instance)]
    if written != MEMBERS:
        lost.append(f"{written} mails of the week for {MEMBERS} members")
    tally.count("a worker killed while it writes the mails of the week", kills, lost)


@pytest.mark.chaos
@pytest.mark.race
@pytest.mark.timeout(600)
def test_what_is_sent_at_once_in_a_circle_has_one_effect(instance: Instance, tally: Tally) -> None:
    instance.start("web", "worker")
    lost = [fault for _ in range(3) for fault in _one_round(instance)]
    instance.settle_down()

    lost += [*_miscounted(instance), *oracles.jobs(instance)]
    tally.count("forms of a circle sent six times at once", 3 * 4 * CLICKS, lost)


def _circle(instance: Instance, then: datetime) -> tuple[str, list[int]]:
    """Everybody is in it and follows its thread; the first runs it."""
    with instance.transaction() as session:
        people = [make.actor(session, f"Neighbour{at}", now=then) for at in range(MEMBERS)]
        made = circle(session, people[0], now=then)
        for one in people[1:]:
            join(session, made, one, now=then)
            _follow(session, made, one, then)
        return made.slug, [one.member.id for one in people]


def _follow(session: Session, made: Circle, actor: Actor, then: datetime) -> None:
    thread = make_talk.subject(session, made, actor)
    dialogue.follow(session, thread, Following.FOLLOWED, actor=actor, now=then)


def _kill_while(instance: Instance, table: str, condition: str) -> int:
    for count in TOLD:
        instance.start("worker")
        instance.ask_again()
        asked = f"SELECT count(*) FROM {table} WHERE {condition}"
        until(lambda asked=asked, count=count: instance.value(asked) >= count)
        instance.kill("worker")
    return len(TOLD)


def _not_told_once(instance: Instance, message: str, members: list[int]) -> Iterator[str]:
    rows = instance.execute(
        "SELECT member_id, count(*) AS times FROM notices WHERE message = :message"
        " GROUP BY member_id",
        message=message,
    )
    told: dict[int, int] = {one.member_id: one.times for one in rows}
    for one in members:
        if told.pop(one, 0) != 1:
            yield f"member {one} was not told once of {message}"
    yield from (f"member {one} was told of {message}" for one in told)


def _one_round(instance: Instance) -> Iterator[str]:
    """Bob joins, says something, takes it back and leaves; each button is pressed six times."""
    now = instance.now()
    with instance.transaction() as session:
        alice = make.actor(session, "Alice", now=now)
        bob = make.actor(session, "Bob", now=now)
        slug = circle(session, alice, now=now).slug
        bob_id = bob.member.id
    tab = browser_of(instance, bob_id)
    path = f"/circles/{slug}"

    def count(kind: str) -> int:
        query = (
            "SELECT count(*) FROM events JOIN circles ON circles.id = events.circle_id"
            " WHERE slug = :slug AND events.kind = :kind"
        )
        return int(instance.value(query, slug=slug, kind=kind))

    yield from _pressed(tab, f"{path}/memberships", {"rules_number": 0})
    said = {"body": "Hello", "lang": "en", "idempotency_key": f"once-{slug}"}
    yield from _pressed(tab, f"{path}/messages", said)
    message = instance.value("SELECT max(id) FROM messages")
    yield from _pressed(tab, f"/messages/{message}/hiding", {})
    yield from _pressed(tab, f"{path}/departure", {})
    for kind in ("CircleJoined", "CommentMade", "MessageHidden", "CircleLeft"):
        if count(kind) != 1:
            yield f"{kind}: {count(kind)} times"


def _pressed(tab: Browser, path: str, typed: dict[str, object]) -> Iterator[str]:
    for status in tab.at_once(*[(path, typed)] * CLICKS):
        if status not in (200, 303, 403, 404, 409, 422):
            yield f"{path}: answered {status}"


def _miscounted(instance: Instance) -> Iterator[str]:
    rows = instance.execute(
        "SELECT c.id FROM circles c LEFT JOIN circle_memberships m"
        " ON m.circle_id = c.id AND m.state = 'active' GROUP BY c.id"
        " HAVING c.members_count <> count(m.id)"
        " OR c.stewards_count <> count(m.id) FILTER (WHERE m.role = 'steward')"
        " OR (SELECT sum(one) FROM unnest(c.phase_counts) AS one) <> count(m.id)"
    )
    yield from (f"circle {row[0]} counts its members wrongly" for row in rows)

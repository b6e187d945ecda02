"""What the doors of circles and threads keep to themselves, and bad input at them."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from flask import g
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from marketplace import db, filters
from marketplace.markdown import markdown
from models.actors import Actor
from models.circles import Admission, Circle, CircleVisibility
from services import circles, dialogue
from tests import make, make_talk
from tests.make_api import program
from tests.make_buying import add_co_organiser, group_buy
from tests.make_circles import circle, join, member, visit
from tests.pages import send

PRIVATE: dict[str, Any] = {
    "visibility": CircleVisibility.PRIVATE, "admission": Admission.INVITATION,
}  # fmt: skip
BrowserOf = Callable[[Actor], FlaskClient]


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[None]:
    with db.at(now):
        yield


@pytest.fixture
def room(session: Session, alice: Actor, bob: Actor, now: datetime) -> Circle:
    """Alice's private circle, in which Bob is."""
    made = circle(session, alice, name="Secret friends", now=now, **PRIVATE)
    member(session, made, bob, by=alice, now=now)
    return made


# Who learns what.


def test_who_helps_to_organise_does_not_read_in_which_circles_the_organiser_is(
    session: Session, browser_of: BrowserOf, room: Circle, alice: Actor, charlie: Actor,
    now: datetime,
) -> None:  # fmt: skip
    draft = group_buy(session, alice, published=False, now=now)
    inside = group_buy(session, alice, published=False, circle_id=room.id, now=now)
    for deal in (draft, inside):
        add_co_organiser(session, deal, charlie.member.email, actor=alice, now=now)
    session.commit()

    own = browser_of(alice).get(f"/group-buys/{draft.slug}/draft").text
    pages = [browser_of(charlie).get(f"/group-buys/{deal.slug}/draft") for deal in (draft, inside)]

    assert room.name in own
    assert [page.status_code for page in pages] == [200, 200]
    assert all(room.name not in page.text for page in pages)
    # What is chosen stays so when they save.
    assert f'value="{room.id}" selected' in pages[1].text


def test_an_unknown_circle_and_a_private_one_are_refused_in_the_same_words(
    session: Session, client: FlaskClient, room: Circle, charlie: Actor, now: datetime
) -> None:
    draft = group_buy(session, charlie, published=False, now=now)
    ask = program(session, client, now=now)

    answers = [
        ask(charlie, "PATCH", f"/group-buys/{draft.id}", {"circle": given})
        for given in (str(room.id), "999999")
    ]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert answers[0].json["errors"] == answers[1].json["errors"]


def test_programs_do_not_try_all_addresses_in_invitations(
    session: Session, client: FlaskClient, room: Circle, alice: Actor, now: datetime
) -> None:
    ask = program(session, client, now=now)
    path = f"/circles/{room.id}/invitations"

    answers = [ask(alice, "POST", path, {"who": f"{n}@example.org"}) for n in range(31)]

    assert [answer.status_code for answer in answers] == [422] * 30 + [409]
    assert answers[-1].json["type"] == "/problems/too-many-tries"


def test_search_engines_are_led_to_what_they_may_read(
    session: Session, client: FlaskClient, alice: Actor, now: datetime
) -> None:
    listed = circle(session, alice, name="By name", visibility=CircleVisibility.LISTED, now=now)
    public = circle(session, alice, name="For all", now=now)

    found = client.get("/sitemap.xml").text

    assert f"/circles/{public.slug}<" in found
    assert f"/circles/{listed.slug}<" not in found


def test_pages_of_others_show_no_errors_of_ours(client: FlaskClient) -> None:
    answer = client.get("/widgets/circles/nothing")

    assert answer.status_code == 404
    assert "frame-ancestors *" not in answer.headers["Content-Security-Policy"]


def test_what_was_taken_back_has_no_page(
    session: Session, client: FlaskClient, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = circle(session, alice, now=now)
    asked, answered = (make_talk.ask(session, made, actor=alice, now=now) for _ in range(2))
    member(session, made, bob, by=alice, now=now)
    make_talk.answer(session, made, answered.id, actor=bob, now=now)
    for one in (asked, answered):
        dialogue.take_back(session, one.id, actor=alice, now=now)
    session.commit()

    assert client.get(f"/messages/{asked.id}").status_code == 404
    assert client.get(f"/api/v1/messages/{asked.id}/answers").status_code == 404
    assert client.get(f"/messages/{answered.id}").status_code == 200


def test_one_takes_back_what_one_wrote_where_one_is_no_more(
    session: Session, browser_of: BrowserOf, client: FlaskClient, room: Circle, bob: Actor,
    now: datetime,
) -> None:  # fmt: skip
    said, other = (make_talk.ask(session, room, actor=bob, now=now) for _ in range(2))
    circles.leave(session, visit(session, room, bob), actor=bob, now=now)
    session.commit()

    answer = send(browser_of(bob), f"/messages/{said.id}/hiding")
    by_program = program(session, client, now=now)(bob, "POST", f"/messages/{other.id}/hiding", {})

    assert (answer.status_code, answer.location) == (303, "/")
    assert by_program.status_code == 200
    session.expire_all()
    assert said.is_hidden
    assert other.is_hidden


# Bad input.


@pytest.mark.parametrize("path", ["memberships", "messages", "departure", "invitations"])
def test_a_key_that_holds_a_nul_opens_nothing(
    session: Session, browser_of: BrowserOf, room: Circle, charlie: Actor, now: datetime, path: str
) -> None:
    session.commit()

    answer = send(browser_of(charlie), f"/circles/{room.slug}/{path}", key="a\0b", body="x")

    assert answer.status_code == 404


@pytest.mark.parametrize("since", ["9223372036854775808", "²", "-1", "x"])
def test_a_page_begins_at_its_beginning_where_no_message_is_named(
    session: Session, client: FlaskClient, alice: Actor, now: datetime, since: str
) -> None:
    made = circle(session, alice, now=now)
    said = make_talk.ask(session, made, actor=alice, now=now)
    session.commit()

    assert client.get(f"/messages/{said.id}?since={since}").status_code == 200


def test_thousands_of_brackets_are_words(client: FlaskClient) -> None:
    with client.application.test_request_context("/"):
        assert "<a " not in markdown("[" * 300 + "[a](https://example.org)")
        assert "[a](https://example.org)" in markdown("![" * 300 + "[a](https://example.org)")
        assert '<a href="https://example.org"' in markdown("[" * 100 + "[a](https://example.org)")


# Lists and times.


def test_who_asks_stands_on_as_many_pages_as_it_takes(
    session: Session, browser_of: BrowserOf, alice: Actor, now: datetime
) -> None:
    made = circle(session, alice, admission=Admission.REQUEST, question="Who?", now=now)
    for number in range(25):
        asker = make.actor(session, f"Asker{number}", now=now)
        join(session, made, asker, answer=f"Number {number}", now=now)
    session.commit()
    browser = browser_of(alice)

    first = browser.get(f"/circles/{made.slug}/requests").text
    [after] = re.findall(r"after=([^\"&]+)", first)
    last = browser.get(f"/circles/{made.slug}/requests?after={after}").text

    assert "Number 24" not in first
    assert "Number 24" in last


def test_each_page_shows_times_of_its_own_zone(client: FlaskClient, now: datetime) -> None:
    shown = []
    for zone in ("Europe/Lisbon", "Europe/Berlin", "Europe/Lisbon"):
        with client.application.test_request_context("/"):
            g.time_zone = zone
            shown.append(str(filters.datetime_(now)))

    assert shown[0] == shown[2]
    assert shown[0] != shown[1]

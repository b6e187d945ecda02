"""Notices by programs: one's own alone, in one's language, and how one hears of things."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace import db
from models.actors import Actor
from models.events import Event
from models.members import Scope
from models.notices import NoticeKind
from services import notices
from services.notices import Telling
from tests import make_buying
from tests.make_api import program

Ask = Callable[..., Any]


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[None]:
    with db.at(now):
        yield


@pytest.fixture
def ask(session: Session, client: FlaskClient, now: datetime) -> Ask:
    return program(session, client, now=now)


@pytest.fixture
def told(session: Session, alice: Actor, bob: Actor, now: datetime) -> int:
    """Bob is told of as many things as happen to a group buy; how many they are."""
    make_buying.group_buy(session, alice, now=now)
    make_buying.group_buy(session, alice, now=now)
    happened = session.scalars(select(Event).order_by(Event.id)).all()
    for event in happened:
        notices.tell_all(
            session,
            event,
            [bob.member],
            Telling(
                NoticeKind.MESSAGE,
                "answered",
                {"title": "Oil", "name": "Erin", "words": "Is it organic?"},
                "/group-buys/oil",
                by_mail=False,
            ),
            now=now,
        )
    return len(happened)


def test_notices_are_read_in_ones_language(ask: Ask, bob: Actor, told: int) -> None:
    in_english = ask(bob, "GET", "/notices")
    in_german = ask(bob, "GET", "/notices", Accept_Language="de")

    assert len(in_english.json["items"]) == told
    notice = in_english.json["items"][0]
    assert (notice["kind"], notice["message"]) == ("message", "answered")
    assert "Oil" in notice["text"]
    assert (notice["quoted"], notice["path"]) == ("Is it organic?", "/group-buys/oil")
    assert notice["read_at"] is None
    assert in_german.json["items"][0]["text"] != notice["text"]


def test_they_come_in_pages(ask: Ask, client: FlaskClient, bob: Actor, told: int) -> None:
    first = ask(bob, "GET", "/notices?limit=1").json
    cursor = first["next"].partition("after=")[2].partition("&")[0]

    rest = ask(bob, "GET", f"/notices?after={cursor}").json

    assert len(rest["items"]) == told - 1
    assert first["items"][0]["id"] not in [one["id"] for one in rest["items"]]
    assert ask(bob, "GET", "/notices?after=nonsense").status_code == 422


def test_one_is_marked_as_read_and_then_all(ask: Ask, bob: Actor, told: int) -> None:
    newest = ask(bob, "GET", "/notices").json["items"][0]["id"]

    read = ask(bob, "POST", f"/notices/{newest}/reading", {}, key="one")
    again = ask(bob, "POST", f"/notices/{newest}/reading", {}, key="one")
    unread = [one for one in ask(bob, "GET", "/notices").json["items"] if not one["read_at"]]
    everything = ask(bob, "POST", "/notices/reading", {}, key="all")
    repeated = ask(bob, "POST", "/notices/reading", {}, key="all")

    assert read.json["read_at"] is not None
    assert again.json == read.json
    assert len(unread) == told - 1
    assert (everything.status_code, repeated.status_code) == (204, 204)
    assert repeated.headers["Idempotent-Replayed"] == "true"
    assert all(one["read_at"] for one in ask(bob, "GET", "/notices").json["items"])


def test_somebody_elses_notice_does_not_exist(
    ask: Ask, bob: Actor, charlie: Actor, told: int
) -> None:
    newest = ask(bob, "GET", "/notices").json["items"][0]["id"]

    assert ask(charlie, "GET", "/notices").json["items"] == []
    assert ask(charlie, "POST", f"/notices/{newest}/reading", {}).status_code == 404


def test_how_one_hears_of_things_is_chosen_as_a_whole(ask: Ask, bob: Actor) -> None:
    before = ask(bob, "GET", "/notices/preferences").json

    changed = ask(bob, "PUT", "/notices/preferences", {**before, "payment_mail": False})
    emptied = ask(bob, "PUT", "/notices/preferences", {"joined_page": True})

    assert all(before.values())
    assert changed.json == {**before, "payment_mail": False}
    assert [name for name, ticked in emptied.json.items() if ticked] == ["joined_page"]
    assert ask(bob, "GET", "/notices/preferences").json == emptied.json
    assert ask(bob, "PUT", "/notices/preferences", {"account_mail": False}).status_code == 422
    assert ask(bob, "PUT", "/notices/preferences", {"joined_page": "yes"}).status_code == 422


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/notices"),
        ("POST", "/notices/1/reading"),
        ("POST", "/notices/reading"),
        ("GET", "/notices/preferences"),
        ("PUT", "/notices/preferences"),
    ],
)
def test_a_token_and_its_scope_are_needed(ask: Ask, bob: Actor, method: str, path: str) -> None:
    assert ask(None, method, path).status_code == 401
    assert ask(bob, method, path, scopes=[Scope.BUYING]).status_code == 403

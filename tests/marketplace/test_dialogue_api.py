"""Questions, answers and news by programs: who reads what, who may write it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from marketplace import db
from models.actors import Actor
from models.buying import GroupBuy
from models.collaborations import Visibility
from models.members import Scope
from tests import make_buying, make_talk
from tests.counting import counted
from tests.make_api import bearer, program

Ask = Callable[..., Any]


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[None]:
    with db.at(now):
        yield


@pytest.fixture
def ask(session: Session, client: FlaskClient, now: datetime) -> Ask:
    return program(session, client, now=now)


@pytest.fixture
def oil(session: Session, alice: Actor, now: datetime) -> GroupBuy:
    return make_buying.group_buy(session, alice, now=now)


@pytest.fixture
def path(oil: GroupBuy) -> str:
    return f"/group-buys/{oil.id}/messages"


def test_a_question_is_asked_once_and_answered(
    ask: Ask, path: str, alice: Actor, bob: Actor
) -> None:
    asked = ask(bob, "POST", path, {"body": "Is it organic?", "lang": "en"}, key="one")
    again = ask(bob, "POST", path, {"body": "Is it organic?", "lang": "en"}, key="one")
    answered = ask(alice, "POST", path, {"body": "It is.", "answers": asked.json["id"]})
    [question] = ask(None, "GET", path).json["items"]

    assert (asked.status_code, asked.json["question"]) == (201, None)
    assert again.json == asked.json
    assert (answered.status_code, answered.json["question"]) == (201, asked.json["id"])
    assert (question["body"], question["author_name"]) == ("Is it organic?", "Bob")
    assert [one["body"] for one in question["answers"]] == ["It is."]
    assert question["answers"][0]["mark"] == "organiser"


def test_without_a_language_it_is_that_of_the_request(ask: Ask, path: str, bob: Actor) -> None:
    asked = ask(bob, "POST", path, {"body": "Ist es bio?"}, Accept_Language="de")

    assert asked.json["lang"] == "de"


def test_word_to_all_is_read_by_those_who_joined(
    session: Session,
    ask: Ask,
    path: str,
    oil: GroupBuy,
    alice: Actor,
    bob: Actor,
    charlie: Actor,
    now: datetime,
) -> None:
    make_buying.join(session, oil, bob, now=now)
    news = {"body": "It is late.", "is_announcement": True}

    refused = ask(bob, "POST", path, news)
    told = ask(alice, "POST", path, news)

    assert refused.json["type"] == "/problems/not-the-organiser"
    assert told.json["is_announcement"] is True
    assert [one["body"] for one in ask(bob, "GET", path).json["items"]] == ["It is late."]
    assert ask(charlie, "GET", path).json["items"] == []
    assert ask(None, "GET", path).json["items"] == []


def test_a_long_thread_comes_in_pages(
    session: Session, client: FlaskClient, ask: Ask, path: str, oil: GroupBuy, bob: Actor, now: Any
) -> None:
    for number in range(5):
        make_talk.ask(session, oil, body=f"Question {number}", lang="en", actor=bob, now=now)

    first = ask(None, "GET", f"{path}?limit=3").json
    second = client.get(first["next"]).json

    said = [one["body"] for one in (*first["items"], *second["items"])]
    assert said == [f"Question {number}" for number in (4, 3, 2, 1, 0)]
    assert second["next"] is None


def test_ones_own_message_is_taken_back(ask: Ask, path: str, bob: Actor, charlie: Actor) -> None:
    asked = ask(bob, "POST", path, {"body": "Is it organic?"}).json
    ask(charlie, "POST", path, {"body": "I think so.", "answers": asked["id"]})
    hiding = f"/messages/{asked['id']}/hiding"

    refused = ask(charlie, "POST", hiding, {})
    hidden = ask(bob, "POST", hiding, {}, key="one")
    again = ask(bob, "POST", hiding, {}, key="one")

    assert refused.json["type"] == "/problems/not-yours-to-hide"
    assert (hidden.json["is_hidden"], hidden.json["body"]) == (True, "")
    assert again.json == hidden.json
    [question] = ask(None, "GET", path).json["items"]
    assert (question["body"], len(question["answers"])) == ("", 1)
    assert ask(bob, "POST", "/messages/0/hiding", {}).status_code == 404


def test_who_may_not_know_of_a_deal_finds_no_thread(
    session: Session, ask: Ask, alice: Actor, bob: Actor, now: datetime
) -> None:
    hidden = make_buying.group_buy(session, alice, now=now, visibility=Visibility.NAMED)
    path = f"/group-buys/{hidden.id}/messages"

    assert ask(None, "GET", path).status_code == 404
    assert ask(bob, "GET", path).status_code == 404
    assert ask(bob, "POST", path, {"body": "Hello?"}).status_code == 404


def test_a_token_and_its_scope_are_needed_to_write(ask: Ask, path: str, bob: Actor) -> None:
    for at in (path, "/messages/1/hiding"):
        assert ask(None, "POST", at, {"body": "Hello?"}).status_code == 401
        assert ask(bob, "POST", at, {}, scopes=[Scope.READ]).status_code == 403


@pytest.mark.parametrize(
    "said", [{}, {"body": ""}, {"body": 7}, {"body": "x", "lang": "xx"}, {"body": "x", "more": 1}]
)
def test_what_is_no_message_is_refused(ask: Ask, path: str, bob: Actor, said: Any) -> None:
    assert ask(bob, "POST", path, said).status_code == 422


def test_a_thread_takes_few_statements(
    session: Session, client: FlaskClient, oil: GroupBuy, path: str, bob: Actor, now: datetime
) -> None:
    for number in range(5):
        asked = make_talk.ask(session, oil, body=f"{number}?", lang="en", actor=bob, now=now)
        make_talk.answer(session, oil, asked.id, body="Yes.", lang="en", actor=bob, now=now)
    headers = bearer(session, bob, now=now)
    session.expire_all()

    with counted(session) as statements:
        answer = client.get(f"/api/v1{path}", headers=headers)

    assert len(answer.json["items"]) == 5
    assert len(statements) <= 8, "\n".join(statements)

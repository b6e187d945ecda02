"""The ground of the API: who may come in, what is read, how it refuses, what happens once."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from marshmallow import fields
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace import api, auth, create_app, db
from marketplace.api import Blueprint, idempotent, scope_required
from marketplace.config import Settings
from marketplace.fields import Count, Words
from marketplace.schemas import Schema
from models.actors import Actor
from models.members import IdempotencyRecord, Scope
from models.participants import Participant
from services import participants
from tests import make
from tests.make_api import bearer

PROBLEM = "application/problem+json"


class Founding(Schema):
    name = Words(required=True, most=40)
    seats = fields.List(Count(least=1))


class Founded(Schema):
    id = fields.String(required=True)
    name = fields.String(required=True)


endpoints = Blueprint("foundings_api", __name__, path="/foundings", about="For this test.")


@endpoints.post("")
@scope_required(Scope.PROFILE)
@endpoints.arguments(Founding)
@idempotent
@endpoints.response(201, Founded)
def found(session: Session, founding: dict[str, Any]) -> tuple[Participant, int, dict[str, str]]:
    """Open an organisation."""
    made = participants.open_organisation(
        session, founding["name"], actor=auth.signed_in_actor(), now=db.now(session)
    )
    session.flush()
    return made, 201, {"Location": f"/api/v1/participants/{made.id}"}


@pytest.fixture
def small_app(settings: Settings, session: Session) -> Iterator[Flask]:
    """The application with one more resource, on the session of the test."""
    app = create_app(replace(settings, api_rate_limit="50 per minute"))
    app.config.update(TESTING=True, PROPAGATE_EXCEPTIONS=True)
    api.mount(app, endpoints)
    app.extensions["sessions"] = lambda: session
    yield app
    app.extensions["engine"].dispose()


@pytest.fixture
def program(small_app: Flask) -> FlaskClient:
    return small_app.test_client(use_cookies=False)


@pytest.fixture
def token(session: Session, alice: Actor, now: datetime) -> dict[str, str]:
    return bearer(session, alice, now=now)


def test_whose_token_it_is(program: FlaskClient, token: dict[str, str], alice: Actor) -> None:
    answer = program.get("/api/v1/me", headers=token)

    assert answer.status_code == 200
    assert answer.json["participant"]["id"] == str(alice.participant.id)
    assert answer.json["acting_as"]["name"] == "Alice"


def test_a_token_of_an_organisation_acts_in_its_name(
    program: FlaskClient, session: Session, alice: Actor, now: datetime
) -> None:
    coop = make.organisation(session, "Coop", owner=alice, now=now)

    answer = program.get("/api/v1/me", headers=bearer(session, coop, now=now))

    assert answer.json["acting_as"]["name"] == "Coop"


def test_without_a_token_the_api_asks_for_one(program: FlaskClient) -> None:
    answer = program.get("/api/v1/me")

    assert answer.status_code == 401
    assert answer.content_type == PROBLEM
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json["type"] == "/problems/unauthorized"


@pytest.mark.parametrize("sent", ["Bearer nonsense", "Bearer", "Basic YTpi", "", "Bearer ä"])
def test_a_wrong_token_is_refused_even_where_none_is_needed(
    program: FlaskClient, sent: str
) -> None:
    answer = program.get("/api/v1/currencies", headers={"Authorization": sent})

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_a_cookie_opens_nothing(as_alice: FlaskClient) -> None:
    assert as_alice.get("/api/v1/me").status_code == 401


def test_a_scope_that_was_not_given_is_named(
    program: FlaskClient, session: Session, alice: Actor, now: datetime
) -> None:
    narrow = bearer(session, alice, now=now, scopes=[Scope.READ])

    answer = program.post("/api/v1/foundings", headers=narrow, json={"name": "Coop"})

    assert answer.status_code == 403
    assert answer.headers["WWW-Authenticate"] == (
        'Bearer error="insufficient_scope", scope="profile"'
    )


def test_what_is_not_there_is_a_problem(program: FlaskClient) -> None:
    for path in ("/api/v1/nothing", "/api/v1/participants/0", "/api/v1/participants/x"):
        answer = program.get(path)

        assert answer.status_code == 404
        assert answer.content_type == PROBLEM
        assert answer.json["type"] == "/problems/not-found"
        assert answer.json["status"] == 404


def test_a_method_that_is_not_there_is_told_which_are(program: FlaskClient) -> None:
    answer = program.delete("/api/v1/currencies")

    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert answer.content_type == PROBLEM


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b'{"name": "Coop"}', "text/plain", 415),
        (b"name=Coop", "application/x-www-form-urlencoded", 415),
        (b'{"name": "Coop"', "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"name": NaN}', "application/json", 400),
        (b'{"seats": [Infinity]}', "application/json", 400),
        (b'{"name": "a", "name": "b"}', "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b'{"seats": [' + b"9" * 9_999 + b"]}", "application/json", 400),
        (b"", "application/json", 400),
        (b"[]", "application/json", 422),
        (b"null", "application/json", 422),
        (b"{}", "application/json", 422),
    ],
)
def test_a_body_that_cannot_be_read_is_said_to_be_so(
    program: FlaskClient, token: dict[str, str], body: bytes, content_type: str, status: int
) -> None:
    answer = program.post(
        "/api/v1/foundings",
        headers={**token, "Idempotency-Key": "k"},
        data=body,
        content_type=content_type,
    )

    assert answer.status_code == status
    assert answer.content_type == PROBLEM


def test_errors_say_where_by_json_path_in_the_language_asked_for(
    program: FlaskClient, token: dict[str, str]
) -> None:
    answer = program.post(
        "/api/v1/foundings",
        headers={**token, "Accept-Language": "en"},
        json={"seats": [1, 0, "3", 2.5, True], "colour": "red"},
    )

    assert answer.status_code == 422
    assert answer.json["type"] == "/problems/invalid"
    assert answer.json["errors"] == {
        "$.name": ["Please fill this in."],
        "$.colour": ["There is no such field."],
        "$.seats[1]": ["Please enter 1 or more."],
        "$.seats[2]": ["Please enter a whole number."],
        "$.seats[3]": ["Please enter a whole number."],
        "$.seats[4]": ["Please enter a whole number."],
    }


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("limit=0", "?limit"),
        ("limit=101", "?limit"),
        ("limit=2&limit=3", "?limit"),
        ("limit=x", "?limit"),
        ("colour=red", "?colour"),
        ("after=made-up", "$.after"),
    ],
)
def test_a_parameter_that_does_not_fit_is_named(
    program: FlaskClient, query: str, where: str
) -> None:
    answer = program.get(f"/api/v1/participants?{query}")

    assert answer.status_code == 422
    assert list(answer.json["errors"]) == [where]


def test_a_nul_is_refused_wherever_it_stands(program: FlaskClient) -> None:
    assert program.get("/api/v1/participants?q=%00").status_code == 400
    assert program.get("/api/v1/participants/%00").status_code == 400


def test_pages_follow_each_other_and_keep_the_question(
    program: FlaskClient, session: Session, now: datetime
) -> None:
    for name in ("Anna", "Anne", "Anton", "Berta"):
        make.participant(session, name, now=now)

    first = program.get("/api/v1/participants?q=an&limit=2").json
    second = program.get(first["next"]).json

    assert [one["name"] for one in first["items"]] == ["Anna", "Anne"]
    assert [one["name"] for one in second["items"]] == ["Anton"]
    assert second["next"] is None


def test_what_is_known_already_is_not_sent_again(program: FlaskClient) -> None:
    first = program.get("/api/v1/currencies")
    again = program.get("/api/v1/currencies", headers={"If-None-Match": first.headers["ETag"]})

    assert first.json == [{"code": "EUR", "exponent": 2, "name": "Euro"}]
    assert again.status_code == 304
    assert again.data == b""


def test_an_act_needs_a_key(program: FlaskClient, token: dict[str, str]) -> None:
    answer = program.post("/api/v1/foundings", headers=token, json={"name": "Coop"})

    assert answer.status_code == 400
    assert answer.json["type"] == "/problems/idempotency-key-missing"


@pytest.mark.parametrize("key", ["k" * 256, "k" * 1_000, "schlüssel"])
def test_a_key_that_is_none_is_refused(
    program: FlaskClient, token: dict[str, str], key: str
) -> None:
    answer = program.post(
        "/api/v1/foundings", headers={**token, "Idempotency-Key": key}, json={"name": "Coop"}
    )

    assert answer.status_code == 400
    assert answer.json["type"] == "/problems/idempotency-key-too-long"


def test_a_repeat_does_nothing_and_answers_the_same(
    program: FlaskClient, session: Session, token: dict[str, str]
) -> None:
    headers = {**token, "Idempotency-Key": "k" * 255}
    before = session.scalar(select(func.count()).select_from(Participant))

    first = program.post("/api/v1/foundings", headers=headers, json={"name": "Coop"})
    again = program.post("/api/v1/foundings", headers=headers, data=b'{ "name":"Coop" }',
                         content_type="application/json")  # fmt: skip

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json == again.json
    assert again.headers["Location"] == first.headers["Location"]
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.headers
    after = session.scalar(select(func.count()).select_from(Participant))
    assert after == (before or 0) + 1


def test_the_same_key_with_another_body_is_refused(
    program: FlaskClient, token: dict[str, str]
) -> None:
    headers = {**token, "Idempotency-Key": "k"}
    program.post("/api/v1/foundings", headers=headers, json={"name": "Coop"})

    answer = program.post("/api/v1/foundings", headers=headers, json={"name": "Other"})

    assert answer.status_code == 422
    assert answer.json["type"] == "/problems/idempotency-mismatch"


def test_what_was_refused_can_be_corrected_with_the_same_key(
    program: FlaskClient, session: Session, token: dict[str, str]
) -> None:
    headers = {**token, "Idempotency-Key": "k"}

    refused = program.post("/api/v1/foundings", headers=headers, json={"name": ""})
    kept = session.scalar(select(func.count()).select_from(IdempotencyRecord))
    corrected = program.post("/api/v1/foundings", headers=headers, json={"name": "Coop"})

    assert refused.status_code == 422
    assert kept == 0
    assert corrected.status_code == 201


def test_too_many_requests_are_told_when_to_go_on(
    program: FlaskClient, token: dict[str, str]
) -> None:
    answers = [program.get("/api/v1/currencies", headers=token) for _ in range(51)]

    assert [one.status_code for one in answers] == [200] * 50 + [429]
    assert answers[-1].content_type == PROBLEM
    assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
    assert "Retry-After" not in answers[0].headers
    assert program.get("/api/v1/currencies").status_code == 200


def test_tokens_of_one_member_count_together(
    program: FlaskClient, session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    tokens = [bearer(session, alice, now=now) for _ in range(2)]
    for number in range(50):
        program.get("/api/v1/currencies", headers=tokens[number % 2])

    assert program.get("/api/v1/currencies", headers=tokens[0]).status_code == 429
    others = bearer(session, bob, now=now)
    assert program.get("/api/v1/currencies", headers=others).status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/currencies", "/api/v1/openapi.json"])
def test_a_host_of_many_addresses_is_one(program: FlaskClient, path: str) -> None:
    answers = [
        program.get(path, environ_base={"REMOTE_ADDR": f"2001:db8::{number:x}"}).status_code
        for number in range(1, 52)
    ]

    assert answers == [200] * 50 + [429]
    neighbour = {"REMOTE_ADDR": "2001:db8:0:1::1"}
    assert program.get(path, environ_base=neighbour).status_code == 200


def test_the_document_is_sent_once_to_who_keeps_it(program: FlaskClient) -> None:
    first = program.get("/api/v1/openapi.json")
    again = program.get("/api/v1/openapi.json", headers={"If-None-Match": first.headers["ETag"]})

    assert (first.status_code, again.status_code, again.data) == (200, 304, b"")


def test_other_sites_are_not_let_in_by_a_browser(program: FlaskClient) -> None:
    answer = program.get("/api/v1/currencies", headers={"Origin": "https://elsewhere.example"})

    assert "Access-Control-Allow-Origin" not in answer.headers


def test_the_document_says_what_each_operation_needs(program: FlaskClient) -> None:
    document = program.get("/api/v1/openapi.json").json
    act = document["paths"]["/api/v1/foundings"]["post"]

    assert document["openapi"].startswith("3.1")
    assert act["security"] == [{"token": ["profile"]}]
    assert {"$ref": "#/components/parameters/IdempotencyKey"} in act["parameters"]
    assert set(act["responses"]) == {
        "201", "400", "401", "403", "404", "409", "413", "415", "422", "429", "503",
    }  # fmt: skip
    for status, answer in act["responses"].items():
        if status >= "400":
            name = answer["$ref"].rsplit("/", 1)[1]
            assert list(document["components"]["responses"][name]["content"]) == [PROBLEM]


def test_every_operation_is_documented(small_app: Flask, program: FlaskClient) -> None:
    paths = program.get("/api/v1/openapi.json").json["paths"]
    routes = {
        re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule)
        for rule in small_app.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/") and rule.endpoint != "api.openapi"
    }

    assert routes == set(paths)
    for operations in paths.values():
        for method, operation in operations.items():
            assert method == "parameters" or operation["summary"]

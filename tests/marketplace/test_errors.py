"""What cannot be done is said with its reason: a page for people, a problem for programs."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session, sessionmaker

from marketplace import api, create_app, db
from marketplace.api import Blueprint
from marketplace.config import Settings
from models.errors import Conflict, Invalid, NotAllowed, NotFound, Refused
from models.money import Money
from tests.conftest import driver_url

REFUSALS: dict[str, Refused] = {
    "invalid": Invalid(fields={"units": "At least %(least)s."}, least=3),
    "not-allowed": NotAllowed(),
    "not-found": NotFound(),
    "conflict": Conflict(
        "At least %(price)s.", price=Money(250, "EUR"), until=datetime(2026, 11, 27, tzinfo=UTC)
    ),
}
STATUSES = {"invalid": 422, "not-allowed": 403, "not-found": 404, "conflict": 409}

endpoints = Blueprint("refusals_api", __name__, path="/refusals")


@endpoints.get("/<code>")
def refuse(code: str) -> Any:
    if code == "broken":
        raise ZeroDivisionError
    if code == "writing":
        db.session().execute(text("DELETE FROM throttles"))
    raise REFUSALS[code]


@pytest.fixture
def refusing(settings: Settings, session: Session) -> Iterator[Flask]:
    """An application in which everything is refused, as a page and as a problem."""
    app = create_app(settings)
    app.config["TESTING"] = False
    api.mount(app, endpoints)
    app.add_url_rule("/refusals/<code>", view_func=refuse)
    app.extensions["sessions"] = lambda: session
    yield app
    app.extensions["engine"].dispose()


@pytest.fixture
def browser(refusing: Flask) -> FlaskClient:
    return refusing.test_client()


@pytest.mark.parametrize("code", list(REFUSALS))
def test_a_refusal_is_a_problem_for_programs(browser: FlaskClient, code: str) -> None:
    answer = browser.get(f"/api/v1/refusals/{code}", headers={"Accept-Language": "en"})

    assert answer.status_code == answer.json["status"] == STATUSES[code]
    assert answer.content_type == "application/problem+json"
    assert answer.json["type"] == f"/problems/{code}"
    assert answer.json["detail"]
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]


def test_facts_are_members_of_the_problem(browser: FlaskClient) -> None:
    problem = browser.get("/api/v1/refusals/conflict", headers={"Accept-Language": "en"}).json

    assert problem["price"] == {"amount": "2.50", "currency": "EUR"}
    assert problem["until"] == "2026-11-27T00:00:00+00:00"
    assert problem["detail"] == "At least €2.50."


def test_fields_are_named_by_their_path(browser: FlaskClient) -> None:
    problem = browser.get("/api/v1/refusals/invalid").json

    assert problem["errors"] == {"$.units": ["At least 3."]}


@pytest.mark.parametrize("code", list(REFUSALS))
def test_a_refusal_is_a_page_for_people(browser: FlaskClient, code: str) -> None:
    answer = browser.get(f"/refusals/{code}")

    assert answer.status_code == STATUSES[code]
    assert answer.mimetype == "text/html"
    assert "<h1" in answer.text


def test_a_broken_promise_of_ours_is_not_shown_in_detail(browser: FlaskClient) -> None:
    page = browser.get("/refusals/broken")
    problem = browser.get("/api/v1/refusals/broken")

    assert (page.status_code, problem.status_code) == (500, 500)
    assert problem.json["type"] == "/problems/broken"
    assert "ZeroDivision" not in page.text + problem.text


def test_without_a_database_people_and_programs_are_told_to_wait(
    refusing: Flask, settings: Settings
) -> None:
    nowhere = create_engine("postgresql+psycopg://postgres@127.0.0.1:1/none")
    refusing.extensions["sessions"] = sessionmaker(nowhere)
    browser = refusing.test_client()
    with browser.session_transaction() as cookie:
        cookie["sid"] = "signed-in"

    page = browser.get("/how-it-works")
    problem = browser.get("/api/v1/currencies")

    assert (page.status_code, problem.status_code) == (503, 503)
    assert "try again" in page.text
    assert problem.json["type"] == "/problems/unavailable"


def test_a_database_that_only_reads_is_worth_waiting_for(
    refusing: Flask, settings: Settings
) -> None:
    only_reads = "-c default_transaction_read_only=on"
    engine = create_engine(driver_url(settings.database_url), connect_args={"options": only_reads})
    refusing.extensions["sessions"] = sessionmaker(engine)
    browser = refusing.test_client()

    page = browser.get("/refusals/writing")
    problem = browser.get("/api/v1/refusals/writing")
    engine.dispose()

    assert (page.status_code, problem.status_code) == (503, 503)
    assert problem.json["type"] == "/problems/unavailable"


def test_what_is_not_there_is_a_page_that_leads_on(client: FlaskClient) -> None:
    answer = client.get("/nothing/here")

    assert answer.status_code == 404
    assert answer.mimetype == "text/html"


def test_a_nul_in_an_address_is_a_bad_request(client: FlaskClient) -> None:
    assert client.get("/group-buys?q=%00").status_code == 400
    assert client.get("/covers/group-buy/%00.svg").status_code == 400


def test_too_large_a_body_is_refused(client: FlaskClient) -> None:
    answer = client.post("/preferences", data=b"x" * (18 * 1024 * 1024))

    assert answer.status_code == 413

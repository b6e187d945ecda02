"""By programs: the usual order, following a series, the supplier's answer, and proofs."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from flask import json
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from marketplace import db
from models.actors import Actor
from models.buying import GroupBuy, Payee
from models.collaborations import State
from models.members import Scope
from services import buying, series
from services.series import Rhythm
from tests import make, make_buying
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
def oil(session: Session, alice: Actor, now: datetime) -> GroupBuy:
    return make_buying.group_buy(session, alice, now=now)


@pytest.fixture
def series_id(session: Session, oil: GroupBuy, alice: Actor, now: datetime) -> int:
    rhythm = Rhythm(1, opens_by_itself=True)
    return series.begin(session, oil, rhythm, actor=alice, now=now).id


def test_the_usual_order_is_filled_in_kept_and_forgotten(
    session: Session, ask: Ask, oil: GroupBuy, series_id: int, alice: Actor, bob: Actor, now: Any
) -> None:
    commitment_id = make_buying.join(session, oil, bob, 3, highest_price_minor=3_800, now=now)
    found = series.locked(session, series_id)
    made = series.advance(session, series_id, now=found.due_at)
    assert made is not None
    path = f"/group-buys/{made.id}/usual-order"
    usual = f"/group-buys/{oil.id}/commitments/{commitment_id}/usual"

    last = ask(bob, "GET", path)
    kept = ask(bob, "PUT", usual)
    kept_now = ask(bob, "GET", path).json["is_kept"]
    forgotten = ask(bob, "DELETE", usual)

    assert last.json["commitment"] == str(commitment_id)
    assert (last.json["is_kept"], kept_now) == (False, True)
    [line] = last.json["lines"]
    assert (line["units"], line["highest_price"]["amount"]) == (3, "38.00")
    assert line["article"] == str(buying.articles(session, made)[0].id)
    assert (last.json["missing"], last.json["repriced"]) == ([], [])
    assert (kept.status_code, forgotten.status_code) == (204, 204)
    assert ask(bob, "GET", path).json["is_kept"] is False
    assert ask(alice, "GET", path).status_code == 404
    assert ask(alice, "PUT", usual).json["type"] == "/problems/not-found"


def test_somebody_elses_order_is_nobodys_usual_one(
    session: Session, ask: Ask, oil: GroupBuy, bob: Actor, charlie: Actor, now: datetime
) -> None:
    commitment_id = make_buying.join(session, oil, bob, 3, now=now)
    usual = f"/group-buys/{oil.id}/commitments/{commitment_id}/usual"

    for method in ("PUT", "DELETE"):
        assert ask(charlie, method, usual).status_code == 404
        assert ask(None, method, usual).status_code == 401
        assert ask(bob, method, usual, scopes=[Scope.READ]).status_code == 403
    assert ask(bob, "GET", f"/group-buys/{oil.id}/usual-order").status_code == 404
    assert ask(None, "GET", f"/group-buys/{oil.id}/usual-order").status_code == 401


def test_a_series_is_followed_until_one_says_enough(ask: Ask, series_id: int, bob: Actor) -> None:
    path = f"/series/{series_id}"

    followed = ask(bob, "POST", f"{path}/following", {}, key="one")
    again = ask(bob, "POST", f"{path}/following", {}, key="one")

    assert (followed.status_code, followed.json["is_followed"]) == (200, True)
    assert again.json == followed.json
    assert ask(None, "GET", path).json["is_followed"] is False
    assert ask(bob, "DELETE", f"{path}/following").status_code == 204
    assert ask(bob, "GET", path).json["is_followed"] is False
    assert ask(bob, "POST", "/series/0/following", {}).status_code == 404
    assert ask(None, "POST", f"{path}/following", {}).status_code == 401
    assert ask(bob, "DELETE", f"{path}/following", scopes=[Scope.READ]).status_code == 403


@pytest.fixture
def asked(session: Session, ask: Ask, alice: Actor, charlie: Actor, now: datetime) -> GroupBuy:
    """A draft that names Charlie's mill as the seller, who is asked."""
    mill = make.organisation(session, "Mill", owner=charlie, now=now).participant
    draft = make_buying.group_buy(
        session, alice, now=now, published=False, payee=Payee.SUPPLIER, supplier_id=mill.id
    )
    assert ask(alice, "POST", f"/group-buys/{draft.id}/publication", {}).status_code == 200
    return draft


def test_the_seller_agrees_and_it_opens(
    ask: Ask, asked: GroupBuy, alice: Actor, bob: Actor, charlie: Actor
) -> None:
    path = f"/group-buys/{asked.id}/supplier-consent"

    by_organiser = ask(alice, "POST", path, {})
    agreed = ask(charlie, "POST", path, {}, key="one")
    again = ask(charlie, "POST", path, {}, key="one")

    assert by_organiser.json["type"] == "/problems/not-the-supplier"
    assert (agreed.status_code, agreed.json["state"]) == (200, "open")
    assert again.json == agreed.json
    assert ask(charlie, "POST", path, {}).json["type"] == "/problems/not-asked"


def test_the_seller_declines_for_a_reason(
    ask: Ask, asked: GroupBuy, bob: Actor, charlie: Actor
) -> None:
    path = f"/group-buys/{asked.id}/supplier-refusal"

    assert ask(bob, "POST", path, {"reason": "No."}).status_code == 404
    assert ask(charlie, "POST", path, {"reason": ""}).status_code == 422
    declined = ask(charlie, "POST", path, {"reason": "Too cheap."}, key="one")
    again = ask(charlie, "POST", path, {"reason": "Too cheap."}, key="one")

    assert (declined.status_code, again.status_code) == (204, 204)
    assert (asked.state, asked.stage) == (State.DRAFT, "")
    assert ask(charlie, "POST", path, {"reason": "Too cheap."}).status_code == 404


@pytest.mark.parametrize("answer", ["consent", "refusal"])
def test_an_answer_needs_a_token_and_its_scope(ask: Ask, charlie: Actor, answer: str) -> None:
    path = f"/group-buys/1/supplier-{answer}"

    assert ask(None, "POST", path, {}).status_code == 401
    assert ask(charlie, "POST", path, {}, scopes=[Scope.BUYING]).status_code == 403


def test_anyone_replays_a_proof(
    session: Session, ask: Ask, oil: GroupBuy, bob: Actor, now: datetime
) -> None:
    make_buying.join(session, oil, bob, 6, now=now)
    buying.close(session, oil.id, now=oil.closes_at)
    proof = json.loads(json.dumps(buying.clearing(session, oil).proof))

    good = ask(None, "POST", "/proof-replays", {"proof": proof})
    proof["outcome"]["holds"] = not proof["outcome"].get("holds")
    bad = ask(None, "POST", "/proof-replays", {"proof": proof})
    none = ask(None, "POST", "/proof-replays", {"proof": {}})

    assert good.json == {"agrees": True, "differences_count": 0, "differences": []}
    assert (bad.status_code, bad.json["agrees"]) == (200, False)
    assert bad.json["differences"][0]["where"].startswith("outcome")
    assert none.status_code == 422
    assert "$.proof" in none.json["errors"]


@pytest.mark.parametrize(("body", "status"), [('{"proof": {}}', 422), ("{", 400)])
def test_replays_are_bounded_before_they_are_read(
    client: FlaskClient, body: str, status: int
) -> None:
    """A document of many megabytes is work before anything is known of it."""
    statuses = [
        client.post("/api/v1/proof-replays", data=body, content_type="application/json").status_code
        for _ in range(21)
    ]

    assert statuses == [status] * 20 + [409]

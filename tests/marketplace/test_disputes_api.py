"""Reports, cases and decisions by programs: who may say, see and decide what."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from marketplace import db
from models.actors import Actor
from models.buying import GroupBuy
from models.disputes import Case, Ground, Target
from models.members import Scope
from services import disputes
from tests import make_talk
from tests.counting import counted
from tests.make_api import bearer, program
from tests.make_buying import group_buy, join

Ask = Callable[..., Any]
WORDS = {"ground": "fraud", "body": "The supplier does not exist."}
DECISION = {"measure": "paused", "reason": "The supplier really does not exist."}


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[None]:
    with db.at(now):
        yield


@pytest.fixture
def ask(session: Session, client: FlaskClient, now: datetime) -> Ask:
    return program(session, client, now=now)


@pytest.fixture
def deal(session: Session, alice: Actor, now: datetime) -> GroupBuy:
    return group_buy(session, alice, now=now)


@pytest.fixture
def case(session: Session, deal: GroupBuy, bob: Actor, now: datetime) -> Case:
    reported = disputes.find_target(session, Target.COLLABORATION, deal.id, actor=bob)
    made = disputes.report(session, reported, ground=Ground.FRAUD, body="Odd.", actor=bob, now=now)
    return session.get_one(Case, made.case_id)


def of(target: str, target_id: int) -> dict[str, str]:
    return {"target": target, "target_id": str(target_id), **WORDS}


def test_a_member_reports_once(ask: Ask, deal: GroupBuy, alice: Actor, bob: Actor) -> None:
    body = of("collaboration", deal.id)

    first = ask(bob, "POST", "/reports", body, key="one")
    again = ask(bob, "POST", "/reports", body, key="one")
    twice = ask(bob, "POST", "/reports", body)

    assert (first.status_code, first.json["ground"]) == (201, "fraud")
    assert again.json == first.json
    assert twice.json["type"] == "/problems/already-reported"
    assert ask(alice, "POST", "/reports", body).json["type"] == "/problems/own-content"


def test_messages_and_profiles_are_reported_too(
    session: Session, ask: Ask, deal: GroupBuy, bob: Actor, charlie: Actor, now: datetime
) -> None:
    message = make_talk.ask(session, deal, body="Buy pills", lang="en", actor=bob, now=now)

    for body in (of("message", message.id), of("participant", bob.participant.id)):
        assert ask(charlie, "POST", "/reports", body).status_code == 201
    for target in Target:
        assert ask(charlie, "POST", "/reports", of(target, 0)).status_code == 404


@pytest.mark.parametrize(
    "wrong", [{"ground": "x"}, {"body": "short"}, {"target": "x"}, {"more": 1}]
)
def test_a_report_needs_ground_and_words(
    ask: Ask, deal: GroupBuy, bob: Actor, wrong: dict[str, Any]
) -> None:
    body = {**of("collaboration", deal.id), **wrong}

    assert ask(bob, "POST", "/reports", body).status_code == 422


def test_a_moderator_takes_up_and_decides(
    ask: Ask, case: Case, deal: GroupBuy, bob: Actor, dana: Actor
) -> None:
    path = f"/cases/{case.id}"

    [listed] = ask(dana, "GET", "/cases").json["items"]
    shown = ask(dana, "GET", path).json
    taken = ask(dana, "POST", f"{path}/taking-up", {}, key="one")
    repeated = ask(dana, "POST", f"{path}/taking-up", {}, key="one")
    decided = ask(dana, "POST", f"{path}/decision", DECISION)
    too_late = ask(dana, "POST", f"{path}/decision", DECISION)

    assert (listed["title"], listed["reports_count"]) == (deal.title, 1)
    assert shown["reports"][0]["reporter"] == str(bob.participant.id)
    assert shown["measures"] == ["nothing", "paused", "cancelled"]
    assert "example.org" not in str(shown)
    assert (taken.json["state"], taken.json["taken_up_by_name"]) == ("taken_up", "Dana")
    assert repeated.json == taken.json
    assert (decided.json["state"], decided.json["measure"]) == ("decided", "paused")
    assert deal.is_paused
    assert too_late.status_code == 409
    assert ask(dana, "GET", "/cases").json["items"] == []
    assert len(ask(dana, "GET", "/cases?state=decided").json["items"]) == 1


def test_the_address_of_a_stranger_is_told_to_nobody(
    session: Session, ask: Ask, deal: GroupBuy, dana: Actor, now: datetime
) -> None:
    reported = disputes.find_target(session, Target.COLLABORATION, deal.id, actor=None)
    made = disputes.report(
        session,
        reported,
        ground=Ground.FRAUD,
        body="Odd.",
        actor=None,
        name="Zoe",
        email="zoe@example.org",
        now=now,
    )

    [said] = ask(dana, "GET", f"/cases/{made.case_id}").json["reports"]

    assert (said["reporter"], said["reporter_name"]) == (None, "Zoe")
    assert "zoe@example.org" not in str(said)


def test_whoever_takes_part_does_not_decide(
    session: Session, ask: Ask, case: Case, deal: GroupBuy, dana: Actor, now: datetime
) -> None:
    join(session, deal, dana, 1, now=now)

    answer = ask(dana, "POST", f"/cases/{case.id}/decision", DECISION)

    assert answer.json["type"] == "/problems/not-impartial"


def test_a_measure_has_to_fit(ask: Ask, case: Case, dana: Actor) -> None:
    wrong = {**DECISION, "measure": "hidden"}

    answer = ask(dana, "POST", f"/cases/{case.id}/decision", wrong)

    assert answer.status_code == 422
    assert "$.measure" in answer.json["errors"]


def test_the_decision_is_for_those_concerned_and_the_log_for_all(
    ask: Ask, case: Case, deal: GroupBuy, alice: Actor, bob: Actor, charlie: Actor, dana: Actor
) -> None:
    path = f"/decisions/{case.id}"
    assert ask(bob, "GET", path).status_code == 404
    ask(dana, "POST", f"/cases/{case.id}/decision", DECISION)

    log = ask(None, "GET", "/decisions").json["items"]

    for concerned in (alice, bob):
        assert ask(concerned, "GET", path).json["reason"] == DECISION["reason"]
    assert ask(charlie, "GET", path).status_code == 404
    assert ask(None, "GET", path).status_code == 401
    assert log == [
        {
            "target": "collaboration",
            "ground": "fraud",
            "measure": "paused",
            "decided_on": "2026-11-21",
        }
    ]


@pytest.mark.parametrize(
    ("method", "act"), [("GET", ""), ("POST", "/taking-up"), ("POST", "/decision")]
)
def test_only_moderators_moderate(
    ask: Ask, case: Case, bob: Actor, dana: Actor, method: str, act: str
) -> None:
    path = f"/cases/{case.id}{act}"

    assert ask(None, method, path, DECISION).status_code == 401
    assert ask(dana, method, path, DECISION, scopes=[Scope.READ]).status_code == 403
    body = {"POST": DECISION if act == "/decision" else {}}.get(method)
    refused = ask(bob, method, path, body)
    assert refused.json["type"] == "/problems/not-a-moderator"


def test_a_list_of_cases_takes_few_statements(
    session: Session,
    client: FlaskClient,
    alice: Actor,
    bob: Actor,
    charlie: Actor,
    dana: Actor,
    now: datetime,
) -> None:
    for actor in (alice, bob, dana):
        found = disputes.find_target(
            session, Target.PARTICIPANT, actor.participant.id, actor=charlie
        )
        disputes.report(session, found, ground=Ground.SPAM, body="Spam.", actor=charlie, now=now)
    headers = bearer(session, dana, now=now)
    session.expire_all()

    with counted(session) as statements:
        answer = client.get("/api/v1/cases", headers=headers)

    assert len(answer.json["items"]) == 3
    assert len(statements) <= 7, "\n".join(statements)


def test_a_moderator_lets_go_on_what_they_paused(
    session: Session, ask: Ask, deal: GroupBuy, case: Case, dana: Actor, bob: Actor
) -> None:
    ask(dana, "POST", f"/cases/{case.id}/decision", DECISION)
    words = {"reason": "The supplier has shown its papers."}

    refused = ask(bob, "POST", f"/cases/{case.id}/resumption", words)
    lifted = ask(dana, "POST", f"/cases/{case.id}/resumption", words)

    session.refresh(deal)
    assert (refused.status_code, lifted.status_code) == (403, 200)
    assert not deal.is_paused

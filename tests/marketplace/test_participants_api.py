"""Profiles and organisations by programs: who one is, and who acts in whose name."""

import io
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy.orm import Session

from marketplace import db
from models.actors import Actor
from models.members import Scope
from models.participants import Membership, MembershipRole
from services import participants, sessions
from tests import make
from tests.counting import counted
from tests.make_api import bearer, program
from tests.make_members import mails_to

Ask = Callable[..., Any]


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[None]:
    with db.at(now):
        yield


@pytest.fixture
def ask(session: Session, client: FlaskClient, now: datetime) -> Ask:
    return program(session, client, now=now)


@pytest.fixture
def path(session: Session, alice: Actor, now: datetime) -> str:
    """Where Alice's co-op is."""
    made = make.organisation(session, "Speicher", owner=alice, now=now)
    return f"/organisations/{made.participant.id}"


@pytest.fixture
def bobs(session: Session, path: str, bob: Actor, now: datetime) -> Membership:
    """Bob is an agent of the co-op."""
    made = Membership(
        organisation_id=int(path.rpartition("/")[2]),
        member_id=bob.member.id,
        role=MembershipRole.AGENT,
        since_at=now,
    )
    session.add(made)
    session.flush()
    return made


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("GET", "/me/profile"),
        ("PUT", "/me/profile"),
        ("POST", "/organisations"),
        ("GET", "/notices"),
        ("POST", "/notices/reading"),
        ("GET", "/notices/preferences"),
        ("GET", "/cases"),
        ("POST", "/invitations/never-drawn/acceptance"),
        ("POST", "/invitations/never-drawn/refusal"),
    ],
)
def test_a_program_of_an_organisation_is_told_nothing_of_its_member(
    session: Session, ask: Ask, dana: Actor, now: datetime, method: str, address: str
) -> None:
    co_op = make.organisation(session, "Speicher", owner=dana, now=now)

    refused = ask(co_op, method, address, {})
    in_person = ask(dana, method, address, {})

    assert (refused.status_code, refused.json["type"]) == (403, "/problems/only-in-person")
    assert in_person.status_code in (200, 204, 422)
    assert ask(co_op, "GET", "/group-buys").status_code == 200


def test_a_profile_is_read_changed_and_sent_back(ask: Ask, alice: Actor) -> None:
    before = ask(alice, "GET", "/me/profile").json
    said = {**before, "about": "Olive oil.", "skills": "counting, carrying"}

    changed = ask(alice, "PUT", "/me/profile", said)
    public = ask(None, "GET", f"/participants/{alice.participant.id}").json

    assert before["name"] == "Alice"
    assert (changed.status_code, changed.json) == (200, said)
    assert (public["about"], public["skills"]) == ("Olive oil.", ["counting", "carrying"])
    assert ask(alice, "GET", "/me/profile").json == said


def test_a_trader_says_who_they_are(ask: Ask, alice: Actor) -> None:
    said = {**ask(alice, "GET", "/me/profile").json, "is_trader": True}

    answer = ask(alice, "PUT", "/me/profile", said)

    assert answer.json["type"] == "/problems/trader-details-missing"
    assert "$.legal_name" in answer.json["errors"]
    assert ask(alice, "PUT", "/me/profile", {"name": ""}).status_code == 422
    nowhere = ask(alice, "PUT", "/me/profile", {"name": "Alice", "place": "Atlantis"})
    assert nowhere.json["type"] == "/problems/place-unknown"


def test_an_organisation_is_opened_once_and_listed(ask: Ask, bob: Actor) -> None:
    made = ask(bob, "POST", "/organisations", {"name": "Mill"}, key="one")
    again = ask(bob, "POST", "/organisations", {"name": "Mill"}, key="one")

    [listed] = ask(bob, "GET", "/organisations").json

    assert (made.status_code, made.json["kind"]) == (201, "organisation")
    assert again.json == made.json
    assert (listed["organisation"]["id"], listed["role"]) == (made.json["id"], "owner")


def test_managers_change_its_profile(
    session: Session, ask: Ask, path: str, bobs: Membership, alice: Actor, bob: Actor
) -> None:
    said = {**ask(alice, "GET", f"{path}/profile").json, "about": "We store."}

    for method in ("GET", "PUT"):
        refused = ask(bob, method, f"{path}/profile", said if method == "PUT" else None)
        assert refused.json["type"] == "/problems/may-not-edit"
    bobs.role = MembershipRole.MANAGER
    session.flush()

    assert ask(bob, "PUT", f"{path}/profile", said).json["about"] == "We store."


def test_who_belongs_is_told_to_those_who_do(
    ask: Ask, path: str, bobs: Membership, bob: Actor, charlie: Actor
) -> None:
    listed = ask(bob, "GET", f"{path}/members")

    assert [(one["name"], one["role"]) for one in listed.json] == [
        ("Alice", "owner"),
        ("Bob", "agent"),
    ]
    assert "example.org" not in listed.text
    assert ask(charlie, "GET", f"{path}/members").json["type"] == "/problems/may-not-act-for"
    assert ask(bob, "GET", "/organisations/0/members").status_code == 404


def test_who_belongs_takes_few_statements(
    session: Session, client: FlaskClient, path: str, alice: Actor, now: datetime
) -> None:
    for name in ("Erin", "Fred", "Gina"):
        member = make.actor(session, name, now=now).member
        session.add(
            Membership(
                organisation_id=int(path.rpartition("/")[2]),
                member_id=member.id,
                role=MembershipRole.AGENT,
                since_at=now,
            )
        )
    headers = bearer(session, alice, now=now)
    session.expire_all()

    with counted(session) as statements:
        answer = client.get(f"/api/v1{path}/members", headers=headers)

    assert len(answer.json) == 4
    assert len(statements) <= 7, "\n".join(statements)


def test_owners_give_roles_and_take_people_out(
    ask: Ask, path: str, bobs: Membership, alice: Actor, bob: Actor, charlie: Actor
) -> None:
    at = f"{path}/members/{bobs.id}"

    refused = ask(bob, "PUT", f"{at}/role", {"role": "owner"})
    changed = ask(alice, "PUT", f"{at}/role", {"role": "manager"})
    again = ask(alice, "PUT", f"{at}/role", {"role": "manager"})

    assert refused.json["type"] == "/problems/not-an-owner"
    assert (changed.status_code, changed.json["role"]) == (200, "manager")
    assert again.json == changed.json
    assert ask(alice, "PUT", f"{path}/members/0/role", {"role": "agent"}).status_code == 404
    assert ask(charlie, "DELETE", at).status_code == 403
    assert ask(bob, "DELETE", at).status_code == 403
    assert ask(alice, "DELETE", at).status_code == 204
    assert ask(alice, "DELETE", at).status_code == 404


def test_one_leaves_unless_one_is_its_last_owner(
    ask: Ask, path: str, bobs: Membership, alice: Actor, bob: Actor, charlie: Actor
) -> None:
    assert ask(alice, "POST", f"{path}/departure", {}).json["type"] == "/problems/last-owner"
    left = ask(bob, "POST", f"{path}/departure", {}, key="one")
    again = ask(bob, "POST", f"{path}/departure", {}, key="one")

    assert (left.status_code, again.status_code) == (204, 204)
    assert ask(bob, "POST", f"{path}/departure", {}).status_code == 403
    assert ask(charlie, "POST", f"{path}/departure", {}).status_code == 403


def test_somebody_is_invited_once_and_accepts(
    session: Session, ask: Ask, path: str, alice: Actor, bob: Actor
) -> None:
    body = {"email": "eva@example.org", "role": "manager"}

    sent = ask(alice, "POST", f"{path}/invitations", body, key="one")
    again = ask(alice, "POST", f"{path}/invitations", body, key="one")
    [listed] = ask(alice, "GET", f"{path}/invitations").json
    accepted = ask(bob, "POST", f"{link_to(session)}/acceptance", {})
    used = ask(bob, "POST", f"{link_to(session)}/acceptance", {})

    assert (sent.status_code, again.json, listed) == (201, sent.json, sent.json)
    assert accepted.json["name"] == "Speicher"
    assert used.json["type"] == "/problems/invitation-not-valid"
    assert sessions.actor_of(session, bob.member).may_manage(int(accepted.json["id"]))
    assert ask(bob, "GET", f"{path}/invitations").json["type"] == "/problems/not-an-owner"


def test_a_program_of_one_organisation_is_a_stranger_to_the_others(
    session: Session, ask: Ask, path: str, alice: Actor, now: datetime
) -> None:
    other = make.organisation(session, "Other", owner=alice, now=now)
    body = {"email": "eva@example.org", "role": "owner"}

    for method, act in (("GET", "members"), ("GET", "invitations"), ("POST", "invitations")):
        refused = ask(other, method, f"{path}/{act}", body)
        assert refused.json["type"] == "/problems/may-not-act-for"

    assert mails_to(session, "eva@example.org") == []
    assert ask(other, "GET", f"/organisations/{other.participant.id}/members").status_code == 200


def test_an_invitation_is_declined_or_withdrawn(
    session: Session, ask: Ask, path: str, alice: Actor, bob: Actor
) -> None:
    body = {"email": "eva@example.org", "role": "agent"}
    ask(alice, "POST", f"{path}/invitations", body)
    declined = ask(bob, "POST", f"{link_to(session)}/refusal", {})
    sent = ask(alice, "POST", f"{path}/invitations", body).json
    withdrawal = f"{path}/invitations/{sent['id']}/withdrawal"

    withdrawn = ask(alice, "POST", withdrawal, {}, key="one")
    again = ask(alice, "POST", withdrawal, {}, key="one")

    assert (declined.status_code, withdrawn.status_code, again.status_code) == (204, 204, 204)
    assert ask(alice, "POST", withdrawal, {}).status_code == 404
    assert ask(bob, "POST", withdrawal, {}).status_code == 403
    assert ask(alice, "GET", f"{path}/invitations").json == []


def test_invitations_are_bounded(
    session: Session, ask: Ask, path: str, alice: Actor, now: datetime
) -> None:
    organisation = participants.find(session, int(path.rpartition("/")[2]))
    for n in range(49):
        email = f"{n}@example.org"
        participants.count_invitation(session, organisation, email, actor=alice, now=now)
    body = {"email": "eva@example.org", "role": "agent"}

    last = ask(alice, "POST", f"{path}/invitations", body, key="last")
    repeated = ask(alice, "POST", f"{path}/invitations", body, key="last")
    refused = ask(alice, "POST", f"{path}/invitations", body)

    assert (last.status_code, repeated.json) == (201, last.json)
    assert refused.json["type"] == "/problems/too-many-tries"


def link_to(session: Session) -> str:
    """The path of the invitation that was mailed last."""
    return str(mails_to(session, "eva@example.org")[-1].facts["path"])


@pytest.mark.parametrize(
    ("method", "act"),
    [
        ("GET", "/me/profile"),
        ("PUT", "/me/profile"),
        ("GET", "/organisations"),
        ("POST", "/organisations"),
        ("GET", "/organisations/1/profile"),
        ("PUT", "/organisations/1/profile"),
        ("GET", "/organisations/1/members"),
        ("PUT", "/organisations/1/members/1/role"),
        ("DELETE", "/organisations/1/members/1"),
        ("POST", "/organisations/1/departure"),
        ("GET", "/organisations/1/invitations"),
        ("POST", "/organisations/1/invitations"),
        ("POST", "/organisations/1/invitations/1/withdrawal"),
        ("POST", "/invitations/x/acceptance"),
        ("POST", "/invitations/x/refusal"),
    ],
)
def test_a_token_and_its_scope_are_needed(ask: Ask, bob: Actor, method: str, act: str) -> None:
    assert ask(None, method, act).status_code == 401
    assert ask(bob, method, act, scopes=[Scope.BUYING]).status_code == 403


def test_a_picture_is_shown_and_hidden_by_its_owner(
    session: Session, client: FlaskClient, ask: Ask, alice: Actor, bob: Actor, now: datetime
) -> None:
    content = io.BytesIO()
    Image.new("RGB", (40, 20), "olive").save(content, "PNG")
    address = f"/api/v1/participants/{alice.participant.id}/picture?alt=Olives"

    def send(who: Actor, data: bytes, mimetype: str = "image/png") -> int:
        headers = {**bearer(session, who, now=now), "Content-Type": mimetype}
        return client.put(address, data=data, headers=headers).status_code

    assert send(alice, content.getvalue()) == 204
    session.refresh(alice.participant)
    shown = alice.participant.picture_id
    assert shown is not None
    assert send(bob, content.getvalue()) == 403
    assert send(alice, b"no picture") == 422
    assert send(alice, b"{}", "application/json") == 415
    assert ask(alice, "DELETE", f"/participants/{alice.participant.id}/picture").status_code == 204
    session.refresh(alice.participant)
    assert alice.participant.picture_id is None

"""Who may do what with a circle: every page and endpoint, by everyone, in every visibility.

Of a private circle nobody learns but those in it and whom they invite: for all others every
address answers as if there were none.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from marketplace import db
from models.actors import Actor
from models.circles import (
    Admission,
    Circle,
    CircleMembership,
    CircleRole,
    CircleVisibility,
    MembershipState,
)
from models.members import Member
from services import circles
from tests import make, make_talk
from tests.make_api import bearer
from tests.make_circles import circle, member, visit
from tests.undoing import undone

PUBLIC, LISTED, PRIVATE = CircleVisibility
VISIBILITIES = set(CircleVisibility)
INSIDE = {"member", "treasurer", "steward"}
EXPECTED = INSIDE | {"asked", "invited"}
OUTSIDE = {"outsider", "removed", "declined", "left"}
ROLES = ("stranger", "linked", "moderator", *sorted(OUTSIDE), *sorted(EXPECTED))
EVERYONE = set(ROLES)
MEMBERS = EVERYONE - {"stranger"}

Clauses = list[tuple[set[str], set[CircleVisibility]]]
# Whoever may know of it, and whoever may read what is inside.
KNOWS: Clauses = [(EVERYONE, {PUBLIC, LISTED}), (EXPECTED | {"linked", "moderator"}, {PRIVATE})]
READS: Clauses = [(EVERYONE, {PUBLIC}), (INSIDE | {"moderator"}, {LISTED, PRIVATE})]
READS_SIGNED_IN: Clauses = [(MEMBERS, {PUBLIC}), (INSIDE | {"moderator"}, {LISTED, PRIVATE})]
BELONG: Clauses = [(INSIDE, VISIBILITIES)]
RUN: Clauses = [({"steward"}, VISIBILITIES)]
# Where one asks to be let in, everyone may who is not in it and was not taken out.
COME: Clauses = [
    (OUTSIDE - {"removed"} | {"linked", "invited", "moderator"}, {PUBLIC, LISTED}),
    ({"asked"}, set()),
    ({"linked", "invited"}, {PRIVATE}),
]
GO: Clauses = [({"asked", "invited", "member", "treasurer"}, VISIBILITIES)]
KNOWS_SIGNED_IN: Clauses = [(who - {"stranger"}, when) for who, when in KNOWS]

TABLE: list[tuple[str, Clauses]] = [
    ("circles.show circles.rules circles_api.show circle_steering_api.rules", KNOWS),
    ("circles.members circles.history circles_api.members circles_api.group_buys", READS),
    ("dialogue.circle_thread messages_api.circle_thread dialogue.message", READS),
    ("messages_api.answers messages_api.versions dialogue.history", READS),
    ("circles.ask_leave", KNOWS_SIGNED_IN),
    ("circles.join circles_api.join", COME),
    ("circles.leave circles_api.leave", GO),
    ("circles.agree circle_steering_api.agree", BELONG),
    ("circles.inviting circles.draw_link circles.renew_link circles.invite", BELONG),
    ("circles_api.draw_link circles_api.renew_link circles_api.invite", BELONG),
    # Of a private circle only whoever has a link of their own prints one.
    (
        "circles.poster circles.code",
        [
            (MEMBERS, {PUBLIC}),
            (INSIDE | {"moderator"}, {LISTED}),
            ({"steward"}, {PRIVATE}),
        ],
    ),
    ("dialogue.write_in_circle messages_api.write_in_circle", BELONG),
    ("dialogue.follow_circle messages_api.follow_circle", READS_SIGNED_IN),
    ("dialogue.ask_hiding dialogue.hide messages_api.hide", RUN),
    ("circles.numbers circles.requests circles.changing circles.change circles.ask_end", RUN),
    ("circles.money circle_steering_api.money", [({"treasurer", "steward"}, VISIBILITIES)]),
    ("circles.archive circles.writing_rules circles.set_rules circles.admit circles.decline", RUN),
    ("circles.appoint circles.ask_remove circles.remove", RUN),
    ("circle_steering_api.change circle_steering_api.archive circle_steering_api.requests", RUN),
    ("circle_steering_api.admit circle_steering_api.decline circle_steering_api.appoint", RUN),
    ("circle_steering_api.remove circle_steering_api.set_rules circle_steering_api.numbers", RUN),
    # It is open: on its page that was done already, and programs are told so.
    ("circles.reopen", RUN),
    ("circle_steering_api.reopen", []),
    ("circles.by_link", [(EVERYONE, VISIBILITIES)]),
    ("widgets.circle", [(EVERYONE, {PUBLIC, LISTED})]),
]
RULES = {endpoint: clauses for endpoints, clauses in TABLE for endpoint in endpoints.split()}
# What is no single circle's, or somebody's own message.
ELSEWHERE = {
    "circles.browse", "circles.mine", "circles.new", "circles.found", "circles_api.browse",
    "circles_api.mine", "circles_api.found",
}  # fmt: skip
FEATURES = ("circles", "circles_api", "circle_steering_api")

SAID = {
    "name": "Oil friends", "kind": "buying", "visibility": "public", "admission": "free",
}  # fmt: skip
FORMS: dict[str, dict[str, Any]] = {
    "join": {"answer": "Me", "rules_number": 1},
    "agree": {"rules_number": 1},
    "invite": {"who": "Nobody-yet"},
    "write_in_circle": {"body": "Hello", "lang": "en"},
    "follow_circle": {"following": "muted"},
    "hide": {"reason": "Advertising."},
    "change": SAID,
    "set_rules": {"body": "Be very kind.", "lang": "en"},
    "decline": {"reason": "Full."},
    "appoint": {"role": "treasurer"},
    "remove": {"reason": "Was rude."},
}


SUMMARY, WORDS = "We press by night", "Secret recipe"


@dataclass
class Room:
    """A circle with somebody in each role, and what they can act upon."""

    session: Session
    circle: Circle
    actors: dict[str, Actor]
    key: str
    ids: dict[str, int] = field(default_factory=dict)

    def address(self, rule: Any, role: str, slug: str = "", number: int = 0) -> str:
        """Where this rule is asked; with `slug` and `number` of what is not there."""
        values: dict[str, Any] = {
            "slug": slug or self.circle.slug,
            "circle_id": number or self.circle.id,
            "key": self.key,
            "message_id": number or self.ids["message"],
            "membership_id": self.ids["asked" if "/requests/" in rule.rule else "plain"],
        }
        path = rule.rule
        for name in rule.arguments:
            for kind in ("", "int:", "id:"):
                path = path.replace(f"<{kind}{name}>", str(values[name]))
        return f"{path}?key={self.key}" if role == "linked" and "/api/" not in path else path


def room(session: Session, visibility: CircleVisibility, *, now: datetime) -> Room:
    actors = {role: make.actor(session, role.title(), now=now) for role in ROLES[1:]}
    actors["moderator"].member.roles = ["moderator"]
    steward = actors["steward"]
    is_private = visibility == PRIVATE
    made = circle(
        session,
        steward,
        visibility=visibility,
        admission=Admission.INVITATION if is_private else Admission.REQUEST,
        summary=SUMMARY,
        question="" if is_private else "Who are you?",
        now=now,
    )
    seen = visit(session, made, steward)
    circles.set_rules(session, seen, "Be kind.", lang="en", actor=steward, now=now)
    session.flush()
    ids = {}
    for role in ("member", "treasurer"):
        came = member(session, made, actors[role], by=steward, role=CircleRole(role), now=now)
        ids[role] = came.id
    plain = member(session, made, make.actor(session, "Plain", now=now), by=steward, now=now)
    for state in MembershipState:
        if state != MembershipState.ACTIVE:
            stands = CircleMembership(
                circle_id=made.id, participant_id=actors[state].participant.id,
                made_by_id=actors[state].member.id, state=state, made_at=now, since_at=now,
            )  # fmt: skip
            session.add(stands)
            session.flush()
            ids[str(state)] = stands.id
    said = make_talk.ask(session, made, body=WORDS, actor=plain_actor(session, plain), now=now)
    ids |= {"plain": plain.id, "message": said.id}
    key = circles.link_of(session, visit(session, made, steward))
    return Room(session, made, actors, key, ids)


def plain_actor(session: Session, membership: CircleMembership) -> Actor:
    found = session.get_one(Member, membership.made_by_id)
    return Actor(found, found.participant)


def rules_of(app: Flask) -> Iterator[tuple[Any, str]]:
    for rule in sorted(app.url_map.iter_rules(), key=lambda one: one.rule):
        if rule.endpoint in RULES:
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method


def test_every_address_of_circles_is_in_the_table(whole_app: Flask) -> None:
    known = {rule.endpoint for rule in whole_app.url_map.iter_rules()}

    assert set(RULES) - known == set()
    of_circles = {one for one in known if one.partition(".")[0] in FEATURES}
    assert of_circles - set(RULES) - ELSEWHERE == set()


@pytest.mark.parametrize("visibility", list(CircleVisibility))
def test_who_may_do_what_with_a_circle(
    app: Flask,
    session: Session,
    browser_of: Callable[[Actor], FlaskClient],
    monkeypatch: pytest.MonkeyPatch,
    now: datetime,
    visibility: CircleVisibility,
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    made = room(session, visibility, now=now)
    asking = Asking(app, made, browser_of, now)
    wrong = []
    with db.at(now):
        for rule, method in rules_of(app):
            for role in ROLES:
                clauses = RULES[rule.endpoint]
                may = any(role in who and visibility in when for who, when in clauses)
                if role == "linked" and "_api." in rule.endpoint:
                    # Programs send the key when they join, and are outsiders before.
                    may = rule.endpoint == "circles_api.join" or (
                        any("outsider" in who and visibility in when for who, when in clauses)
                    )
                with undone(session) if method != "GET" else nullcontext():
                    wrong += asking.wrong(rule, method, role, may)

    assert wrong == [], "\n".join(wrong)


class Asking:
    """Everyone's browsers and programs."""

    def __init__(
        self, app: Flask, made: Room, browser_of: Callable[[Actor], FlaskClient], now: datetime
    ) -> None:
        self.app, self.made = app, made
        self.browsers = {"stranger": app.test_client()}
        self.headers: dict[str, dict[str, str]] = {"stranger": {}}
        for role, actor in made.actors.items():
            self.browsers[role] = browser_of(actor)
            self.headers[role] = bearer(made.session, actor, now=now)

    def wrong(self, rule: Any, method: str, role: str, may: bool) -> Iterator[str]:
        path = self.made.address(rule, role)
        try:
            answer = self.ask(rule, method, role, path)
        except Exception as broken:  # Whatever it is would have been a 500.
            yield f"{method} {path} as {role} breaks: {type(broken).__name__} {str(broken)[:150]}"
            return
        status = answer.status_code
        if status == 303 and answer.location.startswith("/sign-in"):
            status = 401
        if may and status >= 400 and not self.is_refused_for_what_is_said(rule, status):
            yield f"{method} {path} as {role} is refused with {status}: {answer.text[:120]!r}"
        if not may and status not in (401, 403, 404, 409):
            yield f"{method} {path} as {role} is answered with {status}"

    def is_refused_for_what_is_said(self, rule: Any, status: int) -> bool:
        """Nobody is called what is typed there: whoever may not invite learns less."""
        return rule.endpoint.endswith(".invite") and status == 422

    def ask(self, rule: Any, method: str, role: str, path: str) -> TestResponse:
        name = rule.endpoint.partition(".")[2]
        said = FORMS.get(name, {})
        if rule.rule.startswith("/api/"):
            if role == "linked" and name == "join":
                said = {**said, "key": self.made.key}
            how: dict[str, Any] = {"headers": {**self.headers[role], "Idempotency-Key": "once"}}
            if method in ("POST", "PUT"):
                how["json"] = said
            return self.app.test_client().open(path, method=method, **how)
        data = {one: str(value) for one, value in said.items()} if method == "POST" else {}
        return self.browsers[role].open(path, method=method, data=data)


def test_a_private_circle_answers_as_if_there_were_none(
    app: Flask,
    session: Session,
    browser_of: Callable[[Actor], FlaskClient],
    monkeypatch: pytest.MonkeyPatch,
    now: datetime,
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    made = room(session, PRIVATE, now=now)
    asking = Asking(app, made, browser_of, now)
    told = []
    with db.at(now):
        for rule, method in rules_of(app):
            if rule.endpoint == "circles.by_link":
                continue
            for role in ("stranger", *sorted(OUTSIDE)):
                here = made.address(rule, role)
                nowhere = made.address(rule, role, "no-such-circle", 999_999)
                with undone(session):
                    one = asking.ask(rule, method, role, here)
                with undone(session):
                    other = asking.ask(rule, method, role, nowhere)
                if seen(one, made.circle.slug, made) != seen(other, "no-such-circle", made):
                    told.append(f"{method} {here} as {role}: {one.status_code}")
                if any(told_of in one.text for told_of in ("Oil friends", SUMMARY, WORDS)):
                    told.append(f"{method} {here} as {role} tells of it")

    assert told == [], "\n".join(told)


def seen(answer: TestResponse, slug: str, made: Room) -> tuple[int, str]:
    """What whoever asks sees, but for the address they typed themself."""
    drawn = re.compile(r"[0-9a-f]{32}|\S*csrf_token.*")
    text = drawn.sub("…", answer.text)
    for typed in (slug, str(made.circle.id), str(made.ids["message"]), "999999"):
        text = text.replace(typed, "…")
    return answer.status_code, text


def test_no_list_and_no_count_names_a_private_circle(
    app: Flask,
    session: Session,
    browser_of: Callable[[Actor], FlaskClient],
    now: datetime,
) -> None:
    made = room(session, PRIVATE, now=now)
    steward = made.actors["steward"].participant
    lists = (
        "/circles", "/circles?q=Oil+friends", "/circles?q=oil+frends", "/sitemap.xml",
        "/api/v1/circles", "/api/v1/circles?q=Oil", f"/people/{steward.slug}", "/group-buys",
        "/group-buys?q=oil", "/moderation/log",
    )  # fmt: skip

    with db.at(now):
        for browser in (app.test_client(), browser_of(made.actors["outsider"])):
            for path in lists:
                page = browser.get(path).text
                assert f"/circles/{made.circle.slug}" not in page, path
                assert SUMMARY not in page, path

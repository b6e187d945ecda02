"""Circles and their threads while several act at once: real threads, real commits."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.orm import Session

from marketplace import db
from models.actors import Actor
from models.circles import CircleRole
from models.members import Member
from services import circles, dialogue
from services.dialogue import writing
from tests import make, make_talk
from tests.make_circles import circle, member

Act = Callable[[Session, Actor, datetime], Any]


class Room:
    """Alice's circle with Bob in it, and one comment of his."""

    def __init__(self, app: Flask) -> None:
        now = datetime.now(UTC)
        self.app = app
        with app.app_context(), db.transaction() as session:
            alice, bob = (make.actor(session, name, now=now) for name in ("Alice", "Bob"))
            made = circle(session, alice, now=now)
            came = member(session, made, bob, by=alice, now=now)
            said = make_talk.ask(session, made, actor=bob, now=now)
            self.slug, self.comment_id, self.membership_id = made.slug, said.id, came.id
            self.alice_id, self.bob_id = alice.member.id, bob.member.id

    def act(self, member_id: int, act: Act) -> str:
        """Do it in a transaction of its own; how it ended."""
        with self.app.app_context():
            try:
                with db.transaction() as session:
                    who = session.get_one(Member, member_id)
                    act(session, Actor(who, who.participant), db.now(session))
            except Exception as error:
                return type(error).__name__
        return "done"

    def thread(self, session: Session, actor: Actor) -> dialogue.Subject:
        return dialogue.find_circle(session, self.slug, actor=actor)

    def visit(self, session: Session, actor: Actor) -> circles.Visit:
        return circles.find(session, self.slug, actor=actor, lock=True)

    def scalar(self, query: str) -> Any:
        with self.app.app_context():
            return db.session().scalar(text(query))


@pytest.fixture
def room(real_app: Flask) -> Room:
    return Room(real_app)


def _archive(room: Room) -> Act:
    return lambda session, actor, now: circles.archive(
        session, room.visit(session, actor), actor=actor, now=now
    )


def _remove(room: Room) -> Act:
    return lambda session, actor, now: circles.remove(
        session, room.visit(session, actor), room.membership_id, reason="x", actor=actor, now=now
    )


@pytest.mark.parametrize(
    ("meanwhile", "refusal"), [(_archive, "CircleArchived"), (_remove, "NotInCircle")]
)
def test_nothing_is_said_where_one_may_not_write_since_a_moment(
    room: Room, meanwhile: Callable[[Room], Act], refusal: str
) -> None:
    begun, ended = threading.Event(), threading.Event()

    def says(session: Session, actor: Actor, now: datetime) -> None:
        subject = room.thread(session, actor)
        begun.set()
        ended.wait(10)
        dialogue.comment(session, subject, body="Late", lang="en", now=now)

    with ThreadPoolExecutor(2) as pool:
        late = pool.submit(room.act, room.bob_id, says)
        begun.wait(10)
        assert room.act(room.alice_id, meanwhile(room)) == "done"
        ended.set()

        assert late.result() == refusal
    assert room.scalar("SELECT count(*) FROM messages") == 1


def test_changing_one_message_and_writing_another_wait_in_no_circle(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    both, real = threading.Barrier(2), writing.throttles.take_in_act
    changing = threading.local()

    def slowly(session: Session, *given: Any, **more: Any) -> None:
        # Each stands with its first lock in hand: who changes has the message, who writes has
        # counted.
        if getattr(changing, "yes", False):
            dialogue.find(session, room.comment_id, lock=True)
            both.wait(10)
            real(session, *given, **more)
        else:
            real(session, *given, **more)
            both.wait(10)

    monkeypatch.setattr(writing.throttles, "take_in_act", slowly)

    def changes(session: Session, actor: Actor, now: datetime) -> None:
        changing.yes = True
        subject = room.thread(session, actor)
        dialogue.edit(session, subject, room.comment_id, body="Better", lang="en", now=now)

    def says(session: Session, actor: Actor, now: datetime) -> None:
        dialogue.comment(session, room.thread(session, actor), body="More", lang="en", now=now)

    with ThreadPoolExecutor(2) as pool:
        ways = [pool.submit(room.act, room.bob_id, act) for act in (changes, says)]
        assert [way.result() for way in ways] == ["done", "done"]


def test_what_is_hidden_twice_at_once_is_hidden_once(room: Room) -> None:
    both = threading.Barrier(2)

    def hides(session: Session, actor: Actor, now: datetime) -> None:
        subject = room.thread(session, actor)
        dialogue.find(session, room.comment_id)
        both.wait(10)
        dialogue.hide_in_circle(session, subject, room.comment_id, reason="Rude", now=now)

    with ThreadPoolExecutor(2) as pool:
        ways = [pool.submit(room.act, room.alice_id, hides) for _ in range(2)]
        ended = sorted(way.result() for way in ways)

    assert ended == ["HiddenAlready", "done"]
    assert room.scalar("SELECT count(*) FROM events WHERE kind = 'MessageHidden'") == 1


def test_two_stewards_do_not_both_leave(room: Room) -> None:
    def appoints(session: Session, actor: Actor, now: datetime) -> None:
        circles.appoint(
            session,
            room.visit(session, actor),
            room.membership_id,
            CircleRole.STEWARD,
            actor=actor,
            now=now,
        )

    assert room.act(room.alice_id, appoints) == "done"
    both = threading.Barrier(2)

    def leaves(session: Session, actor: Actor, now: datetime) -> None:
        both.wait(10)
        circles.leave(session, room.visit(session, actor), actor=actor, now=now)

    with ThreadPoolExecutor(2) as pool:
        ways = [pool.submit(room.act, one, leaves) for one in (room.alice_id, room.bob_id)]
        ended = sorted(way.result() for way in ways)

    assert ended == ["LastSteward", "done"]
    assert room.scalar("SELECT stewards_count FROM circles") == 1

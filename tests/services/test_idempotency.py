"""A request with one key is carried out once, however often it comes and however it ends."""

from datetime import datetime
from threading import Event as Signal
from threading import Thread

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models.actors import Actor
from models.members import IdempotencyRecord
from services import idempotency
from services.idempotency import Answer, IdempotencyMismatch, StillRunning
from tests import make


def claim(session: Session, actor: Actor, now: datetime, **asked: object) -> idempotency.Claim:
    given = {"route": "POST join", "key": "k1", "request": b"3 units", **asked}
    return idempotency.claim(session, **given, actor=actor, now=now)  # type: ignore[arg-type]


def test_the_first_request_is_carried_out(session: Session, alice: Actor, now: datetime) -> None:
    assert claim(session, alice, now).answer is None


def test_a_repeat_gets_the_answer_of_the_first(
    session: Session, alice: Actor, now: datetime
) -> None:
    first = claim(session, alice, now)
    idempotency.keep(session, first, Answer(201, {"body": {"id": "7"}}))

    assert claim(session, alice, now).answer == Answer(201, {"body": {"id": "7"}})


def test_a_repeat_whose_first_is_not_answered_is_to_ask_again(
    session: Session, alice: Actor, now: datetime
) -> None:
    claim(session, alice, now)

    with pytest.raises(StillRunning):
        claim(session, alice, now)


def test_the_same_key_with_another_request_is_refused(
    session: Session, alice: Actor, now: datetime
) -> None:
    idempotency.keep(session, claim(session, alice, now), Answer(201, {}))

    with pytest.raises(IdempotencyMismatch):
        claim(session, alice, now, request=b"4 units")


def test_the_same_key_for_another_participant_is_refused(
    session: Session, alice: Actor, now: datetime
) -> None:
    idempotency.keep(session, claim(session, alice, now), Answer(201, {}))
    cooperative = make.organisation(session, "Coop", owner=alice, now=now)

    with pytest.raises(IdempotencyMismatch):
        claim(session, cooperative, now)


def test_keys_of_other_members_and_routes_do_not_meet(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    idempotency.keep(session, claim(session, alice, now), Answer(201, {}))

    assert claim(session, bob, now).answer is None
    assert claim(session, alice, now, route="POST leave").answer is None


@pytest.mark.race
@pytest.mark.parametrize("first_is_kept", [True, False])
def test_a_repeat_waits_for_the_first_that_is_under_way(
    real_app: Flask, now: datetime, first_is_kept: bool
) -> None:
    engine = real_app.extensions["engine"]
    with Session(engine, expire_on_commit=False) as session:
        alice = make.actor(session, "Alice", now=now)
        session.commit()
    answers: list[Answer | None] = []
    starts = Signal()

    def repeat() -> None:
        with Session(engine) as session:
            starts.set()
            answers.append(claim(session, alice, now).answer)
            session.commit()

    with Session(engine) as session:
        first = claim(session, alice, now)
        waiting = Thread(target=repeat)
        waiting.start()
        starts.wait(5)
        waiting.join(0.3)
        assert waiting.is_alive()
        idempotency.keep(session, first, Answer(201, {"body": 1}))
        if first_is_kept:
            session.commit()
        else:
            session.rollback()
    waiting.join(5)

    assert answers == ([Answer(201, {"body": 1})] if first_is_kept else [None])
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(IdempotencyRecord)) == 1

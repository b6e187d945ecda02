"""Double entry: what the service refuses, and what the database refuses whoever asks."""

from datetime import datetime

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlalchemy.orm import Session

from models.actors import Actor
from models.errors import Conflict
from models.ledger import BelowFloor, Entry, Transfer
from services import ledger


@pytest.fixture
def accounts(session: Session, alice: Actor, bob: Actor, now: datetime) -> list:
    return [ledger.own_account(session, who.participant.id, "EUR", now=now) for who in (alice, bob)]


def test_a_transfer_moves_what_it_says(session, accounts, now):
    a, b = accounts

    ledger.transfer(session, {a.id: -500, b.id: 500}, key="k", reason="test", now=now)

    assert (a.balance_minor, b.balance_minor) == (-500, 500)


def test_the_same_key_moves_once(session, accounts, now):
    a, b = accounts

    for _ in range(3):
        ledger.transfer(session, {a.id: -500, b.id: 500}, key="k", reason="test", now=now)

    assert b.balance_minor == 500


def test_the_same_key_for_another_amount_is_refused(session, accounts, now):
    a, b = accounts
    ledger.transfer(session, {a.id: -500, b.id: 500}, key="k", reason="test", now=now)

    with pytest.raises(Conflict):
        ledger.transfer(session, {a.id: -400, b.id: 400}, key="k", reason="test", now=now)


def test_an_account_with_a_floor_is_not_overdrawn(session, accounts, now):
    a, b = accounts
    a.floor_minor = -100
    session.flush()

    with pytest.raises(BelowFloor):
        ledger.transfer(session, {a.id: -101, b.id: 101}, key="k", reason="test", now=now)


def test_the_database_refuses_a_balance_below_its_floor(session, accounts, now):
    a, b = accounts
    a.floor_minor = -100
    session.flush()
    with pytest.raises(IntegrityError, match="not_below_floor"), session.begin_nested():
        session.add(
            Transfer(
                key="k",
                reason="test",
                made_at=now,
                entries=[
                    Entry(account_id=a.id, amount_minor=-101, currency="EUR"),
                    Entry(account_id=b.id, amount_minor=101, currency="EUR"),
                ],
            )
        )
        session.flush()


def test_the_database_refuses_what_does_not_sum_to_zero(session, accounts, now):
    a, b = accounts
    with pytest.raises(DatabaseError, match="does not sum to zero"), session.begin_nested():
        session.add(
            Transfer(
                key="k",
                reason="test",
                made_at=now,
                entries=[
                    Entry(account_id=a.id, amount_minor=-100, currency="EUR"),
                    Entry(account_id=b.id, amount_minor=101, currency="EUR"),
                ],
            )
        )
        session.flush()
        session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entries SET amount_minor = amount_minor * 2",
        "DELETE FROM entries",
        "DELETE FROM transfers",
        "UPDATE transfers SET reason = 'another'",
        "TRUNCATE entries CASCADE",
        "UPDATE accounts SET balance_minor = 0 WHERE balance_minor <> 0",
        "UPDATE accounts SET held_minor = 99",
        "DELETE FROM holds",
        "UPDATE holds SET amount_minor = 1",
    ],
)
def test_the_database_keeps_what_is_written(session, accounts, now, statement):
    a, b = accounts
    ledger.transfer(session, {a.id: -500, b.id: 500}, key="k", reason="test", now=now)
    ledger.hold(session, a, 300, key="h", now=now)
    session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))

    with pytest.raises(DatabaseError, match="ledger:"), session.begin_nested():
        session.execute(text(statement))


def test_a_transfer_is_answered_by_its_opposite(session, accounts, now):
    a, b = accounts
    made = ledger.transfer(session, {a.id: -500, b.id: 500}, key="k", reason="test", now=now)

    ledger.reverse(session, made, key="r", reason="mistake", now=now)

    assert (a.balance_minor, b.balance_minor) == (0, 0)


def test_a_hold_is_set_aside_until_it_is_voided(session, accounts, now):
    a, _ = accounts
    ledger.hold(session, a, 300, key="h", now=now)
    assert a.available_minor == -300

    ledger.void(session, "h")

    session.expire(a)
    assert a.available_minor == 0


def test_a_hold_is_posted_once(session, accounts, now):
    a, b = accounts
    ledger.hold(session, a, 300, key="h", now=now)

    for key, amount in (("k", 150), ("again", 50)):
        movement = ledger.Movement(key, a.id, b.id, amount, ends_hold="h")
        ledger.transfer_many(session, [movement], reason="test", currency="EUR", now=now)

    assert (a.balance_minor, a.held_minor) == (-200, 0)

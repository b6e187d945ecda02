"""Double entry: what the service refuses, and what the database refuses whoever asks."""

from datetime import datetime

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DatabaseError, IntegrityError
from sqlalchemy.orm import Session

from models.actors import Actor
from models.errors import Conflict
from models.ledger import BelowFloor, Entry, Hold, HoldState, Transfer
from models.lifecycle import NotInThisState
from services import ledger
from services.payments import keys as naming


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


def test_a_booking_is_found_by_the_commitment_it_is_named_after(session, accounts, now):
    a, b = accounts
    keys = [naming.booking_key(1, "due"), naming.booking_key(12, "due:1")]
    for key in (*keys, naming.payment_key(1, "received"), naming.charge_key("1", "received")):
        ledger.transfer(session, {a.id: -500, b.id: 500}, key=key, reason="test", now=now)

    found = session.scalars(select(Transfer.key).where(naming.is_booking(1))).all()
    owing = session.scalars(select(naming.booked_for()).where(naming.is_booking())).all()

    assert found == keys[:1]
    assert sorted(owing) == [1, 12]


def test_a_transfer_is_answered_by_its_opposite(session, accounts, now):
    a, b = accounts
    made = ledger.transfer(session, {a.id: -500, b.id: 500}, key="k", reason="test", now=now)

    reversal = ledger.reverse(session, made, key="r", reason="mistake", now=now)

    assert reversal.reverses_id == made.id
    assert ledger.verify(session) == []
    assert (a.balance_minor, b.balance_minor) == (0, 0)


def test_a_reversal_of_another_amount_is_found(session, accounts, now):
    a, b = accounts
    made = ledger.transfer(session, {a.id: -500, b.id: 500}, key="k", reason="test", now=now)

    with session.begin_nested() as savepoint:
        ledger.transfer(
            session, {a.id: 400, b.id: -400}, key="r", reason="test", reverses=made, now=now
        )
        findings = ledger.verify(session)
        savepoint.rollback()

    assert {one.partition(":")[0] for one in findings} == {"reversal that is no opposite"}


def test_a_hold_is_set_aside_until_it_is_voided(session, accounts, now):
    a, _ = accounts
    ledger.hold(session, a, 300, key="h", now=now)
    assert a.available_minor == -300

    ledger.void(session, "h")

    session.expire(a)
    assert a.available_minor == 0


@pytest.mark.parametrize("state", list(HoldState))
def test_only_what_is_pending_is_voided(state):
    held = Hold(key="h", amount_minor=300, state=state)

    if state == HoldState.PENDING:
        held.void()
        assert held.state == HoldState.VOIDED
    else:
        with pytest.raises(NotInThisState):
            held.void()
        assert held.state == state


@pytest.mark.parametrize("state", list(HoldState))
@pytest.mark.parametrize("becomes", list(HoldState))
def test_the_database_moves_a_hold_as_the_table_of_moves_does(
    session, accounts, now, state, becomes
):
    a, b = accounts
    made = ledger.transfer(session, {a.id: -300, b.id: 300}, key="k", reason="test", now=now)
    ledger.hold(session, a, 300, key="h", now=now)

    def move(to):
        posted_by = made.id if to == HoldState.POSTED else None
        session.execute(update(Hold).values(state=to, transfer_id=posted_by))

    if state != HoldState.PENDING:
        move(state)
    if becomes in Hold.MOVES[state]:
        move(becomes)
    else:
        with pytest.raises(DatabaseError, match="ledger:"), session.begin_nested():
            move(becomes)


def test_a_hold_is_posted_once(session, accounts, now):
    a, b = accounts
    ledger.hold(session, a, 300, key="h", now=now)

    for key, amount in (("k", 150), ("again", 50)):
        movement = ledger.Movement(key, a.id, b.id, amount, ends_hold="h")
        ledger.transfer_many(session, [movement], reason="test", currency="EUR", now=now)

    assert (a.balance_minor, a.held_minor) == (-200, 0)

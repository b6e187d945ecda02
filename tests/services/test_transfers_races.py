"""Real threads and real commits: however often a statement is booked at once, it counts once."""

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from marketplace import db
from models.actors import Actor
from models.payments import BankLine, Payment, PaymentState
from services import buying, ledger, payments, transfers
from services.transfers import Booked, Taken
from services.transfers.references import reference
from tests import make, make_buying
from tests.make_payments import balances
from tests.make_transfers import account, previewed, taken
from tests.services.test_payments_races import at_once

pytestmark = pytest.mark.race

World = tuple[int, Actor, list[Actor], list[int]]


@pytest.fixture
def world(real_app: Flask, now: datetime) -> World:
    """Ten neighbours owe 40.00 each."""
    with real_app.app_context(), db.at(now):
        with db.transaction() as session:
            alice = make.actor(session, "Alice", now=now)
            deal = make_buying.group_buy(session, alice, now=now)
            account(session, deal, alice, now=now)
            people = [make.actor(session, f"Neighbour{one}", now=now) for one in range(10)]
            ids = [make_buying.join(session, deal, one, 1, now=now) for one in people]
        with db.transaction() as session:
            buying.close(session, deal.id, now=deal.closes_at)
        return deal.id, alice, people, ids


def ticked(ids: list[int], deal_id: int, alice: Actor) -> list[Taken]:
    session = db.session()
    deal = buying.page_of(session, deal_id, actor=alice)
    lines = [(f"N{one}", reference(one), "40,00") for one in ids]
    return taken(previewed(session, deal, alice, *lines))


def books_are_right(real_app: Flask, deal_id: int, ids: list[int]) -> None:
    with real_app.app_context():
        session = db.session()
        states = session.scalars(select(Payment.state)).all()
        assert states == [PaymentState.PAID] * len(ids)
        assert session.scalar(select(func.count()).select_from(BankLine)) == len(ids)
        deal = buying.page_of(session, deal_id, actor=None)
        found = balances(session, deal)
        assert found == {"pot": 4000 * len(ids), "bank": -4000 * len(ids)}
        assert ledger.verify(session) == []


def test_the_same_file_booked_at_once_counts_once(real_app: Flask, world: World, now: datetime):
    deal_id, alice, _, ids = world
    with real_app.app_context():
        lines = ticked(ids, deal_id, alice)
    done: list[Booked] = []

    def book() -> None:
        with db.transaction() as session:
            deal = buying.page_of(session, deal_id, actor=alice)
            done.append(transfers.book(session, deal, lines, actor=alice, now=now))

    assert at_once(real_app, now, *[book] * 5) == []

    assert sorted(one.received for one in done) == [0, 0, 0, 0, 10]
    books_are_right(real_app, deal_id, ids)


def test_overlapping_files_booked_at_once_count_each_line_once(
    real_app: Flask, world: World, now: datetime
):
    deal_id, alice, _, ids = world
    with real_app.app_context():
        every = ticked(ids, deal_id, alice)
    parts = [every[:7], every[3:], every[5:][::-1], every[::-1]]
    done: list[Booked] = []

    def book(lines: list[Taken]) -> None:
        with db.transaction() as session:
            deal = buying.page_of(session, deal_id, actor=alice)
            done.append(transfers.book(session, deal, lines, actor=alice, now=now))

    acts = [lambda lines=part: book(lines) for part in parts]
    assert at_once(real_app, now, *acts) == []

    assert sum(one.received for one in done) == 10
    books_are_right(real_app, deal_id, ids)


def test_cash_and_transfer_at_once_are_one_payment(real_app: Flask, world: World, now: datetime):
    deal_id, alice, people, ids = world
    with real_app.app_context():
        lines = ticked(ids, deal_id, alice)
    with real_app.app_context(), db.transaction() as session:
        for who, commitment_id in zip(people, ids, strict=True):
            payments.confirm_paid(session, commitment_id, actor=who, now=now)

    def book() -> None:
        with db.transaction() as session:
            deal = buying.page_of(session, deal_id, actor=alice)
            transfers.book(session, deal, lines, actor=alice, now=now)

    def confirm() -> None:
        for commitment_id in ids:
            with db.transaction() as session:
                payments.confirm_received(session, commitment_id, actor=alice, now=now)

    at_once(real_app, now, book, confirm)

    with real_app.app_context():
        session = db.session()
        assert session.scalars(select(Payment.state)).all() == [PaymentState.PAID] * 10
        found = balances(session, buying.page_of(session, deal_id, actor=None))
        assert found["pot"] == 40_000
        assert found.get("cash", 0) + found.get("bank", 0) == -40_000
        used = session.scalar(select(func.count()).select_from(BankLine)) or 0
        assert used * 4000 == -found.get("bank", 0)
        assert ledger.verify(session) == []

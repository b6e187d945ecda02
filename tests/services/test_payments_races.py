"""Real threads and real commits: whatever happens at once, everybody is charged once."""

import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from marketplace import db
from marketplace.payments import acts
from models.buying import PaymentMethod
from models.payments import Payment, PaymentNotDue, PaymentState
from services import buying, ledger, payments
from services.gateways.answers import GatewayUnreachable, IntentState
from tests import make, make_buying, make_running
from tests.make_payments import Bank, balances, payment

pytestmark = pytest.mark.race


@pytest.fixture
def bank(real_app: Flask, now: datetime, tmp_path: Path) -> Iterator[Bank]:
    yield Bank(real_app, now, tmp_path / "bank.sqlite")
    del real_app.extensions["gateway"]


def at_once(app: Flask, now: datetime, *acts_: object) -> list[BaseException]:
    """Do all of it at the same moment, each in a thread and a session of its own."""
    start = threading.Barrier(len(acts_))
    failures: list[BaseException] = []

    def run(act: object) -> None:
        assert callable(act)
        with app.app_context(), db.at(now):
            start.wait()
            try:
                act()
            except Exception as failure:
                failures.append(failure)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts_]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


def test_workers_that_charge_the_same_payment_charge_it_once(
    real_app: Flask, bank: Bank, now: datetime
):
    with real_app.app_context(), db.at(now):
        with db.transaction() as session:
            alice = make.actor(session, "Alice", now=now)
            bob = make.actor(session, "Bob", now=now)
            deal = make_buying.group_buy(session, alice, now=now)
            commitment_id = bank.join(session, deal, bob, 5, now=now)
        with db.transaction() as session:
            buying.close(session, deal.id, now=deal.closes_at)
        with db.transaction() as session:
            payments.charge_batch(session, deal.id, now=deal.closes_at)
            payment_id = payment(session, commitment_id).id

    failures = at_once(real_app, deal.closes_at, *[lambda: acts.charge(payment_id)] * 6)

    assert all(isinstance(one, GatewayUnreachable) for one in failures)
    with real_app.app_context(), db.at(deal.closes_at):
        acts.charge(payment_id)
        session = db.session()
        assert payment(session, commitment_id).state == PaymentState.PAID
        assert balances(session, deal) == {"pot": 20_000, "gateway": -20_000}
        assert ledger.verify(session) == []
    charged = [
        one
        for one in bank.gateway.list_events(kinds=["payment_intent.succeeded"])
        if bank.gateway.read_intent(one.object_id).state is IntentState.CHARGED
    ]
    assert len({one.object_id for one in charged}) == 1


def test_batches_that_run_at_once_plan_each_charge_once(real_app: Flask, bank: Bank, now: datetime):
    with real_app.app_context(), db.at(now):
        with db.transaction() as session:
            alice = make.actor(session, "Alice", now=now)
            deal = make_buying.group_buy(session, alice, now=now)
            for number in range(10):
                someone = make.actor(session, f"Neighbour{number}", now=now)
                bank.join(session, deal, someone, 1, now=now)
        with db.transaction() as session:
            buying.close(session, deal.id, now=deal.closes_at)

    def batch() -> None:
        with db.transaction() as session:
            payments.charge_batch(session, deal.id, now=deal.closes_at)

    assert at_once(real_app, deal.closes_at, *[batch] * 4) == []

    with real_app.app_context():
        found = db.session().scalars(select(Payment)).all()
        assert [(one.state, one.attempts_count) for one in found] == [
            (PaymentState.CHARGING, 1)
        ] * 10


def test_calling_off_two_deals_of_the_same_people_never_deadlocks(real_app: Flask, now: datetime):
    with real_app.app_context(), db.at(now), db.transaction() as session:
        alice = make.actor(session, "Alice", now=now)
        people = [make.actor(session, f"Neighbour{number}", now=now) for number in range(20)]
        deals = [
            make_running.closed(session, alice, [(one, 1) for one in order], now=now)
            for order in (people, people[::-1])
        ]
        for who in people[::2]:
            make_running.pay_cash(session, deals[0], alice, who, now=now)

    def call_off(slug: str) -> None:
        with db.transaction() as session:
            deal = buying.find(session, slug, actor=alice, lock=True)
            buying.cancel(session, deal, reason="No harvest.", actor=alice, now=now)

    failures = at_once(real_app, now, *[partial(call_off, one.slug) for one in deals])

    assert failures == []
    with real_app.app_context():
        assert ledger.verify(db.session()) == []


def test_closing_two_deals_of_the_same_people_never_deadlocks(real_app: Flask, now: datetime):
    with real_app.app_context(), db.at(now), db.transaction() as session:
        alice = make.actor(session, "Alice", now=now)
        people = [make.actor(session, f"Neighbour{number}", now=now) for number in range(40)]
        too_many = [make_buying.olive_oil(minimum_units=500, maximum_units=None)]
        deals = [make_buying.group_buy(session, alice, now=now, articles=too_many) for _ in "ab"]
        for deal, order in zip(deals, (people, people[::-1]), strict=True):
            for who in order:
                make_buying.join(session, deal, who, 1, now=now)
        ids, closes_at = [one.id for one in deals], deals[0].closes_at

    def close(deal_id: int) -> None:
        with db.transaction() as session:
            buying.close(session, deal_id, now=closes_at)

    failures = at_once(real_app, now, *[partial(close, one) for one in ids])

    assert failures == []


def test_money_that_is_received_while_the_deal_is_called_off_never_deadlocks(
    real_app: Flask, now: datetime
):
    with real_app.app_context(), db.at(now), db.transaction() as session:
        alice = make.actor(session, "Alice", now=now)
        people = [make.actor(session, f"Neighbour{number}", now=now) for number in range(20)]
        deal = make_running.closed(session, alice, [(one, 1) for one in people], now=now)
        ids = [make_running.commitment(session, deal, one).id for one in people]
        for who, commitment_id in zip(people, ids, strict=True):
            payments.confirm_paid(session, commitment_id, actor=who, now=now)

    def call_off() -> None:
        with db.transaction() as session:
            found = buying.find(session, deal.slug, actor=alice, lock=True)
            buying.cancel(session, found, reason="No harvest.", actor=alice, now=now)

    def receive() -> None:
        for commitment_id in reversed(ids):
            # Whoever comes after the end is refused, and that is all.
            with suppress(PaymentNotDue), db.transaction() as session:
                payments.confirm_received(session, commitment_id, actor=alice, now=now)

    assert at_once(real_app, now, call_off, receive) == []

    with real_app.app_context():
        assert ledger.verify(db.session()) == []


def test_a_double_click_and_a_message_at_once_hold_the_card_once(
    real_app: Flask, bank: Bank, now: datetime
):
    with real_app.app_context(), db.at(now), db.transaction() as session:
        alice = make.actor(session, "Alice", now=now)
        bob = make.actor(session, "Bob", now=now)
        deal = make_buying.group_buy(session, alice, now=now, closes_at=make.later(now, days=5))
        commitment_id = make_buying.join(session, deal, bob, 5, method=PaymentMethod.CARD, now=now)
    where = acts.Addresses("http://localhost/r?session_id={CHECKOUT_SESSION_ID}", "http://l/", "en")
    urls: list[str] = []
    opened = at_once(
        real_app,
        now,
        *[lambda: urls.append(acts.open_page(commitment_id, "At most.", where, bob))] * 2,
    )
    assert all(isinstance(one, GatewayUnreachable) for one in opened)
    assert len(set(urls)) == 1
    bank.use(urls[0])
    with real_app.app_context():
        key = payment(db.session(), commitment_id).checkout_key

    assert at_once(real_app, now, *[lambda: acts.read_page(key)] * 4) == []

    with real_app.app_context():
        held = payment(db.session(), commitment_id)
        assert (held.state, held.amount_minor) == (PaymentState.READY, 20_000)
        assert bank.read(held).state is IntentState.HELD

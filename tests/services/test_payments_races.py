"""Real threads and real commits: whatever happens at once, everybody is charged once."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace import db
from marketplace.payments import acts
from models.actors import Actor
from models.buying import GroupBuy, PaymentMethod
from models.ledger import Account
from models.payments import CardInUse, NoSavedCard, Payment, PaymentNotDue, PaymentState
from services import buying, ledger, payments, revocations
from services.buying import collecting
from services.gateways.answers import GatewayUnreachable, IntentState
from services.payments import wallets
from tests import make, make_buying, make_running
from tests.blocking import until_one_waits
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


@contextmanager
def meanwhile(app: Flask, now: datetime, act: object) -> Iterator[list[BaseException]]:
    """Do `act` in a thread of its own until it waits for what this session has locked.

    The body is what happens while it waits. Then this session commits, and once `act` has come to
    its end its failures are known.
    """
    session = db.session()
    failures: list[BaseException] = []
    thread = threading.Thread(target=lambda: failures.extend(at_once(app, now, act)))
    thread.start()
    try:
        until_one_waits(session)
        yield failures
        session.commit()
    finally:
        session.rollback()
        thread.join()


def own_account_ids(session: Session, people: Sequence[Actor]) -> list[int]:
    ids = [one.participant.id for one in people]
    accounts = select(Account.id).where(Account.owner_id.in_(ids)).order_by(Account.id)
    return list(session.scalars(accounts))


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


def test_cash_that_counts_by_silence_is_booked_in_the_order_of_the_accounts(
    real_app: Flask, now: datetime
):
    with real_app.app_context(), db.at(now), db.transaction() as session:
        alice, bob, carol = (make.actor(session, one, now=now) for one in ("Alice", "Bob", "Carol"))
        make_running.closed(session, alice, [(bob, 5), (carol, 5)], now=now)
        # Here they came the other way round.
        deal = make_running.closed(session, alice, [(carol, 5), (bob, 5)], now=now)
        for who in (carol, bob):
            commitment_id = make_running.commitment(session, deal, who).id
            payments.confirm_received(session, commitment_id, actor=alice, now=now)
        first, second = own_account_ids(session, [bob, carol])

    def count() -> None:
        with db.transaction() as session:
            buying.find(session, deal.slug, actor=alice, lock=True)
            payments.count_silence(session, deal.id, now=now + timedelta(days=7))

    with real_app.app_context():
        session = db.session()
        ledger.lock(session, [first])
        with meanwhile(real_app, now, count) as failures:
            # Whoever waits for the first account does not hold the second.
            ledger.lock(session, [second])
        assert failures == []
        paid = select(Payment.id).where(Payment.state == PaymentState.PAID)
        assert len(session.scalars(paid).all()) == 2
        assert ledger.verify(session) == []


def test_a_deal_is_settled_in_the_order_of_the_accounts(real_app: Flask, now: datetime):
    at = now + timedelta(days=20)
    with real_app.app_context(), db.at(now), db.transaction() as session:
        alice, bob = (make.actor(session, one, now=now) for one in ("Alice", "Bob"))
        # Whoever sells had an account before whoever pays.
        ledger.own_account(session, alice.participant.id, "EUR", now=now)
        deal = make_running.closed(session, alice, [(bob, 5)], now=now)
        make_running.handing_over(session, deal, alice)
        order = make_running.commitment(session, deal, bob)
        payments.confirm_received(session, order.id, actor=alice, now=deal.closes_at)
        buying.hand_over(session, deal, order, actor=alice, now=at)
        buying.complete(session, deal, actor=alice, now=at)
        sellers, payers = own_account_ids(session, [alice, bob])

    def settle() -> None:
        with db.transaction() as session:
            found = buying.find(session, deal.slug, actor=alice, lock=True)
            buying.settle(session, found, actor=alice, now=at)

    with real_app.app_context():
        session = db.session()
        ledger.lock(session, [sellers])
        with meanwhile(real_app, at, settle) as failures:
            # Whoever waits for the seller's account does not hold the payer's.
            ledger.lock(session, [payers])
        assert failures == []
        assert balances(session, deal)["pot"] == 0
        assert ledger.verify(session) == []


def test_money_that_a_seller_gives_back_is_booked_in_the_order_of_the_accounts(
    real_app: Flask, now: datetime
):
    with real_app.app_context(), db.at(now), db.transaction() as session:
        alice, bob = (make.actor(session, one, now=now) for one in ("Alice", "Bob"))
        alice.participant.is_trader = True
        deal = make_running.closed(session, alice, [(bob, 10)], now=now)
        make_running.handing_over(session, deal, alice)
        make_running.pay_cash(session, deal, alice, bob, now=now)
        order = make_running.commitment(session, deal, bob)
        at = deal.closes_at + timedelta(days=3)
        buying.hand_over(session, deal, order, actor=alice, now=at)
        buying.complete(session, deal, actor=alice, now=at)
        buying.settle(session, deal, actor=alice, now=at)
        articles = [one.id for one in buying.articles(session, deal)]
        revocation_id = revocations.declare(
            session, order.id, name="B", contact="b", article_ids=articles, actor=bob, now=at
        ).id
        buyers, sellers = own_account_ids(session, [alice, bob])

    def refund() -> None:
        with db.transaction() as session:
            found = buying.find(session, deal.slug, actor=alice, lock=True)
            revocations.refund(session, found, revocation_id, actor=alice, now=at)

    with real_app.app_context():
        session = db.session()
        ledger.lock(session, [buyers])
        with meanwhile(real_app, at, refund) as failures:
            ledger.lock(session, [sellers])
        assert failures == []
        assert balances(session, deal)["pot"] == 0
        assert ledger.verify(session) == []


@pytest.fixture
def saved(real_app: Flask, bank: Bank, now: datetime) -> tuple[Actor, int, str]:
    """Bob, his order that awaits a card, and the card that he has saved."""
    with real_app.app_context(), db.at(now), db.transaction() as session:
        alice, bob = (make.actor(session, one, now=now) for one in ("Alice", "Bob"))
        deal = make_buying.group_buy(session, alice, now=now)
        commitment_id = make_buying.join(session, deal, bob, 5, method=PaymentMethod.CARD, now=now)
        card = bank.save_card(session, bob)
        for one in (bob.member, bob.participant):
            session.refresh(one)
        return bob, commitment_id, card


def test_a_card_that_is_promised_meanwhile_is_not_forgotten(
    real_app: Flask, saved: tuple[Actor, int, str], now: datetime
):
    bob, commitment_id, card = saved

    def forget() -> None:
        with db.transaction() as session:
            wallets.forget_card(session, bob.participant.id, card)

    with real_app.app_context():
        session = db.session()
        payments.use_saved_card(session, commitment_id, consent="x", actor=bob, now=now)
        session.flush()
        with meanwhile(real_app, now, forget) as failures:
            pass
        assert [type(one) for one in failures] == [CardInUse]
        assert payment(session, commitment_id).payment_method_key == card


def test_a_card_that_is_forgotten_meanwhile_is_not_promised(
    real_app: Flask, saved: tuple[Actor, int, str], now: datetime
):
    bob, commitment_id, card = saved

    def promise() -> None:
        with db.transaction() as session:
            payments.use_saved_card(session, commitment_id, consent="x", actor=bob, now=now)

    with real_app.app_context():
        session = db.session()
        wallets.forget_card(session, bob.participant.id, card)
        session.flush()
        with meanwhile(real_app, now, promise) as failures:
            pass
        assert [type(one) for one in failures] == [NoSavedCard]
        assert payment(session, commitment_id).state == PaymentState.AWAITING_CARD


def test_a_card_that_is_forgotten_meanwhile_does_not_stand_again(
    real_app: Flask, saved: tuple[Actor, int, str], now: datetime
):
    bob, commitment_id, card = saved
    with real_app.app_context(), db.transaction() as session:
        payments.use_saved_card(session, commitment_id, consent="x", actor=bob, now=now)
        payments.release(session, commitment_id, now=now)

    def stand_again() -> None:
        with db.transaction() as session:
            payments.stand_again(session, [commitment_id])

    with real_app.app_context():
        session = db.session()
        wallets.forget_card(session, bob.participant.id, card)
        session.flush()
        with meanwhile(real_app, now, stand_again) as failures:
            pass
        assert failures == []
        assert payment(session, commitment_id).state == PaymentState.RELEASED


@pytest.fixture
def offered(real_app: Flask, bank: Bank, now: datetime) -> Iterator[tuple[GroupBuy, Actor, int]]:
    """A deal whose window is over: what one did not pay for is free for Erin, who was out."""
    with real_app.app_context(), db.at(now):
        with db.transaction() as session:
            alice, bob, erin = (make.actor(session, one, now=now) for one in ("Alice", "Bob", "E"))
            oil = make_buying.olive_oil(minimum_units=1, maximum_units=4, tiers=[(1, 4000)])
            deal = make_buying.group_buy(session, alice, now=now, articles=[oil])
            broke = "pm_card_chargeCustomerFail"
            bank.join(session, deal, bob, 4, card=broke, now=now)
            waits = bank.join(session, deal, erin, 2, may_wait=True, now=now)
            session.refresh(erin.participant)
        bank.run(db.session(), deal.closes_at)
        db.session().refresh(deal)
        yield deal, erin, waits


def test_units_are_offered_with_the_cards_locked_before_the_accounts(
    real_app: Flask, offered: tuple[GroupBuy, Actor, int]
):
    deal, erin, waits = offered
    over = deal.collect_until_at
    assert over is not None

    def finish() -> None:
        with db.transaction() as session:
            collecting.finish_collecting(session, deal.id, now=over)

    with real_app.app_context():
        session = db.session()
        # As whoever takes in a card that was charged.
        wallets.locked_customer(session, erin.participant.id)
        with meanwhile(real_app, over, finish) as failures:
            ledger.lock(session, own_account_ids(session, [erin]))
        assert failures == []
        assert payment(session, waits).state == PaymentState.READY


def test_a_collecting_locks_all_payments_in_the_order_of_their_ids(
    real_app: Flask, bank: Bank, now: datetime
):
    with real_app.app_context(), db.at(now):
        with db.transaction() as session:
            alice, bob, dana = (make.actor(session, one, now=now) for one in ("Alice", "Bob", "D"))
            deal = make_buying.group_buy(session, alice, now=now)
            # Who came first is out by the price.
            out = make_buying.join(session, deal, dana, 1, highest_price_minor=3700, now=now)
            taken = bank.join(session, deal, bob, 5, card="pm_card_chargeCustomerFail", now=now)
        bank.run(db.session(), deal.closes_at)
        db.session().refresh(deal)
    over = deal.collect_until_at
    assert over is not None

    def finish() -> None:
        with db.transaction() as session:
            collecting.finish_collecting(session, deal.id, now=over)

    with real_app.app_context():
        session = db.session()
        payments.of_commitment(session, out, lock=True)
        with meanwhile(real_app, over, finish) as failures:
            payments.of_commitment(session, taken, lock=True)
        assert failures == []
        assert payment(session, taken).state == PaymentState.FAILED


@pytest.mark.parametrize("act", ["change", "withdraw"])
def test_whoever_changes_or_leaves_locks_the_payment_before_the_account(
    real_app: Flask, act: str, now: datetime
):
    with real_app.app_context(), db.at(now), db.transaction() as session:
        alice, bob = (make.actor(session, one, now=now) for one in ("Alice", "Bob"))
        deal = make_buying.group_buy(session, alice, now=now)
        commitment_id = make_buying.join(session, deal, bob, 5, now=now)
        order = make_buying.order(session, deal, 6)
        [account_id] = own_account_ids(session, [bob])

    def change() -> None:
        with db.transaction() as session:
            found = buying.find(session, deal.slug, actor=bob, lock=True)
            mine = make_running.commitment(session, found, bob)
            if act == "change":
                buying.change(session, found, mine, order, actor=bob, now=now)
            else:
                buying.withdraw(session, found, mine, actor=bob, now=now)

    with real_app.app_context():
        session = db.session()
        payments.of_commitment(session, commitment_id, lock=True)
        with meanwhile(real_app, now, change) as failures:
            ledger.lock(session, [account_id])
        assert failures == []
        assert ledger.verify(session) == []

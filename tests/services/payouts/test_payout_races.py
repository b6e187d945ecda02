"""Real threads and real commits: whatever happens at once, nobody is sent the same money twice."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from marketplace import db
from marketplace.chargebacks.acts import take_in
from marketplace.payouts import acts
from models.actors import Actor
from models.buying import GroupBuy
from models.members import Member
from models.payouts import RemittanceState, TakingBackState
from services import buying, chargebacks, ledger, payments, payouts, sessions
from services.buying import cash_back
from services.gateways.answers import ChargebackState, GatewayUnreachable
from tests import make, make_buying, make_payouts, make_running
from tests.make_payments import Bank, balances, own_balance, payment
from tests.make_payouts import bank_news, open_account, remittances, takings_back

pytestmark = pytest.mark.race


@pytest.fixture
def bank(real_app: Flask, now: datetime, tmp_path: Path) -> Iterator[Bank]:
    yield Bank(real_app, now, tmp_path / "bank.sqlite")
    del real_app.extensions["gateway"]


@pytest.fixture(autouse=True)
def at_the_door() -> None:
    """Each test opens the real application itself."""


def at_once(app: Flask, at: datetime, *wanted: Callable[[], None]) -> list[Exception]:
    start = threading.Barrier(len(wanted))
    failures: list[Exception] = []

    def run(act: Callable[[], None]) -> None:
        with app.app_context(), db.at(at):
            start.wait()
            try:
                act()
            except Exception as failure:
                failures.append(failure)

    threads = [threading.Thread(target=run, args=(act,)) for act in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failures


@contextmanager
def long_locks(app: Flask) -> Iterator[None]:
    """Whoever locks a payment or its refunds thinks for a while, so that others come to wait."""

    def think(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if "FOR NO KEY UPDATE" in statement and ("payments" in statement or "refunds" in statement):
            time.sleep(0.4)

    engine = app.extensions["engine"]
    event.listen(engine, "after_cursor_execute", think)
    yield
    event.remove(engine, "after_cursor_execute", think)


def sold(
    session: Session, bank: Bank, now: datetime, *, title: str = "Olive oil"
) -> tuple[GroupBuy, Actor, Actor]:
    """Bob's cans, paid by card and handed over; Alice has an account and has not settled."""
    alice = make.actor(session, "Alice", now=now)
    bob = make.actor(session, "Bob", now=now)
    deal = make_buying.group_buy(
        session, alice, now=now, closes_at=now + timedelta(days=14), title=title
    )
    bank.join(session, deal, bob, 5, now=now)
    session.commit()
    bank.run(session, deal.closes_at)
    make_payouts.complete(session, deal, alice, [bob])
    session.commit()
    open_account(session, bank, alice, at=now)
    return deal, alice, bob


def settled(session: Session, deal: GroupBuy, alice: Actor) -> datetime:
    """The accounts are closed, and nothing is sent yet; when that was."""
    at = deal.closes_at + timedelta(days=4)
    buying.settle(session, deal, actor=alice, now=at)
    session.commit()
    return at


def test_workers_that_send_the_same_money_send_it_once(
    real_app: Flask, bank: Bank, now: datetime
) -> None:
    with real_app.app_context(), db.at(now):
        session = db.session()
        deal, alice, _ = sold(session, bank, now)
        at = settled(session, deal, alice)
        [one] = remittances(session, deal)
        remittance_id, payment_id, amount = one.id, one.payment_id, one.amount_minor
    bank.moment = at

    failures = at_once(real_app, at, *[lambda: acts.remit(remittance_id)] * 6)

    assert all(isinstance(one, GatewayUnreachable) for one in failures)
    with real_app.app_context(), db.at(at):
        acts.remit(remittance_id)
        session = db.session()
        [one] = remittances(session, deal)
        assert one.state == RemittanceState.DONE
        sent = bank.gateway.list_transfers(f"payment:{payment_id}")
        assert [transfer.amount_minor for transfer in sent] == [amount]
        assert balances(session, deal)["gateway"] == 0
        assert ledger.verify(session) == []


def test_two_who_close_the_accounts_at_once_close_them_once(
    real_app: Flask, bank: Bank, now: datetime
) -> None:
    with real_app.app_context(), db.at(now):
        session = db.session()
        deal, alice, _ = sold(session, bank, now)
        deal_id, at = deal.id, deal.closes_at + timedelta(days=4)
        session.commit()

    def settle() -> None:
        with db.transaction() as own:
            buying.settle(own, buying.locked(own, deal_id), actor=alice, now=at)

    failures = at_once(real_app, at, settle, settle, settle)

    assert [type(one).__name__ for one in failures] == ["NotAtThisStage"] * 2
    with real_app.app_context(), db.at(at):
        session = db.session()
        assert len(remittances(session, deal)) == 1
        assert ledger.verify(session) == []


# Asked again under its key; and once the gateway has forgotten that, found by its name.
@pytest.mark.parametrize("later", [timedelta(minutes=5), timedelta(hours=25)])
def test_a_lost_answer_is_asked_for_again_and_sends_nothing_twice(
    real_app: Flask, bank: Bank, now: datetime, later: timedelta
) -> None:
    with real_app.app_context(), db.at(now):
        session = db.session()
        deal, alice, _ = sold(session, bank, now)
        at = settled(session, deal, alice)
        [one] = remittances(session, deal)
        remittance_id, payment_id = one.id, one.payment_id
        bank.moment = at
        bank.fault("connection_lost", "/v1/transfers")
        with db.at(at), pytest.raises(GatewayUnreachable):
            acts.remit(remittance_id)
        assert remittances(session, deal)[0].state == RemittanceState.SENT

        for moment in (at + later, at + 2 * later):
            bank.moment = moment
            with db.at(moment):
                acts.remit(remittance_id)
            assert len(bank.gateway.list_transfers(f"payment:{payment_id}")) == 1
        assert remittances(session, deal)[0].state == RemittanceState.DONE
        assert own_balance(session, alice) == 0


def test_a_bank_that_takes_it_back_while_it_is_sent_gets_it_from_who_sold(
    real_app: Flask, bank: Bank, now: datetime
) -> None:
    """The chargeback is lost between the answer of the gateway and its being written down."""
    with real_app.app_context(), db.at(now):
        session = db.session()
        deal, alice, bob = sold(session, bank, now)
        at = settled(session, deal, alice)
        [one] = remittances(session, deal)
        bank.moment = at
        with db.transaction() as own:
            call = payouts.begin_remittance(own, one.id, now=at)
        assert call is not None
        answer = payouts.send_remittance(bank.gateway, call)

        bobs = payment(session, make_running.commitment(session, deal, bob).id)
        bank.control("/disputes", charge=bank.read(bobs).charge_id)
        [key] = [found.id for found in bank.gateway.list_chargebacks(bobs.intent_key)]
        bank.gateway.accept_chargeback(key, key="accept")
        told = chargebacks.read(bank.gateway, key)
        assert told is not None
        with db.at(at):
            take_in(told)
        with db.transaction() as own:
            payouts.record_remittance(own, call, answer, now=at)
        bank.run(session, at)
        [back] = takings_back(session)
        with db.at(at):
            acts.reverse(back.id)

        [back] = takings_back(session)
        assert back.state == TakingBackState.DONE
        assert (own_balance(session, alice), own_balance(session, bob)) == (0, 0)
        assert balances(session, deal)["gateway"] == 0
        assert ledger.verify(session) == []


def test_who_hands_back_and_a_bank_that_takes_it_do_not_wait_for_each_other(
    real_app: Flask, bank: Bank, now: datetime
) -> None:
    """A card did not take it back: it is handed back while the bank takes the whole charge."""
    with real_app.app_context(), db.at(now):
        session = db.session()
        alice = make.actor(session, "Alice", now=now)
        bob = make.actor(session, "Bob", now=now)
        deal = make_buying.group_buy(session, alice, now=now, closes_at=now + timedelta(days=14))
        order_id = bank.join(session, deal, bob, 5, card="pm_card_refundFail", now=now)
        session.commit()
        bank.run(session, deal.closes_at)
        at = deal.closes_at + timedelta(hours=1)
        order = make_running.commitment(session, deal, bob)
        payments.lower_due(session, order, 300, step="short", reason="short", now=at)
        session.commit()
        bank.run(session, at)
        bank.moment = at + timedelta(hours=2)
        client = real_app.test_client()
        for body, headers in bank.webhooks():
            client.post("/payments/webhook", data=body, headers=headers)
        bank.run(session, bank.moment)
        session.commit()
        [back] = cash_back.open_ones(session, deal)
        news = bank_news(bank, payment(session, order_id), 19_700, ChargebackState.LOST)
        alice_id = alice.member.id

    def hand_back() -> None:
        # The bank was first.
        time.sleep(0.1)
        with db.transaction() as session:
            member = session.get_one(Member, alice_id)
            by = sessions.actor_of(session, member, member.participant_id)
            payments.hand_back(session, back.refund_id, actor=by, now=at)

    with long_locks(real_app):
        failures = at_once(real_app, bank.moment, hand_back, partial(take_in, news))

    assert failures == []
    with real_app.app_context(), db.at(bank.moment):
        session = db.session()
        assert own_balance(session, bob) == 0
        assert ledger.verify(session) == []

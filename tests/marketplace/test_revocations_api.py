"""Withdrawing from a contract by program: what one can withdraw from, the receipt, the refund."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from marketplace import db
from models.actors import Actor
from models.buying import GroupBuy
from services import buying
from tests import make_buying, make_running
from tests.make_api import program


@pytest.fixture
def deal(session: Session, alice: Actor, bob: Actor, now: datetime) -> GroupBuy:
    """Alice is a trader; Bob has fetched and paid 5 cans."""
    alice.participant.is_trader = True
    made = make_running.closed(session, alice, [(bob, 5)], now=now)
    make_running.handing_over(session, made, alice)
    at = made.closes_at + timedelta(days=3)
    make_running.pay_cash(session, made, alice, bob, now=at)
    one = make_running.commitment(session, made, bob)
    buying.hand_over(session, made, one, actor=alice, now=at)
    session.flush()
    return made


@pytest.fixture(autouse=True)
def clock(deal: GroupBuy) -> Iterator[None]:
    with db.at(deal.closes_at + timedelta(days=5)):
        yield


@pytest.fixture
def ask(session: Session, client: FlaskClient, now: datetime) -> Callable[..., Any]:
    return program(session, client, now=now)


def test_a_consumer_withdraws_once_and_gets_their_money_back(
    session: Session,
    ask: Callable[..., Any],
    deal: GroupBuy,
    alice: Actor,
    bob: Actor,
    charlie: Actor,
) -> None:
    at = f"/group-buys/{deal.id}"
    mine = f"{at}/commitments/{make_running.commitment(session, deal, bob).id}/contract-withdrawal"
    [oil] = buying.articles(session, deal)
    said = {"name": "Bob", "contact": "bob@example.org", "articles": [str(oil.id)]}

    before = ask(bob, "GET", mine).json
    strangers = ask(charlie, "GET", mine)
    made = ask(bob, "POST", mine, said, key="once")
    [person] = ask(alice, "GET", f"{at}/commitments").json["items"]
    again = ask(bob, "POST", mine, said, key="once")
    twice = ask(bob, "POST", mine, said)
    [task] = ask(alice, "GET", f"{at}/contract-withdrawals").json
    refund = f"{at}/contract-withdrawals/{task['id']}/refund"
    refused = ask(bob, "POST", refund, {})
    done = ask(alice, "POST", refund, {})
    after = ask(bob, "GET", mine).json

    assert (before["is_open"], before["articles"]) == (True, [str(oil.id)])
    assert strangers.status_code == 404
    assert [line["is_held_back"] for line in person["lines"]] == [True]
    assert (made.status_code, again.json) == (201, made.json)
    assert twice.json["type"] == "/problems/revoked-already"
    assert task["amount"] == {"amount": "200.00", "currency": "EUR"}
    assert (refused.status_code, done.status_code) == (403, 204)
    assert after["revocation"]["refunded_at"] is not None
    assert ask(alice, "GET", f"{at}/contract-withdrawals").json == []


def test_the_contract_of_another_group_buy_is_not_found(
    session: Session,
    ask: Callable[..., Any],
    deal: GroupBuy,
    bob: Actor,
    charlie: Actor,
    now: datetime,
) -> None:
    other = make_buying.group_buy(session, charlie, now=now)
    order_id = make_running.commitment(session, deal, bob).id
    mine = f"/group-buys/{other.id}/commitments/{order_id}/contract-withdrawal"
    [oil] = buying.articles(session, deal)
    said = {"name": "Bob", "contact": "bob@example.org", "articles": [str(oil.id)]}

    assert ask(bob, "GET", mine).status_code == 404
    assert ask(bob, "POST", mine, said).status_code == 404

"""Withdrawing from a contract on its pages: found on one's order, in two steps, with a receipt."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from html import unescape

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace import db
from models.actors import Actor
from models.buying import GroupBuy
from models.revocations import Revocation
from services import buying
from tests import make_running
from tests.pages import send


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
def address(session: Session, deal: GroupBuy, bob: Actor) -> str:
    return f"/commitments/{make_running.commitment(session, deal, bob).id}/contract-withdrawal"


def declared(session: Session) -> list[Revocation]:
    return list(session.scalars(select(Revocation)).all())


def typed(session: Session, deal: GroupBuy) -> dict[str, str]:
    [oil] = buying.articles(session, deal)
    return {"name": "Bob", "contact": "bob@example.org", "articles": str(oil.id)}


def test_the_order_and_the_list_lead_to_it(
    as_bob: FlaskClient, as_charlie: FlaskClient, deal: GroupBuy, address: str
) -> None:
    for page in (f"/group-buys/{deal.slug}", "/commitments?which=all"):
        assert "Withdraw from contract here" in as_bob.get(page).text
        assert address in as_bob.get(page).text
    assert "Withdraw from contract here" not in as_charlie.get(f"/group-buys/{deal.slug}").text
    assert as_charlie.get(address).status_code == 404


def test_when_the_time_is_over_it_is_gone(
    as_bob: FlaskClient, deal: GroupBuy, address: str
) -> None:
    assert as_bob.get(address).status_code == 200

    with db.at(deal.closes_at + timedelta(days=18, hours=6)):
        assert "Withdraw from contract here" not in as_bob.get(f"/group-buys/{deal.slug}").text
        assert as_bob.get(address).status_code == 403


def test_it_is_declared_in_two_steps_and_once(
    session: Session, as_bob: FlaskClient, deal: GroupBuy, bob: Actor, address: str
) -> None:
    form = as_bob.get(address).text
    assert 'value="Bob"' in form
    assert bob.member.email in form

    first = send(as_bob, address, **typed(session, deal))
    assert "Confirm withdrawal" in first.text
    assert declared(session) == []
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', first.text))
    assert hidden["is_confirmed"] == "true"
    hidden.pop("csrf_token", None)

    second = send(as_bob, address, **hidden)
    assert (second.status_code, len(declared(session))) == (303, 1)
    assert "You have withdrawn from the contract" in as_bob.get(address).text
    assert "Your withdrawal from the contract" in as_bob.get(f"/group-buys/{deal.slug}").text
    again = send(as_bob, address, **hidden)
    assert (again.status_code, len(declared(session))) == (409, 1)
    assert "You have withdrawn from this contract already." in again.text


def test_without_an_article_or_a_name_nothing_is_declared(
    session: Session, as_bob: FlaskClient, deal: GroupBuy, address: str
) -> None:
    said = {**typed(session, deal), "is_confirmed": "true"}

    for missing in ("articles", "name", "contact"):
        answer = send(as_bob, address, **{**said, missing: ""})
        assert answer.status_code == 422

    assert declared(session) == []


def test_the_desk_gives_the_money_back(
    session: Session,
    as_alice: FlaskClient,
    as_bob: FlaskClient,
    deal: GroupBuy,
    address: str,
) -> None:
    send(as_bob, address, **typed(session, deal), is_confirmed="true")
    desk = f"/group-buys/{deal.slug}/desk"
    assert "Somebody withdrew from the contract" in as_alice.get(desk).text
    page = as_alice.get(f"{desk}/contract-withdrawals").text
    act = re.search(r'action="([^"]+/refund)"', page)
    assert act is not None
    assert as_bob.get(f"{desk}/contract-withdrawals").status_code == 403
    assert send(as_bob, act[1]).status_code == 403

    assert send(as_alice, act[1]).status_code == 303

    assert "€200.00, since" in as_bob.get(address).text
    assert "Nobody waits for money back" in as_alice.get(f"{desk}/contract-withdrawals").text


def test_the_accounts_name_what_the_seller_brought_back(
    session: Session,
    as_alice: FlaskClient,
    as_bob: FlaskClient,
    deal: GroupBuy,
    alice: Actor,
    address: str,
) -> None:
    at = deal.closes_at + timedelta(days=4)
    buying.complete(session, deal, actor=alice, now=at)
    buying.settle(session, deal, actor=alice, now=at)
    session.flush()
    send(as_bob, address, **typed(session, deal), is_confirmed="true")
    desk = as_alice.get(f"/group-buys/{deal.slug}/desk/contract-withdrawals").text
    act = re.search(r'action="([^"]+/refund)"', desk)
    assert act is not None
    assert send(as_alice, act[1]).status_code == 303

    page = unescape(as_bob.get(f"/group-buys/{deal.slug}/accounts").text)

    stated = dict(re.findall(r"<dt[^>]*>([^<]+)</dt>\s*<dd[^>]*>([^<]+)<", page))
    assert (stated["Paid when fetched"], stated["Still to come in"]) == ("€200.00", "€0.00")
    assert stated["Now the seller's"] == "€0.00"
    assert stated["Received and not yet paid on"] == "€200.00"
    assert stated["of it still to be paid back"] == "€200.00"
    rows = re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    [back] = [row for row in rows if "because somebody withdrew from the contract" in row]
    [brought] = [row for row in rows if "Brought back by the seller" in row]
    assert all("€200.00" in row for row in (back, brought))


def test_goods_withdrawn_from_are_marked_as_not_to_be_handed_over(
    session: Session,
    as_alice: FlaskClient,
    as_bob: FlaskClient,
    deal: GroupBuy,
    alice: Actor,
    bob: Actor,
    address: str,
) -> None:
    desk = f"/group-buys/{deal.slug}/desk"
    pages = [f"{desk}/hand-over", f"{desk}/packing", f"{desk}/packing?by=article"]
    assert not any("Contract withdrawn from" in as_alice.get(one).text for one in pages)
    one = make_running.commitment(session, deal, bob)
    send(as_bob, address, **typed(session, deal), is_confirmed="true")
    fetched = as_alice.get(pages[0]).text
    buying.undo_hand_over(session, deal, one, actor=alice, now=deal.closes_at)
    session.flush()

    waiting, crates, heaps = (as_alice.get(one).text for one in pages)

    assert "They bring it back: Olive oil." in fetched
    assert "Do not hand this order over." in waiting
    assert "× Olive oil" not in waiting
    assert f'action="{pages[0]}/{one.id}"' not in waiting
    assert "Do not hand this order over." in crates
    assert "do not hand over" in heaps

"""The books by programs: one's own accounts, and what moved on them."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from models.actors import Actor
from models.ledger import AccountPurpose
from models.members import Scope
from models.participants import MembershipRole
from services import ledger
from tests import make, make_buying
from tests.counting import counted
from tests.make_api import bearer, program

Ask = Callable[..., Any]


@pytest.fixture
def ask(session: Session, client: FlaskClient, now: datetime) -> Ask:
    return program(session, client, now=now)


@pytest.fixture
def pay_in(session: Session, alice: Actor, now: datetime) -> Callable[[Actor, int], int]:
    """Let an amount of a group buy come to somebody's account, whose id this gives."""
    deal = make_buying.group_buy(session, alice, now=now)
    pot = ledger.deal_account(session, deal.id, AccountPurpose.POT, "EUR", now=now)

    def move(whose: Actor, minor: int) -> int:
        own = ledger.own_account(session, whose.participant.id, "EUR", now=now)
        amounts = {own.id: minor, pot.id: -minor}
        ledger.transfer(
            session,
            amounts,
            key=f"test:{own.id}:{minor}",
            reason="test",
            collaboration_id=deal.id,
            now=now,
        )
        return own.id

    return move


def test_an_account_says_what_is_there_and_what_moved(
    session: Session, ask: Ask, bob: Actor, pay_in: Callable[[Actor, int], int], now: datetime
) -> None:
    account_id = pay_in(bob, 2_500)
    pay_in(bob, -1_000)
    own = ledger.own_account(session, bob.participant.id, "EUR", now=now)
    ledger.hold(session, own, 300, key="held", now=now)

    [account] = ask(bob, "GET", "/accounts").json
    moved = ask(bob, "GET", f"/accounts/{account_id}/transfers")

    assert (account["id"], account["owner"]) == (str(account_id), str(bob.participant.id))
    assert account["balance"] == {"amount": "15.00", "currency": "EUR"}
    assert (account["held"]["amount"], account["available"]["amount"]) == ("3.00", "12.00")
    assert [one["amount"]["amount"] for one in moved.json["items"]] == ["-10.00", "25.00"]
    assert moved.json["items"][0]["reason"] == "test"
    assert moved.json["items"][0]["group_buy"] is not None


def test_whoever_has_no_account_has_an_empty_list(ask: Ask, bob: Actor) -> None:
    answer = ask(bob, "GET", "/accounts")

    assert (answer.status_code, answer.json) == (200, [])


def test_accounts_of_organisations_are_open_to_those_who_manage_them(
    session: Session,
    ask: Ask,
    bob: Actor,
    charlie: Actor,
    pay_in: Callable[[Actor, int], int],
    now: datetime,
) -> None:
    managed = make.organisation(session, "Coop", owner=bob, now=now)
    served = make.organisation(session, "Mill", owner=bob, now=now, role=MembershipRole.AGENT)
    own, theirs, other = pay_in(bob, 1), pay_in(managed, 2), pay_in(served, 3)

    listed = [one["id"] for one in ask(bob, "GET", "/accounts").json]

    assert listed == [str(own), str(theirs)]
    assert ask(bob, "GET", f"/accounts/{theirs}/transfers").status_code == 200
    assert ask(bob, "GET", f"/accounts/{other}/transfers").status_code == 404
    assert ask(charlie, "GET", f"/accounts/{own}/transfers").status_code == 404


def test_accounts_of_deals_are_nobodys(
    session: Session, ask: Ask, alice: Actor, now: datetime
) -> None:
    deal = make_buying.group_buy(session, alice, now=now)
    pot = ledger.deal_account(session, deal.id, AccountPurpose.POT, "EUR", now=now)

    assert ask(alice, "GET", f"/accounts/{pot.id}/transfers").status_code == 404


def test_transfers_come_in_pages_of_few_statements(
    session: Session, client: FlaskClient, bob: Actor, pay_in: Callable[[Actor, int], int], now: Any
) -> None:
    for minor in range(1, 7):
        account_id = pay_in(bob, minor)
    headers = bearer(session, bob, now=now)
    session.expire_all()

    with counted(session) as statements:
        first = client.get(f"/api/v1/accounts/{account_id}/transfers?limit=4", headers=headers)
    second = client.get(first.json["next"], headers=headers)

    amounts = [one["amount"]["amount"] for one in (*first.json["items"], *second.json["items"])]
    assert amounts == ["0.06", "0.05", "0.04", "0.03", "0.02", "0.01"]
    assert len(statements) <= 6, "\n".join(statements)


def test_a_token_and_its_scope_are_needed(ask: Ask, bob: Actor) -> None:
    for path in ("/accounts", "/accounts/1/transfers"):
        assert ask(None, "GET", path).status_code == 401
        assert ask(bob, "GET", path, scopes=[Scope.BUYING]).status_code == 403

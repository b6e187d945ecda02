"""Paying by programs: all but the card itself, which a person gives on the hosted page."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from marketplace import db
from models.actors import Actor
from models.buying import GroupBuy, PaymentMethod, ShortfallRule, Stage
from models.collaborations import State
from models.members import Scope
from models.payments import PaymentState
from services import buying, payments
from tests import make, make_buying, make_transfers
from tests.counting import counted
from tests.make_api import bearer, program
from tests.make_payments import Bank, payment

BROKE = "pm_card_chargeCustomerFail"
Ask = Callable[..., Any]


@pytest.fixture
def bank(app: Flask, now: datetime) -> Iterator[Bank]:
    with db.at(now):
        yield Bank(app, now)
    del app.extensions["gateway"]


@pytest.fixture
def ask(bank: Bank, session: Session, client: FlaskClient, now: datetime) -> Ask:
    return program(session, client, now=now)


@pytest.fixture
def deal(session: Session, alice: Actor, now: datetime) -> GroupBuy:
    return make_buying.group_buy(session, alice, now=now, closes_at=now + timedelta(days=5))


@pytest.fixture
def order(session: Session, deal: GroupBuy, bob: Actor, now: datetime) -> int:
    return make_buying.join(session, deal, bob, 5, method=PaymentMethod.CARD, now=now)


@pytest.fixture
def owed(session: Session, deal: GroupBuy, bob: Actor, now: datetime) -> int:
    """A commitment of Bob's that is decided, and to be paid from hand to hand."""
    commitment_id = make_buying.join(session, deal, bob, 5, now=now)
    buying.close(session, deal.id, now=deal.closes_at)
    return commitment_id


def test_a_payment_says_what_is_to_be_done(
    ask: Ask, bob: Actor, order: int, deal: GroupBuy
) -> None:
    answer = ask(bob, "GET", f"/payments/{order}")

    assert answer.status_code == 200
    assert answer.json["state"] == "awaiting_card"
    assert answer.json["group_buy"] == str(deal.id)
    assert answer.json["due"] == {"amount": "200.00", "currency": "EUR"}
    assert "never more" in answer.json["consent"]
    assert answer.json["card_due_at"] is not None
    assert (answer.json["transfer"], answer.json["saved_card"]) == (None, None)
    again = ask(bob, "GET", f"/payments/{order}", If_None_Match=answer.headers["ETag"])
    assert again.status_code == 304


def test_the_words_to_agree_to_are_in_the_language_asked_for(
    ask: Ask, bob: Actor, order: int
) -> None:
    answer = ask(bob, "GET", f"/payments/{order}", Accept_Language="de")

    assert "nie mehr" in answer.json["consent"]


def test_a_card_is_given_on_the_page_a_program_asks_for(
    session: Session, bank: Bank, ask: Ask, bob: Actor, order: int
) -> None:
    path = f"/payments/{order}/checkout"
    opened = ask(bob, "POST", path, {})
    again = ask(bob, "POST", path, {}, key="another")

    assert opened.status_code == 200
    assert opened.json == again.json
    back = urlsplit(bank.use(opened.json["url"]).location)
    assert back.path == "/payments/return"
    assert "never more" in payment(session, order).consent


def test_while_the_gateway_is_out_of_reach_nothing_changes(
    session: Session, bank: Bank, ask: Ask, bob: Actor, order: int
) -> None:
    bank.fault("connection_lost")

    answer = ask(bob, "POST", f"/payments/{order}/checkout", {})

    assert answer.status_code == 503
    assert answer.json["type"] == "/problems/unavailable"
    assert payment(session, order).state == PaymentState.AWAITING_CARD


def test_a_saved_card_stands_behind_a_commitment_once(
    session: Session, bank: Bank, ask: Ask, bob: Actor, order: int
) -> None:
    none = ask(bob, "POST", f"/payments/{order}/saved-card", {})
    bank.save_card(session, bob)
    offered = ask(bob, "GET", f"/payments/{order}").json["saved_card"]

    first = ask(bob, "POST", f"/payments/{order}/saved-card", {}, key="one")
    again = ask(bob, "POST", f"/payments/{order}/saved-card", {}, key="one")

    assert none.json["type"] == "/problems/no-saved-card"
    assert offered == {"brand": "visa", "last4": "4242"}
    assert (first.status_code, first.json["state"]) == (200, "ready")
    assert again.json == first.json
    assert again.headers["Idempotent-Replayed"] == "true"
    assert "€200.00" in ask(bob, "GET", f"/payments/{order}").json["agreed"]


def test_both_sides_confirm_what_is_paid_from_hand_to_hand(
    ask: Ask, alice: Actor, bob: Actor, owed: int
) -> None:
    path = f"/payments/{owed}"

    paid = ask(bob, "POST", f"{path}/paid", {}, key="paid")
    repeated = ask(bob, "POST", f"{path}/paid", {}, key="paid")
    withdrawn = ask(bob, "POST", f"{path}/confirmation/withdrawal", {})
    ask(bob, "POST", f"{path}/paid", {})
    twice = ask(bob, "POST", f"{path}/paid", {})
    received = ask(alice, "POST", f"{path}/received", {})

    assert (paid.status_code, paid.json["state"]) == (200, "confirmed_by_one")
    assert paid.json["confirmed_by_payer_at"] is not None
    assert repeated.json == paid.json
    assert withdrawn.json["state"] == "at_pickup"
    assert twice.json["type"] == "/problems/payment-not-due"
    assert (received.json["state"], received.json["amount"]["amount"]) == ("paid", "200.00")


def test_each_side_confirms_its_own_part(ask: Ask, alice: Actor, bob: Actor, owed: int) -> None:
    assert ask(alice, "POST", f"/payments/{owed}/paid", {}).status_code == 403
    assert ask(bob, "POST", f"/payments/{owed}/received", {}).status_code == 403
    assert ask(alice, "GET", f"/payments/{owed}").status_code == 404


def test_what_did_not_arrive_is_said_by_those_who_organise(
    ask: Ask, alice: Actor, bob: Actor, owed: int
) -> None:
    path = f"/payments/{owed}"
    nothing = ask(alice, "POST", f"{path}/denial", {})
    for _ in range(2):
        ask(bob, "POST", f"{path}/paid", {})
        own = ask(bob, "POST", f"{path}/denial", {})
        denied = ask(alice, "POST", f"{path}/denial", {})
    thrice = ask(bob, "POST", f"{path}/paid", {})

    assert nothing.json["type"] == "/problems/payment-not-due"
    assert own.status_code == 403
    assert (denied.json["state"], denied.json["denials_count"]) == ("at_pickup", 2)
    assert thrice.json["type"] == "/problems/denied-twice"


def test_ones_own_payments_come_in_pages_of_few_statements(
    session: Session, client: FlaskClient, ask: Ask, alice: Actor, bob: Actor, now: datetime
) -> None:
    deals = [make_buying.group_buy(session, alice, now=now) for _ in range(6)]
    orders = [make_buying.join(session, one, bob, 5, now=now) for one in deals]
    headers = bearer(session, bob, now=now)
    session.expire_all()

    with counted(session) as statements:
        first = client.get("/api/v1/payments?limit=4", headers=headers)
    second = client.get(first.json["next"], headers=headers)

    listed = [*first.json["items"], *second.json["items"]]
    assert [one["commitment"] for one in listed] == [str(one) for one in reversed(orders)]
    assert [one["group_buy"] for one in listed] == [str(one.id) for one in reversed(deals)]
    assert second.json["next"] is None
    assert len(statements) <= 5, "\n".join(statements)
    assert ask(alice, "GET", "/payments").json["items"] == []
    assert ask(bob, "GET", "/payments?after=nonsense").status_code == 422
    assert ask(bob, "GET", "/payments", scopes=[Scope.BUYING]).status_code == 403
    assert ask(None, "GET", "/payments").status_code == 401


def test_a_program_of_an_organisation_is_not_its_member_in_person(
    session: Session, ask: Ask, alice: Actor, bob: Actor, owed: int, deal: GroupBuy, now: datetime
) -> None:
    choir = make.organisation(session, "Choir", owner=bob, now=now)
    other = make.organisation(session, "Bakery", owner=choir, now=now)
    bought = make_buying.group_buy(session, alice, now=now)
    choirs = make_buying.join(session, bought, choir, 5, now=now)

    theirs = [
        ask(other, "GET", f"/payments/{owed}"),
        ask(choir, "GET", f"/payments/{owed}"),
        ask(choir, "POST", f"/payments/{owed}/paid", {}),
        ask(choir, "POST", f"/payments/{owed}/by-hand", {}),
        ask(choir, "POST", f"/payments/{owed}/checkout", {}),
        ask(choir, "GET", f"/group-buys/{deal.id}/commitments/{owed}"),
        ask(choir, "POST", f"/group-buys/{deal.id}/commitments/{owed}/withdrawal", {"reason": ""}),
        ask(other, "GET", f"/payments/{choirs}"),
    ]

    assert [one.status_code for one in theirs] == [404] * len(theirs)
    assert ask(choir, "GET", f"/payments/{choirs}").status_code == 200
    for path in ("/payments", "/commitments"):
        assert len(ask(choir, "GET", path).json["items"]) == 1
        assert ask(other, "GET", path).json["items"] == []
        assert len(ask(bob, "GET", path).json["items"]) == 2


def test_the_part_of_those_who_organise_needs_their_scope(
    ask: Ask, alice: Actor, owed: int
) -> None:
    path = f"/payments/{owed}"
    ask(alice, "POST", f"{path}/received", {})
    both = [Scope.BUYING, Scope.ORGANISING]

    for act in ("by-hand", "confirmation/withdrawal"):
        assert ask(alice, "POST", f"{path}/{act}", {}, scopes=[Scope.BUYING]).status_code == 403
    back = ask(alice, "POST", f"{path}/confirmation/withdrawal", {}, scopes=both)
    assert back.status_code != 403


def test_what_a_card_did_not_bring_is_paid_by_hand(
    session: Session, bank: Bank, ask: Ask, bob: Actor, alice: Actor, now: datetime
) -> None:
    deal = make_buying.group_buy(session, alice, now=now, collecting_days=0)
    commitment_id = bank.join(session, deal, bob, 5, card=BROKE, now=now)
    early = ask(bob, "POST", f"/payments/{commitment_id}/by-hand", {})
    bank.run(session, deal.closes_at)
    payments.request_charges(session, deal.id, now=deal.closes_at)
    bank.run(session, deal.closes_at)

    answer = ask(bob, "POST", f"/payments/{commitment_id}/by-hand", {})

    assert early.status_code == 409
    assert (answer.status_code, answer.json["state"]) == (200, "at_pickup")


def test_money_is_handed_back_by_those_who_organise(
    session: Session, ask: Ask, alice: Actor, bob: Actor, deal: GroupBuy, owed: int, now: datetime
) -> None:
    payments.confirm_paid(session, owed, actor=bob, now=now)
    payments.confirm_received(session, owed, actor=alice, now=now)
    commitment = buying.commitment(session, deal, owed, actor=bob)
    payments.lower_due(session, commitment, 4_000, step="short", reason="short_delivery", now=now)
    [back] = ask(bob, "GET", f"/payments/{owed}").json["refunds"]
    path = f"/refunds/{back['id']}/hand-over"

    refused = ask(bob, "POST", path, {})
    handed = ask(alice, "POST", path, {}, key="one")
    again = ask(alice, "POST", path, {}, key="one")

    assert (back["amount"]["amount"], back["state"]) == ("40.00", "wanted")
    assert back["is_to_card"] is False
    assert refused.status_code == 403
    assert (handed.status_code, handed.json["state"]) == (200, "succeeded")
    assert again.json == handed.json
    assert ask(alice, "POST", "/refunds/0/hand-over", {}).status_code == 404


def test_how_to_transfer_is_said_to_the_payer_alone(
    session: Session, ask: Ask, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    _, [commitment_id] = make_transfers.running(session, alice, [(bob, 5)], now=now)

    told = ask(bob, "GET", f"/payments/{commitment_id}").json["transfer"]

    assert (told["holder"], told["iban"]) == ("Alice Olive", make_transfers.IBAN)
    assert told["amount"] == {"amount": "200.00", "currency": "EUR"}
    assert told["reference"]
    assert ask(charlie, "GET", f"/payments/{commitment_id}").status_code == 404


def test_saved_cards_are_listed_and_removed(
    session: Session, bank: Bank, ask: Ask, bob: Actor, charlie: Actor
) -> None:
    none = ask(bob, "GET", "/saved-cards")
    card = bank.save_card(session, bob)

    [listed] = ask(bob, "GET", "/saved-cards").json
    of_another = ask(charlie, "DELETE", f"/saved-cards/{card}")
    removed = ask(bob, "DELETE", f"/saved-cards/{card}")

    assert (none.status_code, none.json) == (200, [])
    assert set(listed) == {"id", "brand", "last4", "expires_year", "expires_month"}
    assert (listed["id"], listed["last4"]) == (card, "4242")
    assert (of_another.status_code, removed.status_code) == (404, 204)
    assert ask(bob, "GET", "/saved-cards").json == []


def test_a_card_behind_an_open_payment_stays(
    session: Session, bank: Bank, ask: Ask, bob: Actor, deal: GroupBuy, now: datetime
) -> None:
    commitment_id = bank.join(session, deal, bob, 5, now=now)
    card = payment(session, commitment_id).payment_method_key

    assert ask(bob, "DELETE", f"/saved-cards/{card}").json["type"] == "/problems/card-in-use"


def test_those_who_were_asked_decide(
    session: Session, bank: Bank, ask: Ask, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    oil = make_buying.olive_oil(minimum_units=10)
    deal = make_buying.group_buy(
        session, alice, now=now, articles=[oil], shortfall_rule=ShortfallRule.ASK_SUPPLIER
    )
    path = f"/group-buys/{deal.id}/shortfall"
    assert ask(alice, "GET", path).status_code == 409
    bank.join(session, deal, bob, 8, now=now)
    bank.join(session, deal, charlie, 2, card=BROKE, now=now)
    bank.run(session, deal.closes_at)
    assert deal.collect_until_at is not None
    bank.run(session, deal.collect_until_at)
    assert deal.stage == Stage.SUPPLIER_ASKED

    shown = ask(alice, "GET", path)
    decided = ask(alice, "POST", f"{path}/decision", {"goes_on": True}, key="yes")
    again = ask(alice, "POST", f"{path}/decision", {"goes_on": True}, key="yes")

    assert shown.json["articles"] == [{"name": "Olive oil", "decided_units": 10, "paid_units": 8}]
    assert ask(charlie, "GET", path).status_code == 403
    assert (decided.status_code, decided.json["state"]) == (200, State.RUNNING)
    assert again.json == decided.json
    assert ask(alice, "POST", f"{path}/decision", {"goes_on": False}).status_code == 409


ACTS = ("checkout", "saved-card", "by-hand", "paid", "received", "confirmation/withdrawal")


@pytest.mark.parametrize("act", ACTS)
def test_somebody_elses_payment_does_not_exist(
    ask: Ask, charlie: Actor, order: int, act: str
) -> None:
    path = f"/payments/{order}/{act}"

    assert ask(charlie, "POST", path, {}).status_code == 404
    assert ask(charlie, "POST", path, {}, scopes=[Scope.READ]).status_code == 403
    assert ask(None, "POST", path, {}).status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/payments/1"),
        ("GET", "/saved-cards"),
        ("DELETE", "/saved-cards/pm_1"),
        ("GET", "/group-buys/1/shortfall"),
        ("POST", "/group-buys/1/shortfall/decision"),
        ("POST", "/refunds/1/hand-over"),
    ],
)
def test_a_token_and_its_scope_are_needed(ask: Ask, bob: Actor, method: str, path: str) -> None:
    assert ask(None, method, path).status_code == 401
    assert ask(bob, method, path, scopes=[Scope.MESSAGES]).status_code == 403

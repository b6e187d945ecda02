"""Alice answers Bob's bank; Bob sees that it looks into his payment, and nobody else anything."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from marketplace import db
from models.buying import GroupBuy
from models.chargebacks import Chargeback, ChargebackNotOpen
from models.members import Member
from models.notices import Notice
from services import chargebacks
from tests import make_buying, make_running
from tests.make_payments import Bank
from tests.pages import send


@pytest.fixture
def bank(app, now):
    yield Bank(app, now)
    del app.extensions["gateway"]


@pytest.fixture
def asked(session, app, bank, alice, bob, now):
    """Bob's charge, taken back by his bank an hour after the close; when and which."""
    deal = make_buying.group_buy(session, alice, now=now, closes_at=now + timedelta(days=14))
    bank.join(session, deal, bob, 5, card="pm_card_createDispute", now=now)
    bank.run(session, deal.closes_at)
    at = deal.closes_at + timedelta(hours=1)
    bank.moment = at
    client = app.test_client()
    for body, headers in bank.webhooks():
        client.post("/payments/webhook", data=body, headers=headers)
    bank.run(session, at)
    session.expire_all()
    return at, session.scalars(select(Chargeback)).one()


def test_the_hand_over_says_what_the_bank_did(session, bank, asked, as_alice, alice, bob):
    at, chargeback = asked
    deal = session.scalars(select(GroupBuy)).one()
    make_running.handing_over(session, deal, alice)
    path = f"/group-buys/{deal.slug}/desk/hand-over"
    with db.at(at):
        page = as_alice.get(path).text
        assert "questions the payment of €200.00 and has not decided" in page
        assert f'href="/chargebacks/{chargeback.id}"' in page

    chargebacks.answer(session, chargeback.id, "", actor=alice, now=at)
    bank.run(session, at)
    with db.at(at):
        page = as_alice.get(path).text
    assert "took €200.00 back for good" in page
    assert make_running.commitment(session, deal, bob).due_minor == 0


def test_who_sold_answers_once(session, bank, asked, as_alice, as_bob, as_charlie):
    at, chargeback = asked
    path = f"/chargebacks/{chargeback.id}"
    with db.at(at):
        page = as_alice.get(path).text
        assert "The cardholder says that they did not order." in page
        assert "Order " in page
        assert as_bob.get(path).status_code == as_charlie.get(path).status_code == 404

        empty = send(as_alice, f"{path}/answer", words="")
        assert empty.status_code == 422
        long = send(as_alice, f"{path}/answer", words="x" * 5_001)
        assert (long.status_code, "x" * 5_001 in long.text) == (422, True)
        assert send(as_alice, f"{path}/answer", words="He fetched it.").status_code == 303
        twice = send(as_alice, f"{path}/answer", words="He really did.")
    assert twice.status_code == 409
    assert ChargebackNotOpen.message in twice.text
    session.refresh(chargeback)
    assert chargeback.answer.startswith("He fetched it.\n\nOrder ")
    with db.at(at):
        assert "He fetched it." in as_alice.get(path).text


def test_saying_nothing_is_asked_once_more(session, bank, asked, as_alice):
    at, chargeback = asked
    with db.at(at):
        page = as_alice.get(f"/chargebacks/{chargeback.id}/acceptance").text
        assert "This cannot be undone." in page
        assert send(as_alice, f"/chargebacks/{chargeback.id}/acceptance").status_code == 303
        assert "Nothing was said against it." in as_alice.get(f"/chargebacks/{chargeback.id}").text


def test_after_its_time_nothing_can_be_said(session, bank, asked, as_alice):
    at, chargeback = asked
    chargeback.answer_until_at = at
    session.flush()
    with db.at(at):
        refused = send(as_alice, f"/chargebacks/{chargeback.id}/answer", words="Too late?")
    assert refused.status_code == 409


def test_the_payer_reads_that_their_bank_looks_into_it(session, bank, asked, as_bob):
    at, chargeback = asked
    path = f"/payments/{chargeback.payment.commitment_id}"
    with db.at(at):
        assert "Your bank looks into this payment" in as_bob.get(path).text


def test_those_who_sell_are_told(session, bank, asked, alice):
    told = session.execute(
        select(Member.email)
        .join(Notice, Notice.member_id == Member.id)
        .where(Notice.message == "chargeback-opened-until")
    ).scalars()
    assert alice.member.email in set(told)


def test_the_desk_leads_to_what_a_bank_asks(session, bank, asked, as_alice):
    at, chargeback = asked
    slug = chargeback.payment.commitment.collaboration.slug
    with db.at(at):
        desk = as_alice.get(f"/group-buys/{slug}/desk").text
        assert f"/chargebacks/{chargeback.id}" in desk
        assert "Answer the bank" in desk
        answered = send(as_alice, f"/chargebacks/{chargeback.id}/answer", words="He fetched it.")
        desk = as_alice.get(f"/group-buys/{slug}/desk").text
        people = as_alice.get(f"/group-buys/{slug}/desk/people").text
        # Whoever reloads what a form was answered with comes to its page.
        again = as_alice.get(f"/chargebacks/{chargeback.id}/answer")
    assert answered.status_code == 303
    assert "Answer the bank" not in desk
    assert "and has not decided" in desk
    assert "Chargeback" in people
    assert (again.status_code, again.location) == (303, f"/chargebacks/{chargeback.id}")


def test_the_accounts_say_what_a_bank_has(session, bank, asked, as_alice):
    at, chargeback = asked
    slug = chargeback.payment.commitment.collaboration.slug
    with db.at(at):
        page = as_alice.get(f"/group-buys/{slug}/accounts").text
    assert "Taken back by banks that have not decided" in page


def test_what_the_bank_gave_back_for_good_is_on_no_receipt(
    session, bank, asked, app, as_alice, as_bob
):
    at, chargeback = asked
    with db.at(at):
        send(as_alice, f"/chargebacks/{chargeback.id}/acceptance")
    bank.run(session, at)
    session.expire_all()
    assert chargeback.state == "lost"
    with db.at(at):
        page = as_bob.get(f"/payments/{chargeback.payment.commitment_id}").text
    assert "Nothing more is owed for it here." in page
    assert "€0.00" in page

"""Alice sets up her account, sees what she is sent and what waits; operators see the rest."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from marketplace import db
from models.payouts import (
    AlreadySubmitted,
    ConnectedAccount,
    CountryNotServed,
    MayNotBePaid,
    NoPayoutAccount,
)
from models.rules import PayoutTerms
from services import payouts
from services.payouts import FeesUnchanged
from tests import make, make_catalogues, make_payouts
from tests.counting import counted
from tests.make_api import bearer
from tests.make_payments import Bank
from tests.pages import send


@pytest.fixture
def bank(app, now):
    yield Bank(app, now)
    del app.extensions["gateway"]


@pytest.fixture
def sold(session, app, bank, alice, bob, charlie, now):
    return make_payouts.paid_by_card(session, bank, alice, [(bob, 4), (charlie, 3)], now=now)


def test_an_account_is_set_up_at_the_gateway(session, bank, as_alice, alice):
    page = as_alice.get("/settings/payouts").text
    assert "Set up your account for payouts" in page
    assert "This is a sandbox" in page

    there = send(as_alice, "/settings/payouts/account", country="DE")
    assert there.status_code == 303
    path = urlsplit(there.location).path
    bank.browser.get(path)
    # Left without a word: the page says where to go on.
    as_alice.get("/settings/payouts/return")
    assert "Not finished yet" in as_alice.get("/settings/payouts").text

    again = as_alice.get("/settings/payouts/onboarding")
    path = urlsplit(again.location).path
    bank.browser.get(path)
    bank.browser.post(path, data={"person": "document"})
    back = as_alice.get("/settings/payouts/return")
    assert back.location == "/settings/payouts"
    page = as_alice.get("/settings/payouts").text
    assert "More is needed" in page
    assert "a document that shows who you are" in page

    [account] = session.query(ConnectedAccount).filter_by(participant_id=alice.participant.id)
    assert (account.can_receive, account.is_ready) == (True, False)
    bank.control("/clock", advance_seconds=0)
    path = urlsplit(as_alice.get("/settings/payouts/onboarding").location).path
    bank.browser.get(path)
    bank.browser.post(path, data={"document": "yes"})
    as_alice.get("/settings/payouts/return")
    page = as_alice.get("/settings/payouts").text
    assert "ending in 3000" in page
    there = send(as_alice, "/settings/payouts/dashboard")
    assert bank.browser.get(urlsplit(there.location).path).status_code == 200


def test_the_country_can_be_changed_until_the_gateway_was_told_anything(
    session, app, bank, as_alice, alice, now
):
    send(as_alice, "/settings/payouts/account", country="DE")
    page = as_alice.get("/settings/payouts").text
    assert "in Germany" in page
    assert send(as_alice, "/settings/payouts/account/start-over").status_code == 303
    assert "Set up your account for payouts" in as_alice.get("/settings/payouts").text

    send(as_alice, "/settings/payouts/account", country="NL")
    [account] = session.query(ConnectedAccount)
    assert account.country == "NL"
    make_payouts.introduce(bank, account.account_key)
    as_alice.get("/settings/payouts/return")
    refused = send(as_alice, "/settings/payouts/account/start-over")
    assert (refused.status_code, AlreadySubmitted.message in refused.text) == (409, True)


def test_two_clicks_open_one_account(session, bank, as_alice, alice):
    for _ in range(2):
        assert send(as_alice, "/settings/payouts/account", country="DE").status_code == 303
    assert session.query(ConnectedAccount).count() == 1


def test_where_no_account_can_be_opened_the_reason_stands_by_the_form(bank, as_alice):
    refused = send(as_alice, "/settings/payouts/account", country="BG")
    assert refused.status_code == 409
    assert CountryNotServed.message.partition("%")[0] in refused.text
    assert '<option value="BG" selected>' in refused.text
    assert send(as_alice, "/settings/payouts/account", country="XX").status_code == 422


def test_a_link_from_before_the_account_leads_to_its_beginning(bank, as_alice):
    for path in ("/settings/payouts/onboarding", "/settings/payouts/return"):
        assert as_alice.get(path).location == "/settings/payouts"
        assert NoPayoutAccount.message in as_alice.get("/settings/payouts").text


def test_a_program_reads_how_the_account_stands(session, app, bank, alice, now):
    program, headers = app.test_client(), bearer(session, alice, now=now)
    assert not program.get("/api/v1/payout-account", headers=headers).json["is_there"]

    with app.app_context():
        make_payouts.open_account(session, bank, alice, at=now)
    shown = program.get("/api/v1/payout-account", headers=headers).json
    assert shown["owner"] == str(alice.participant.id)
    assert (shown["can_receive"], shown["can_pay_out"], shown["needed"]) == (True, True, [])


def test_who_only_acts_for_an_organisation_sees_nothing_of_its_payouts(
    session, bank, browser_of, alice, bob, now
):
    mill = make.organisation(session, "Mill", owner=alice, now=now)
    agent = make_catalogues.in_organisation(session, mill, bob, "agent", now=now)
    refused = browser_of(agent).get("/settings/payouts")
    assert refused.status_code == 403
    assert MayNotBePaid.message.replace("'", "&#39;") in refused.text


def test_what_waits_is_said_with_its_reason(session, app, bank, sold, as_alice, alice, now):
    payouts.set_terms(session, PayoutTerms(250, 500, 30), actor=None, now=now)
    at = make_payouts.settle(session, bank, sold, alice)
    with db.at(at):
        page = as_alice.get("/settings/payouts").text
    assert "You have no account for payouts yet." in page
    assert "2.5%" in page


def test_while_the_gateway_is_silent_the_rest_is_shown(
    session, app, bank, sold, as_alice, alice, now
):
    with app.app_context():
        make_payouts.open_account(session, bank, alice, at=now)
    make_payouts.settle(session, bank, sold, alice)
    bank.fault("unavailable")
    page = as_alice.get("/settings/payouts")
    assert page.status_code == 200
    assert "does not answer now" in page.text
    assert sold.title in page.text


def test_the_statement_says_what_moved_and_adds_up(
    session, app, bank, sold, as_alice, as_bob, alice, now
):
    with app.app_context():
        make_payouts.open_account(session, bank, alice, at=now)
    at = make_payouts.settle(session, bank, sold, alice)
    with db.at(at):
        page = as_alice.get(f"/settings/payouts/statement?month={at:%Y-%m}").text
        table = as_alice.get(f"/settings/payouts/statement.csv?month={at:%Y-%m}")
        others = as_bob.get(f"/settings/payouts/statement?month={at:%Y-%m}").text
    assert "Sent to your account for payouts" in page
    assert "Yours since the accounts of the group buy were closed" in page
    assert page.count(sold.title) >= 3
    lines = table.text.splitlines()
    assert lines[0].lstrip("\ufeff").startswith("Moment,Reason,Group buy,Amount,Balance")
    assert lines[-1].endswith(",0.00,EUR")
    assert "Sent on to who sold" not in others
    assert as_alice.get("/settings/payouts/statement?month=never").status_code == 200


def test_the_list_costs_the_same_for_many_deals(session, app, bank, as_alice, alice, bob, now):
    def cost():
        as_alice.get("/settings/payouts")
        with counted(session) as statements:
            assert as_alice.get("/settings/payouts").status_code == 200
        return len(statements)

    def sell(title):
        deal = make_payouts.paid_by_card(session, bank, alice, [(bob, 5)], now=now, title=title)
        make_payouts.settle(session, bank, deal, alice)

    sell("First")
    one = cost()
    sell("Second")
    sell("Third")
    assert cost() == one


def test_operators_see_what_the_gateway_holds_and_set_the_fee(
    session, app, bank, sold, as_dana, as_bob, alice, now
):
    make_payouts.settle(session, bank, sold, alice)
    assert as_bob.get("/operator/money").status_code == 403
    assert "has not been compared yet" in as_dana.get("/operator/money").text

    bank.moment = sold.closes_at + timedelta(days=5)
    with db.at(bank.moment):
        send(as_dana, "/operator/reconciliations")
        page = as_dana.get("/operator/money").text
    assert "everything agrees" in page
    assert alice.participant.name in page

    typed = {"fee": "51", "reserve": "0", "reserve_days": "0", "from_day": "2026-12-24"}
    refused = send(as_dana, "/operator/fees", **typed)
    assert refused.status_code == 422
    assert "enter 50 or less" in refused.text
    assert 'value="51"' in refused.text
    typed |= {"fee": "2.5", "reserve": "5", "reserve_days": "30"}
    assert send(as_dana, "/operator/fees", **typed).status_code == 303
    assert payouts.terms_at(session, now) == PayoutTerms()
    assert payouts.terms_at(session, now + timedelta(days=40)) == PayoutTerms(250, 500, 30)
    page = as_bob.get("/settings/payouts").text
    assert "that open from Thursday, December 24, 2026 on: fee 2.5%" in page
    send(as_dana, "/operator/fees", **(typed | {"fee": "3"}))
    page = as_bob.get("/settings/payouts").text
    assert ("on: fee 2.5%" in page, "on: fee 3%" in page) == (False, True)
    send(as_dana, "/operator/fees", **typed)
    twice = send(as_dana, "/operator/fees", **typed)
    assert (twice.status_code, FeesUnchanged.message in twice.text) == (409, True)
    late = send(as_dana, "/operator/fees", **(typed | {"from_day": "2020-01-01"}))
    assert (late.status_code, "choose today or a later day" in late.text) == (422, True)
    odd = send(as_dana, "/operator/fees", **(typed | {"fee": "-3", "from_day": "soon"}))
    assert "a number of zero or more" in odd.text
    assert "enter a day, for example" in odd.text
    with db.at(now):
        today = now.date().isoformat()
        assert send(as_dana, "/operator/fees", **(typed | {"from_day": today})).status_code == 303
    assert payouts.terms_at(session, now) == PayoutTerms(250, 500, 30)

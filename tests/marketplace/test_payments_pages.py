"""The pages on which money is promised, paid and confirmed."""

import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from marketplace import db, jobs
from marketplace.payments import acts
from models.buying import PaymentMethod, ShortfallRule, Stage
from models.collaborations import State
from models.payments import GatewayMessage, PaymentState
from services import buying, payments
from services import gateway_messages as messages
from services.payments import wallets
from tests import make, make_buying, make_running, make_transfers
from tests.make_payments import Bank, payment

BROKE = "pm_card_chargeCustomerFail"


@pytest.fixture
def bank(app, now) -> Iterator[Bank]:
    with db.at(now):
        yield Bank(app, now)
    del app.extensions["gateway"]


@pytest.fixture
def deal(session, alice, now):
    return make_buying.group_buy(session, alice, now=now, closes_at=now + timedelta(days=5))


@pytest.fixture
def order(session, deal, bob, now):
    return make_buying.join(session, deal, bob, 5, method=PaymentMethod.CARD, now=now)


def send(browser: FlaskClient, page: str, act: str, **typed: str) -> TestResponse:
    """Send the form of `page` that leads to `act`."""
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get(page).text)
    assert token is not None
    return browser.post(act, data={"csrf_token": token[1], **typed})


def test_a_card_is_given_on_the_hosted_page_and_the_way_back_shows_it(session, bank, order, as_bob):
    page = f"/payments/{order}"
    before = as_bob.get(page)
    assert "€200.00" in before.text
    assert "sandbox" in before.text.lower()
    assert "4242 4242 4242 4242" in before.text
    assert "never more" in before.text

    led_on = send(as_bob, page, f"{page}/checkout")
    assert led_on.status_code == 303
    back = bank.use(led_on.location)
    ways = urlsplit(back.location)
    returned = as_bob.get(f"{ways.path}?{ways.query}")

    assert (returned.status_code, returned.location) == (303, page)
    assert payment(session, order).state == PaymentState.READY
    assert "never more" in payment(session, order).consent
    assert "€200.00 are held" in as_bob.get(page).text
    assert as_bob.get(f"{ways.path}?{ways.query}").status_code == 303


def test_a_double_click_leads_to_one_page(bank, order, as_bob):
    page = f"/payments/{order}"

    first = send(as_bob, page, f"{page}/checkout")
    second = send(as_bob, page, f"{page}/checkout")

    assert first.location == second.location


def test_a_saved_card_is_chosen_with_one_click(session, bank, order, bob, as_bob):
    bank.save_card(session, bob)
    page = f"/payments/{order}"
    assert "4242" in as_bob.get(page).text

    answer = send(as_bob, page, f"{page}/saved-card")

    assert (answer.status_code, answer.location) == (303, page)
    assert payment(session, order).state == PaymentState.READY
    assert "€200.00" in payment(session, order).consent
    again = send(as_bob, "/settings/cards", f"{page}/saved-card")
    assert again.status_code == 409


def test_without_a_saved_card_none_can_be_chosen(bank, order, as_bob):
    page = f"/payments/{order}"

    assert send(as_bob, page, f"{page}/saved-card").status_code == 409


def test_a_declined_charge_shows_amount_deadline_and_what_follows(
    session, bank, bob, as_bob, deal, now
):
    commitment_id = bank.join(session, deal, bob, 5, card=BROKE, now=now)
    bank.run(session, deal.closes_at)
    page = f"/payments/{commitment_id}"

    with db.at(deal.closes_at):
        shown = as_bob.get(page).text
        led_on = send(as_bob, page, f"{page}/checkout")

    assert "Pay €200.00 now" in shown
    assert "you owe nothing" in shown
    bank.use(led_on.location, "5555555555554444")
    key = payment(session, commitment_id).checkout_key
    with db.at(deal.closes_at):
        as_bob.get(f"/payments/return?session_id={key}")
    assert payment(session, commitment_id).state == PaymentState.PAID
    assert "are paid" in as_bob.get(page).text
    # With another card than the one that was refused.
    assert "Mastercard ending in 4444" in as_bob.get(page).text


def test_what_a_saved_card_paid_has_a_receipt_with_its_last_figures(
    session, bank, alice, bob, as_bob, deal, now
):
    commitment_id = bank.join(session, deal, bob, 5, now=now)
    bank.run(session, deal.closes_at)

    page = as_bob.get(f"/payments/{commitment_id}").text

    assert "Receipt of your payment" in page
    assert "Visa ending in 4242" in page
    assert "it comes once everything is delivered and handed over" in page
    assert "What stays paid" not in page


def test_a_receipt_says_what_came_back(session, bank, alice, bob, as_bob, deal, now):
    commitment_id = bank.join(session, deal, bob, 5, now=now)
    bank.run(session, deal.closes_at)
    found = buying.locked(session, deal.id)
    make_running.delivered(session, found, alice, units=4)
    bank.run(session, deal.closes_at + timedelta(days=4))

    page = as_bob.get(f"/payments/{commitment_id}").text

    assert "Paid back on" in page
    assert "€40.00" in page
    assert "What stays paid" in page
    assert "€160.00" in page


@pytest.mark.parametrize(
    "act", ["", "/checkout", "/saved-card", "/paid", "/received", "/confirmation/withdrawal"]
)
def test_somebody_elses_payment_does_not_exist(bank, order, as_charlie, client, act):
    path = f"/payments/{order}{act}"

    if act:
        assert send(as_charlie, "/settings/cards", path).status_code == 404
    else:
        assert as_charlie.get(path).status_code == 404
        assert "/sign-in" in client.get(path).location


def test_a_form_without_its_token_is_refused(bank, order, as_bob):
    assert as_bob.post(f"/payments/{order}/checkout").status_code == 400


@pytest.mark.parametrize("given", ["", "cs_nobody", "💶", "../../etc/passwd", "x" * 4000])
def test_an_address_that_nobody_was_sent_to_leads_nowhere(bank, as_bob, given):
    answer = as_bob.get("/payments/return", query_string={"session_id": given})

    assert answer.status_code == 404


def test_only_the_gateway_speaks_to_us(session, bank, order, as_bob, client):
    page = f"/payments/{order}"
    bank.use(send(as_bob, page, f"{page}/checkout").location)
    (body, headers), *_ = bank.webhooks()

    assert client.post("/payments/webhook", data=body).status_code == 400
    assert client.post("/payments/webhook", data=body + b" ", headers=headers).status_code == 400
    assert client.post("/payments/webhook", data=b"\xff{", headers=headers).status_code == 400
    assert session.scalar(select(func.count(GatewayMessage.id))) == 0
    for _ in range(3):
        assert client.post("/payments/webhook", data=body, headers=headers).status_code == 200
    assert session.scalar(select(func.count(GatewayMessage.id))) == 1


def test_news_that_never_came_is_asked_for_and_kept_once(app, session, bank, order, as_bob, now):
    page = f"/payments/{order}"
    bank.use(send(as_bob, page, f"{page}/checkout").location)

    with app.app_context():
        for _ in range(2):
            acts.fetch_missed()
            jobs.run_due(at=now)

    assert payment(session, order).state == PaymentState.READY
    assert all(one.handled_at == now for one in session.scalars(select(GatewayMessage)))
    kept = session.scalar(select(func.count(GatewayMessage.id)))
    (body, headers), *_ = bank.webhooks()
    assert as_bob.post("/payments/webhook", data=body, headers=headers).status_code == 200
    assert session.scalar(select(func.count(GatewayMessage.id))) <= kept + 1


def test_asking_goes_on_after_what_was_told_an_hour_ago(app, session, bank, order, as_bob, now):
    page = f"/payments/{order}"
    bank.use(send(as_bob, page, f"{page}/checkout").location)
    with app.app_context():
        acts.fetch_missed()
    kept = session.scalars(select(GatewayMessage).order_by(GatewayMessage.id)).all()

    assert messages.last_told(session, now=now) is None
    assert messages.last_told(session, now=now + messages.TOLD_WITHIN) == kept[-1].event_key
    assert messages.ask(bank.gateway, kept[-1].event_key) == []
    assert [one.id for one in messages.ask(bank.gateway, "evt_of_long_ago")] == [
        one.event_key for one in kept
    ]


def test_a_gateway_out_of_reach_changes_nothing(session, bank, order, as_bob):
    page = f"/payments/{order}"
    as_bob.get(page)
    bank.fault("connection_lost")

    assert send(as_bob, page, f"{page}/checkout").status_code == 503
    assert payment(session, order).state == PaymentState.AWAITING_CARD
    assert send(as_bob, page, f"{page}/checkout").status_code == 303


def test_both_confirm_what_is_paid_by_hand(session, bank, deal, bob, as_bob, as_alice, now):
    commitment_id = make_buying.join(session, deal, bob, 5, now=now)
    buying.close(session, deal.id, now=deal.closes_at)
    page = f"/payments/{commitment_id}"
    assert "I have paid" in as_bob.get(page).text

    assert send(as_bob, page, f"{page}/paid").status_code == 303
    assert "That was a mistake" in as_bob.get(page).text
    assert send(as_bob, page, f"{page}/confirmation/withdrawal").status_code == 303
    assert send(as_bob, page, f"{page}/paid").status_code == 303
    assert send(as_bob, page, f"{page}/paid").status_code == 409
    assert send(as_alice, "/settings/cards", f"{page}/received").status_code == 303

    assert payment(session, commitment_id).state == PaymentState.PAID


def test_what_one_side_confirmed_is_not_asked_to_be_paid_again(
    session, bank, alice, bob, as_bob, as_alice, now
):
    deal, [bobs] = make_transfers.running(session, alice, [(bob, 6)], now=now)
    page = f"/payments/{bobs}"
    assert "Pay by transfer" in as_bob.get(page).text
    assert "pay by" in as_bob.get("/commitments").text
    payments.confirm_received(session, bobs, actor=alice, now=now)
    session.flush()

    asked, listed = as_bob.get(page).text, as_bob.get("/commitments").text
    shown = as_bob.get(f"/group-buys/{deal.slug}").text

    assert f"{alice.participant.name} says that €240.00 have come. Is that right?" in asked
    assert "Yes, I have paid" in asked
    for word in ("You owe", "Pay by transfer", make_transfers.IBAN, "transfer.svg"):
        assert word not in asked
    assert "pay by" not in listed
    assert "pay by" not in shown[shown.index('id="mine"') : shown.index("See the payment")]
    assert "See to it" in listed


def test_whom_is_asked_reads_what_the_payer_says(session, bank, alice, bob, as_bob, as_alice, now):
    deal, [bobs] = make_transfers.running(session, alice, [(bob, 6)], now=now)
    [oil] = buying.ordered_articles(session, deal)
    buying.mark_ordered(session, deal, actor=alice, now=now)
    buying.deliver(session, deal, {oil.id: oil.decided_units}, actor=alice, now=now)
    payments.confirm_paid(session, bobs, actor=bob, now=now)
    session.flush()

    paid = as_bob.get(f"/payments/{bobs}").text
    desk = as_alice.get(f"/group-buys/{deal.slug}/desk/hand-over").text

    assert "You said that you have paid €240.00." in paid
    assert "Pay by transfer" not in paid
    assert f"{bob.participant.name} says that €240.00 are paid. Is that right?" in desk
    assert "You have to confirm it" in desk


def test_what_did_not_arrive_is_said_at_the_desk_and_read_by_the_payer(
    session, bank, alice, bob, as_bob, as_alice, now
):
    deal, [bobs] = make_transfers.running(session, alice, [(bob, 6)], now=now)
    [oil] = buying.ordered_articles(session, deal)
    buying.mark_ordered(session, deal, actor=alice, now=now)
    buying.deliver(session, deal, {oil.id: oil.decided_units}, actor=alice, now=now)
    desk, page = f"/group-buys/{deal.slug}/desk/hand-over", f"/payments/{bobs}"
    deny = f"/group-buys/{deal.slug}/desk/cash/{bobs}/denial"
    assert "It did not arrive" not in as_alice.get(desk).text
    assert send(as_alice, desk, deny).status_code == 409

    assert send(as_bob, page, f"{page}/paid").status_code == 303
    assert "It did not arrive" in as_alice.get(desk).text
    assert send(as_alice, desk, deny).status_code == 303
    first = as_bob.get(page).text
    assert send(as_bob, page, f"{page}/paid").status_code == 303
    assert "It did not arrive" not in as_bob.get(page).text
    assert send(as_alice, desk, deny).status_code == 303
    second = as_bob.get(page).text

    assert "It did not arrive, says Alice" in first
    assert "I have paid" in first
    assert "report it to the moderators" in second
    assert "I have paid" not in second
    assert f"/report/collaboration/{deal.id}" in second
    assert send(as_bob, page, f"{page}/paid").status_code == 409


def test_saved_cards_are_listed_and_removed(session, bank, deal, bob, as_bob, as_charlie, now):
    assert "No card is saved" in as_bob.get("/settings/cards").text
    card = bank.save_card(session, bob)
    assert "4242" in as_bob.get("/settings/cards").text
    assert send(as_charlie, "/settings/cards", f"/settings/cards/{card}/removal").status_code == 404

    answer = send(as_bob, "/settings/cards", f"/settings/cards/{card}/removal")

    assert answer.status_code == 303
    assert "No card is saved" in as_bob.get("/settings/cards").text


def test_a_card_behind_an_open_order_is_not_removed(session, bank, deal, bob, as_bob, now):
    commitment_id = bank.join(session, deal, bob, 5, now=now)
    card = payment(session, commitment_id).payment_method_key

    refused = send(as_bob, "/settings/cards", f"/settings/cards/{card}/removal")

    assert refused.status_code == 409
    assert f"stands behind your order in {deal.title}" in refused.text
    customer = wallets.customer_key(session, bob.participant.id)
    assert len(bank.gateway.list_payment_methods(customer)) == 1


def test_those_who_were_asked_decide_on_a_page(
    session, bank, alice, bob, charlie, as_alice, as_charlie, now
):
    oil = make_buying.olive_oil(minimum_units=10)
    deal = make_buying.group_buy(
        session, alice, now=now, articles=[oil], shortfall_rule=ShortfallRule.ASK_SUPPLIER
    )
    page = f"/group-buys/{deal.slug}/shortfall"
    assert as_alice.get(page).status_code == 409
    bank.join(session, deal, bob, 8, now=now)
    bank.join(session, deal, charlie, 2, card=BROKE, now=now)
    bank.run(session, deal.closes_at)
    bank.run(session, deal.collect_until_at)
    assert deal.stage == Stage.SUPPLIER_ASKED

    assert as_charlie.get(page).status_code == 403
    assert "<td>10</td><td>8</td>" in "".join(as_alice.get(page).text.split())
    assert send(as_alice, page, page).status_code == 422
    assert send(as_alice, page, page, goes_on="maybe").status_code == 422
    assert send(as_alice, page, page, goes_on="true").status_code == 303

    assert deal.state == State.RUNNING
    assert payments.is_collected(session, deal.id)


def test_moments_are_said_and_kept_in_the_time_of_the_deal(session, bank, alice, bob, as_bob, now):
    # Closes at nine in UTC: at eleven in Tallinn, while the instance is in Berlin.
    deal = make_buying.group_buy(
        session, alice, now=now, closes_at=now + timedelta(days=30), time_zone="Europe/Tallinn"
    )
    order = make_buying.join(session, deal, bob, 5, method=PaymentMethod.CARD, now=now)
    bank.save_card(session, bob)
    page = f"/payments/{order}"

    shown = as_bob.get(page).text
    send(as_bob, page, f"{page}/saved-card")

    assert "11:00 EET" in shown
    bar = as_bob.get(f"/group-buys/{deal.slug}").text.partition('class="act-bar__words"')[2]
    assert re.match(r'><span data-part="closes">Closes [^<]{9,12}, 11:00<', bar)
    assert "CET" not in shown
    assert "11:00 EET" in payment(session, order).consent


@pytest.mark.parametrize(
    ("supplier", "said"),
    [
        ({}, "so you decide as the supplier"),
        ({"supplier_name": "Mill"}, "Ask them whether they deliver so little"),
        ({"supplier_id": "alice"}, "so you decide as the supplier"),
        ({"supplier_id": "charlie"}, "you are asked as the supplier"),
    ],
)
def test_the_page_says_in_whose_place_one_decides(
    session, bank, alice, bob, charlie, as_alice, as_charlie, now, supplier, said
):
    who = {"alice": alice, "charlie": charlie}.get(supplier.get("supplier_id"))
    deal = make_buying.group_buy(
        session,
        alice,
        now=now,
        shortfall_rule=ShortfallRule.ASK_SUPPLIER,
        **(supplier if who is None else {"supplier_id": who.participant.id}),
    )
    bank.join(session, deal, bob, 5, card=BROKE, now=now)
    make_buying.join(session, deal, make.actor(session, "Eve", now=now), 4, now=now)
    bank.run(session, deal.closes_at)
    bank.run(session, deal.collect_until_at)
    assert deal.stage == Stage.SUPPLIER_ASKED

    page = f"/group-buys/{deal.slug}/shortfall"

    assert said in (as_charlie if who is charlie else as_alice).get(page).text
    if who is charlie:
        assert "Ask them whether" in as_alice.get(page).text

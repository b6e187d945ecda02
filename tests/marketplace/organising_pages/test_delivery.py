"""The order goes out, what came is counted, packed and handed over."""

import re
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy, Stage
from models.payments import PaymentState
from services import buying
from tests import make_buying, make_running
from tests.counting import counted
from tests.pages import send


def test_a_short_delivery_is_shown_before_it_binds(
    as_alice: FlaskClient, session: Session, running: GroupBuy, alice: Actor, charlie: Actor
) -> None:
    make_running.ordered(session, running, alice)
    [oil] = buying.ordered_articles(session, running)
    at = f"/group-buys/{running.slug}/desk/delivery"

    meant = send(as_alice, at, **{f"units-{oil.id}": "5"})

    assert meant.status_code == 200
    assert "€80.00 less to pay" in meant.text
    assert re.search(r"Goes back in all</th>\s*<td[^>]*>€0.00<", meant.text)
    nothing = send(as_alice, at, **{f"units-{oil.id}": "0"}).text
    assert "gets nothing at all, and owes nothing any more" in nothing
    assert "back</span>" not in nothing
    assert running.stage == Stage.ORDERED
    again = {f"units-{oil.id}": "5", "confirmed": "yes", "meant": f"{oil.id}:5"}
    assert send(as_alice, at, **again).status_code == 303
    assert send(as_alice, at, **again).status_code == 409
    assert make_running.commitment(session, running, charlie).due_minor == 4000


def test_a_count_that_was_not_shown_does_not_bind(
    as_alice: FlaskClient, session: Session, running: GroupBuy, alice: Actor
) -> None:
    make_running.ordered(session, running, alice)
    [oil] = buying.ordered_articles(session, running)
    at = f"/group-buys/{running.slug}/desk/delivery"

    changed = {f"units-{oil.id}": "4", "confirmed": "yes", "meant": f"{oil.id}:5"}
    answer = send(as_alice, at, **changed)

    assert answer.status_code == 200
    assert "€120.00" in answer.text
    assert running.stage == Stage.ORDERED


@pytest.mark.parametrize("typed", ["", "-1", "2.5", "many", "99999999999999", "<b>"])
def test_a_count_is_a_number(
    as_alice: FlaskClient, session: Session, running: GroupBuy, alice: Actor, typed: str
) -> None:
    make_running.ordered(session, running, alice)
    [oil] = buying.ordered_articles(session, running)

    answer = send(
        as_alice, f"/group-buys/{running.slug}/desk/delivery", **{f"units-{oil.id}": typed}
    )

    assert answer.status_code == 422
    assert running.stage == Stage.ORDERED


def test_a_second_tick_is_told_that_it_is_ticked(
    as_alice: FlaskClient, session: Session, handing_over: GroupBuy, bob: Actor
) -> None:
    order = make_running.commitment(session, handing_over, bob)
    at = f"/group-buys/{handing_over.slug}/desk/hand-over/{order.id}"

    assert send(as_alice, at).status_code == 303
    again = send(as_alice, at)

    assert again.status_code == 409
    assert "The order of Bob is ticked off already" in again.text


def test_a_tick_that_was_a_mistake_is_taken_back_and_the_money_apart(
    as_alice: FlaskClient, session: Session, handing_over: GroupBuy, bob: Actor
) -> None:
    order = make_running.commitment(session, handing_over, bob)
    page = f"/group-buys/{handing_over.slug}/desk/hand-over"
    untick = f"{page}/{order.id}/removal"
    early = send(as_alice, untick)
    send(as_alice, f"{page}/{order.id}", with_cash="true")
    ticked = as_alice.get(page).text
    assert send(as_alice, untick).status_code == 303
    unticked = as_alice.get(page).text
    assert send(as_alice, f"/payments/{order.id}/confirmation/withdrawal").status_code == 303

    assert early.status_code == 409
    assert "The order of Bob is not ticked off." in early.text
    assert "The money stays confirmed; take that back apart" in ticked
    assert "Bob has to confirm it" in ticked
    assert "Waiting for the other side" not in ticked
    assert f'action="{untick}"' in ticked
    assert f'action="{untick}"' not in unticked
    assert " not received after all" in unticked
    paid = make_running.payment(session, handing_over, bob)
    assert paid.state == PaymentState.AT_PICKUP


def test_the_hand_over_lists_what_each_one_gets_in_no_more_statements_for_many(
    as_alice: FlaskClient, session: Session, alice: Actor, bob: Actor, charlie: Actor,
    now: datetime,
) -> None:  # fmt: skip
    one = make_running.closed(session, alice, [(bob, 10)], now=now)
    many = make_running.closed(session, alice, [(bob, 4), (charlie, 6)], now=now)
    statements = {}
    for deal in (one, many):
        make_running.handing_over(session, deal, alice)
        session.flush()
        session.expire_all()
        with counted(session) as sent:
            page = as_alice.get(f"/group-buys/{deal.slug}/desk/hand-over").text
        statements[deal] = len(sent)
    order = make_running.commitment(session, many, bob)

    assert "4 × Olive oil" in page
    assert "6 × Olive oil" in page
    assert f'href="/group-buys/{many.slug}/desk/packing#crate-{order.id}"' in page
    assert statements[many] <= statements[one]


def test_cash_is_confirmed_once(
    as_alice: FlaskClient, session: Session, handing_over: GroupBuy, bob: Actor
) -> None:
    order = make_running.commitment(session, handing_over, bob)
    at = f"/group-buys/{handing_over.slug}/desk/cash/{order.id}"

    assert send(as_alice, at).status_code == 303
    assert send(as_alice, at).status_code == 409


def test_packing_article_by_article_ticks_lines(
    as_alice: FlaskClient, session: Session, running: GroupBuy, alice: Actor, bob: Actor
) -> None:
    make_running.delivered(session, running, alice)
    crate = make_running.commitment(session, running, bob)
    at = f"/group-buys/{running.slug}/desk/packing"
    assert "4 for Bob" in as_alice.get(f"{at}?by=article").text

    ticked = send(as_alice, f"{at}/lines/{crate.lines[0].id}", on="true", by="article")

    assert ticked.status_code == 303
    assert make_running.commitment(session, running, bob).packed_at is not None


def test_the_order_is_downloaded_for_spreadsheets_and_by_numbers(
    as_alice: FlaskClient, session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    crates = make_buying.olive_oil(
        name="=cmd|' /C calc'!A0", order_number="4711", case_size=6, minimum_units=6
    )
    deal = make_running.closed(session, alice, [(bob, 12)], now=now, articles=[crates])
    at = f"/group-buys/{deal.slug}/desk"

    table = as_alice.get(f"{at}/order.csv")
    numbers = as_alice.get(f"{at}/order-numbers.csv")

    assert table.content_type == "text/csv; charset=utf-8"
    assert "4711,'=cmd|' /C calc'!A0,,5 l can,,12,6,2,0,40.00,480.00,0.00,EUR" in table.text
    assert numbers.data.decode("utf-8-sig").splitlines()[1] == "4711;12;2"


@pytest.mark.parametrize(
    ("locale", "name", "taxed", "method"),
    [
        ("en", "Order number,", "VAT of 7%", "When fetching"),
        ("de", "Bestellnummer;", "MwSt. zu 7\xa0%", "Beim Abholen"),
        ("nl", "Bestelnummer;", "Btw van 7%", "Bij het afhalen"),
    ],
)
def test_tables_are_spelled_for_the_readers_spreadsheet(
    as_alice: FlaskClient, session: Session, alice: Actor, bob: Actor, locale: str, name: str,
    taxed: str, method: str, now: datetime,
) -> None:  # fmt: skip
    olives = make_buying.olive_oil(vat_basis_points=700)
    deal = make_running.closed(session, alice, [(bob, 12)], now=now, articles=[olives])
    at, spoken = f"/group-buys/{deal.slug}/desk", {"Accept-Language": locale}

    order, payments, people, lines, numbers = (
        as_alice.get(f"{at}/{kind}.csv", headers=spoken).data.decode()
        for kind in ("order", "payments", "commitments", "lines", "order-numbers")
    )

    assert order.startswith(f"\ufeff{name}")
    assert taxed in payments
    assert method in people
    assert method in payments
    assert "at_pickup" not in people + payments
    for text in (order, payments, people, lines):
        assert ("480.00" in text, "480,00" in text) == (locale == "en", locale != "en")
    # A supplier's program reads it as it stands.
    assert "order_number;units;cases" in numbers


def test_whoever_was_left_out_stands_in_the_table_without_their_price(
    as_alice: FlaskClient, session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    deal = make_buying.group_buy(session, alice, now=now)
    make_buying.join(session, deal, charlie, 12, now=now)
    make_buying.join(session, deal, bob, 1, now=now, highest_price_minor=3601)
    buying.close(session, deal.id, now=deal.closes_at)
    session.flush()

    table = as_alice.get(f"/group-buys/{deal.slug}/desk/commitments.csv")

    assert table.status_code == 200
    assert "Bob,no,Not in,Left out at the close," in table.text


def test_the_order_is_not_shown_before_it_is_certain(
    as_alice: FlaskClient, open_deal: GroupBuy
) -> None:
    assert as_alice.get(f"/group-buys/{open_deal.slug}/desk/order").status_code == 409

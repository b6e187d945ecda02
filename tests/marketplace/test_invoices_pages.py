"""The pages of invoices: who reads which paper, in which words, and how it is taken along."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy, Payee
from models.invoices import Invoice
from models.participants import MembershipRole
from services import buying, sessions
from services.buying import settling
from services.invoices import MayNotBill
from tests import make, make_catalogues, make_running
from tests.counting import counted
from tests.make_api import bearer
from tests.make_invoices import TRADER, become_trader, complete, documents, issued, pantry
from tests.pages import csrf_token

BrowserOf = Callable[[Actor], FlaskClient]


@pytest.fixture
def shop(session: Session, alice: Actor, now: datetime) -> Actor:
    """Alice's shop, a trader."""
    made = make.organisation(session, "Laden", owner=alice, now=now)
    become_trader(session, made)
    return made


@pytest.fixture
def sold(session: Session, shop: Actor, bob: Actor, dana: Actor, now: datetime) -> GroupBuy:
    """Dana organises for her co-op what the shop sells; Bob and a guest ordered."""
    coop = make.organisation(session, "Co-op", owner=dana, now=now)
    deal = pantry(
        session, coop, [(bob, (2, 3, 1))], guest=(0, 2, 0), now=now,
        payee=Payee.SUPPLIER, supplier_id=shop.participant.id, title="Vorrat <für> alle",
    )  # fmt: skip
    complete(session, deal, coop, grams=777)
    issued(session, deal, now=now)
    return deal


@pytest.fixture
def bobs(session: Session, sold: GroupBuy, bob: Actor) -> Invoice:
    [found] = [one for one in documents(session, sold) if one.buyer_id == bob.participant.id]
    return found


def paper_of(browser: FlaskClient, invoice: Invoice) -> str:
    page = browser.get(f"/invoices/{invoice.id}")
    assert page.status_code == 200, page.text
    return page.text


def test_a_paper_says_all_that_an_invoice_has_to(as_bob: FlaskClient, bobs: Invoice) -> None:
    page = paper_of(as_bob, bobs)

    for said in (
        bobs.full_number, TRADER["legal_name"], TRADER["vat_number"], TRADER["register"],
        "Bob", "Invoice", "Vorrat &lt;für&gt; alle", "777 g", "€17.95/kg", "19%", "7%",
        "share, passed on to Co-op", "without VAT",
    ):  # fmt: skip
        assert said in page, said
    assert "27576 Bremerhaven" in page


def test_it_stays_in_the_language_of_its_buyer(
    session: Session, sold: GroupBuy, bobs: Invoice, browser_of: BrowserOf, shop: Actor, bob: Actor
) -> None:
    bob.member.locale = "nl"
    session.flush()

    page = browser_of(shop).get(f"/invoices/{bobs.id}")

    assert '<article class="paper" lang="en"' in page.text
    page = browser_of(bob).get(f"/invoices/{bobs.id}", headers={"Accept-Language": "nl"})
    assert '<html lang="nl"' in page.text
    assert '<article class="paper" lang="en"' in page.text


ROLES = {
    "buyer": 200, "agent of the seller": 404, "manager of the seller": 200, "keeper": 404,
    "organiser": 404, "stranger": 404, "moderator": 404,
}  # fmt: skip


@pytest.mark.parametrize(("role", "status"), ROLES.items())
def test_both_sides_read_a_paper_and_nobody_else(
    session: Session, browser_of: BrowserOf, bobs: Invoice, sold: GroupBuy, shop: Actor,
    alice: Actor, bob: Actor, dana: Actor, charlie: Actor, now: datetime, role: str, status: int,
) -> None:  # fmt: skip
    def belonging(who: str) -> Actor:
        member = make.actor(session, "Mia", now=now)
        as_role = MembershipRole.AGENT if who == "agent" else MembershipRole.MANAGER
        return make_catalogues.in_organisation(session, shop, member, as_role, now=now)

    if role.endswith("of the seller"):
        asking = belonging(role.split()[0])
    else:
        asking = {
            "buyer": bob,
            "keeper": dana,
            "organiser": dana,
            "stranger": charlie,
            "moderator": make.actor(session, "Mod", now=now, roles=["moderator"]),
        }[role]

    assert browser_of(asking).get(f"/invoices/{bobs.id}").status_code == status
    program = browser_of(asking).application.test_client()
    answer = program.get(f"/api/v1/invoices/{bobs.id}", headers=bearer(session, asking, now=now))
    assert answer.status_code == status


def test_whoever_keeps_a_guest_reads_their_papers(
    session: Session, sold: GroupBuy, browser_of: BrowserOf, dana: Actor, as_bob: FlaskClient
) -> None:
    [guests] = [one for one in documents(session, sold) if one.buyer_details["name"] != "Bob"]
    keeper = sessions.actor_of(session, dana.member)

    assert "Frau Meyer" in paper_of(browser_of(keeper), guests)
    assert (
        browser_of(keeper).get(f"/commitments/{guests.commitment_id}/invoices").status_code == 200
    )
    assert as_bob.get(f"/invoices/{guests.id}").status_code == 404
    assert as_bob.get(f"/commitments/{guests.commitment_id}/invoices").status_code == 404


def test_who_is_signed_out_is_asked_to_sign_in(client: FlaskClient, bobs: Invoice) -> None:
    assert client.get(f"/invoices/{bobs.id}").location.startswith("/sign-in")


def test_lists_say_how_they_begin(as_bob: FlaskClient) -> None:
    assert "No invoices yet" in as_bob.get("/invoices").text
    assert "You have issued none yet" in as_bob.get("/invoices/issued").text


def test_each_side_has_its_list_by_year_and_deal(
    as_bob: FlaskClient, browser_of: BrowserOf, shop: Actor, sold: GroupBuy, bobs: Invoice
) -> None:
    assert bobs.full_number in as_bob.get("/invoices").text
    assert bobs.full_number not in as_bob.get("/invoices/issued").text
    seller = browser_of(shop)
    assert bobs.full_number in seller.get("/invoices/issued?year=2026").text
    assert bobs.full_number in seller.get(f"/invoices/issued?group_buy={sold.id}").text
    assert "None here" in seller.get("/invoices/issued?year=2025").text
    assert as_bob.get("/invoices?year=x").status_code == 422
    assert as_bob.get("/invoices?after=x").status_code == 422


def test_the_list_takes_as_many_statements_however_long_it_is(
    session: Session, as_bob: FlaskClient, bobs: Invoice, bob: Actor, now: datetime
) -> None:
    def statements() -> int:
        with counted(session) as sent:
            assert as_bob.get("/invoices").status_code == 200
        return len(sent)

    few = statements()
    for n in range(4):
        seller = make.actor(session, f"S{n}", now=now)
        deal = pantry(session, seller, [(bob, (1, 0, 0))], now=now)
        complete(session, deal, seller)
        issued(session, deal, now=now)

    assert statements() == few


def test_the_bookkeeper_gets_a_row_for_each_line(
    browser_of: BrowserOf, shop: Actor, bobs: Invoice, as_bob: FlaskClient
) -> None:
    table = browser_of(shop).get("/invoices/issued.csv?year=2026")

    header, *rows = table.data.decode("utf-8-sig").splitlines()
    assert header.startswith("Number,Kind,Corrects,Issued on,Delivered on")
    mine = [row for row in rows if row.startswith(bobs.full_number)]
    assert len(mine) == len(bobs.lines)
    assert any(",Soap,3,19,8.39,1.60,9.99,EUR" in row for row in mine)
    assert len(as_bob.get("/invoices/issued.csv").data.splitlines()) == 1


def test_a_credit_note_names_its_invoice(
    session: Session, sold: GroupBuy, bobs: Invoice, bob: Actor, dana: Actor,
    as_bob: FlaskClient, now: datetime,
) -> None:  # fmt: skip
    order = make_running.commitment(session, sold, bob)
    settling.waive(session, sold, order, actor=dana, now=now)
    _, note = [one for one in issued(session, sold, now=now) if one.buyer_id == bob.participant.id]

    page = paper_of(as_bob, note)

    assert "Credit note" in page
    assert bobs.full_number in page
    assert "Taken back in all" in page
    order_page = as_bob.get(f"/commitments/{order.id}/invoices").text
    assert note.full_number in order_page
    assert bobs.full_number in order_page


def test_an_order_says_when_its_paper_comes(
    session: Session, as_bob: FlaskClient, as_alice: FlaskClient, alice: Actor, bob: Actor,
    now: datetime,
) -> None:  # fmt: skip
    deal = pantry(session, alice, [(bob, (1, 0, 0)), (alice, (1, 0, 0))], now=now)
    mine = make_running.commitment(session, deal, bob).id
    assert "It comes at the end" in as_bob.get(f"/commitments/{mine}/invoices").text

    complete(session, deal, alice)
    issued(session, deal, now=now)

    assert "Receipt AM-2026-0001" in as_bob.get(f"/commitments/{mine}/invoices").text
    own = make_running.commitment(session, deal, alice).id
    assert "You sell this yourself" in as_alice.get(f"/commitments/{own}/invoices").text
    assert f"/commitments/{mine}/invoices" in as_bob.get(f"/group-buys/{deal.slug}").text
    desk = as_alice.get(f"/group-buys/{deal.slug}/desk").text
    assert f"/invoices/issued?group_buy={deal.id}" in desk


def test_an_order_that_got_nothing_has_no_paper(
    session: Session, as_bob: FlaskClient, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    deal = pantry(session, alice, [(bob, (0, 1, 0)), (charlie, (1, 0, 0))], now=now)
    complete(session, deal, alice, short={1: 1})
    mine = make_running.commitment(session, deal, bob).id

    assert "There is none" in as_bob.get(f"/commitments/{mine}/invoices").text


def test_a_name_and_an_address_are_kept_for_later_papers(
    session: Session, as_bob: FlaskClient, bob: Actor
) -> None:
    typed = {"name": "Robert Blau", "address": "Deichweg 2\n27568 Bremerhaven"}
    form = {**typed, "csrf_token": csrf_token(as_bob)}

    assert as_bob.post("/invoices/billing", data=form).status_code == 303

    assert bob.participant.billing_address == typed["address"]
    assert "Robert Blau" in as_bob.get("/invoices/billing").text
    wrong = as_bob.post("/invoices/billing", data={**form, "name": "x" * 201})
    assert wrong.status_code == 422
    assert "x" * 201 in wrong.text


def test_an_agent_does_not_say_where_bills_go(
    session: Session, browser_of: BrowserOf, bob: Actor, now: datetime
) -> None:
    agent = make.organisation(session, "Co-op", owner=bob, role=MembershipRole.AGENT, now=now)

    assert MayNotBill.message in browser_of(agent).get("/invoices/billing").text


def test_programs_read_the_same(
    session: Session, client: FlaskClient, bobs: Invoice, bob: Actor, shop: Actor, now: datetime
) -> None:
    mine = bearer(session, bob, now=now)

    [listed] = client.get("/api/v1/invoices", headers=mine).json["items"]
    detail = client.get(f"/api/v1/invoices/{bobs.id}", headers=mine).json

    assert listed["number"] == detail["number"] == bobs.full_number
    assert detail["from_whom"]["vat_number"] == TRADER["vat_number"]
    assert detail["total"]["amount"] == f"{bobs.total_minor / 100:.2f}"
    assert len(detail["lines"]) == len(bobs.lines)
    table = client.get("/api/v1/invoices/issued.csv", headers=bearer(session, shop, now=now))
    assert table.mimetype == "text/csv"
    assert table.data.decode("utf-8-sig").startswith("invoice_number;invoice_kind")
    asked = client.get("/api/v1/invoices?side=issued", headers=mine)
    assert asked.json["items"] == []


def test_a_payment_that_came_has_a_receipt(
    session: Session, as_bob: FlaskClient, alice: Actor, bob: Actor, now: datetime
) -> None:
    deal = pantry(session, alice, [(bob, (1, 0, 0))], now=now)
    buying.mark_ordered(session, deal, actor=alice, now=now)
    make_running.pay_cash(session, deal, alice, bob, now=now)
    mine = make_running.commitment(session, deal, bob).id

    page = as_bob.get(f"/payments/{mine}").text

    assert "Receipt of your payment" in page
    assert "in cash or as agreed, confirmed by both sides" in page
    assert "it comes once everything is delivered" in page

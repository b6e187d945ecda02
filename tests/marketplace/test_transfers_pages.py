"""The pages of transfers: an account, a code to pay by, a statement to look at and to book."""

import io
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from marketplace import db
from models.collaborations import CoOrganiser
from models.ledger import Currency
from models.payments import BankLine, PaymentState, RefundState
from services import buying, transfers
from services.transfers.references import reference
from tests import make_buying
from tests.make_payments import payment, refunds
from tests.make_transfers import IBAN, account, running, statement

WRITTEN = "DE89 3704 0044 0532 0130 00"


@pytest.fixture
def deal(session, alice, bob, charlie, now):
    return running(session, alice, [(bob, 5), (charlie, 2)], now=now)


def token(browser: FlaskClient, page: str) -> str:
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', browser.get(page).text)
    assert found is not None
    return found[1]


def upload(browser: FlaskClient, slug: str, content: bytes) -> TestResponse:
    page = f"/group-buys/{slug}/desk/transfers"
    return browser.post(
        f"{page}/statement",
        data={"csrf_token": token(browser, page), "file": (io.BytesIO(content), "s.csv")},
    )


def book(browser: FlaskClient, slug: str, preview: TestResponse, *ids: int) -> TestResponse:
    page = f"/group-buys/{slug}/desk/transfers"
    seen = re.search(r'name="seen" value="([^"]+)"', preview.text)
    assert seen is not None
    sent = {"csrf_token": token(browser, page), "seen": seen[1], "take": [str(one) for one in ids]}
    return browser.post(f"{page}/receipts", data=sent)


def test_the_payer_sees_amount_holder_iban_reference_and_code(deal, as_bob):
    _, [bobs, _] = deal

    page = as_bob.get(f"/payments/{bobs}").text

    for words in ("€200.00", "Alice Olive", WRITTEN, transfers.written(reference(bobs))):
        assert words in page
    alt = re.search(r'<img class="qr"[^>]*alt="([^"]+)"', page)
    assert alt is not None
    assert WRITTEN in alt[1]
    assert f'data-copy="{IBAN}"' in page
    assert 'data-copy="200.00"' in page


def test_the_code_is_a_picture_of_our_own_without_style_or_script(deal, as_bob):
    _, [bobs, _] = deal

    answer = as_bob.get(f"/payments/{bobs}/transfer.svg")

    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert "no-store" in answer.headers["Cache-Control"]
    drawn = ElementTree.fromstring(answer.data)
    assert not any("style" in one.attrib or one.tag.endswith("script") for one in drawn.iter())


def test_nobody_else_sees_account_or_code(session, deal, client, as_alice, as_charlie, as_dana):
    group_buy, [bobs, _] = deal

    for stranger in (as_alice, as_charlie, as_dana, client):
        for path in (f"/payments/{bobs}", f"/payments/{bobs}/transfer.svg"):
            assert stranger.get(path).status_code in (302, 303, 404)
    for stranger in (client, as_charlie, as_dana):
        for path in ("", "/accounts", "/history", "/desk/transfers"):
            text = stranger.get(f"/group-buys/{group_buy.slug}{path}").text
            assert IBAN not in text
            assert WRITTEN not in text


def test_before_the_decision_there_is_no_account_to_see(session, alice, bob, as_bob, now):
    group_buy = make_buying.group_buy(session, alice, now=now)
    account(session, group_buy, alice, now=now)
    early = make_buying.join(session, group_buy, bob, 5, now=now)

    assert WRITTEN not in as_bob.get(f"/payments/{early}").text
    assert as_bob.get(f"/payments/{early}/transfer.svg").status_code == 404
    assert "transfer" in as_bob.get(f"/group-buys/{group_buy.slug}").text


def test_another_currency_has_no_code_and_says_so(session, alice, bob, as_bob, now):
    session.add(Currency(code="CHF", exponent=2, name="Swiss franc"))
    session.flush()
    group_buy = make_buying.group_buy(session, alice, now=now, currency="CHF")
    account(session, group_buy, alice, now=now)
    bobs = make_buying.join(session, group_buy, bob, 5, now=now)
    buying.close(session, group_buy.id, now=group_buy.closes_at)

    page = as_bob.get(f"/payments/{bobs}").text

    assert "QR code for euros alone" in page
    assert WRITTEN in page
    assert 'class="qr"' not in page
    assert as_bob.get(f"/payments/{bobs}/transfer.svg").status_code == 404


def test_a_statement_is_looked_at_and_then_booked(session, deal, as_alice, now):
    group_buy, [bobs, charlies] = deal
    content = statement(
        ("Bob", reference(bobs), "200,00"),
        ("Charlie", "Öl <b>", "80,00"),
        ("Unknown <script>", "Rent", "700,00"),
    )

    preview = upload(as_alice, group_buy.slug, content)

    assert preview.status_code == 200
    assert f'value="{bobs}" checked' in preview.text
    assert f'value="{charlies}">' in preview.text
    assert "Unknown &lt;script&gt;" in preview.text
    assert session.scalar(select(func.count()).select_from(BankLine)) == 0
    done = book(as_alice, group_buy.slug, preview, bobs)
    assert done.status_code == 303
    assert payment(session, bobs).state == PaymentState.PAID
    assert payment(session, charlies).state == PaymentState.AT_PICKUP
    again = upload(as_alice, group_buy.slug, content)
    assert "1 line was booked before" in again.text
    assert "transferred" not in book(as_alice, group_buy.slug, preview, bobs).text
    assert session.scalar(select(func.count()).select_from(BankLine)) == 1


def test_what_came_too_much_is_given_back_before_the_goods_are_here(
    session, deal, as_alice, as_bob
):
    group_buy, [bobs, _] = deal
    preview = upload(as_alice, group_buy.slug, statement(("Bob", reference(bobs), "205,00")))
    book(as_alice, group_buy.slug, preview, bobs)
    desk = f"/group-buys/{group_buy.slug}/desk"
    assert f"{desk}/transfers" in as_alice.get(desk).text
    page = as_alice.get(f"{desk}/transfers").text
    assert "€5.00 by transfer" in page
    assert "€5.00" in as_bob.get(f"/payments/{bobs}").text
    [refund] = refunds(session, bobs)

    done = as_alice.post(
        f"{desk}/cash-back/{refund.id}",
        data={"csrf_token": token(as_alice, f"{desk}/transfers")},
        headers={"Referer": f"http://localhost{desk}/transfers"},
    )

    assert (done.status_code, done.location) == (303, f"{desk}/transfers")
    assert refunds(session, bobs)[0].state == RefundState.SUCCEEDED


@pytest.mark.parametrize("ids", [[], [999_999_999]])
def test_nothing_ticked_books_nothing(session, deal, as_alice, ids):
    group_buy, [bobs, _] = deal
    preview = upload(as_alice, group_buy.slug, statement(("Bob", reference(bobs), "200,00")))

    answer = book(as_alice, group_buy.slug, preview, *ids)

    assert answer.status_code == 422
    assert payment(session, bobs).state == PaymentState.AT_PICKUP


def test_a_changed_or_borrowed_preview_books_nothing(
    session, deal, as_alice, as_charlie, charlie, now
):
    group_buy, [bobs, _] = deal
    session.add(
        CoOrganiser(
            collaboration_id=group_buy.id,
            member_id=charlie.member.id,
            state="accepted",
            since_at=now,
        )
    )
    session.flush()
    session.expire(group_buy, ["co_organisers"])
    preview = upload(as_alice, group_buy.slug, statement(("Bob", reference(bobs), "1,00")))
    page = f"/group-buys/{group_buy.slug}/desk/transfers"
    seen = re.search(r'name="seen" value="([^"]+)"', preview.text)
    assert seen is not None

    for browser, words in ((as_alice, f"{seen[1]}x"), (as_alice, "W10"), (as_charlie, seen[1])):
        sent = {"csrf_token": token(browser, page), "seen": words, "take": str(bobs)}
        assert browser.post(f"{page}/receipts", data=sent).status_code == 422
    assert payment(session, bobs).state == PaymentState.AT_PICKUP


@pytest.mark.parametrize(
    "content", [b"", b"\x00\x01", b"hello", b"x" * 100_000, b'Date;Amount;Name\n1;2;"3']
)
def test_a_file_that_is_no_statement_is_refused_with_words(deal, as_alice, content):
    group_buy, _ = deal

    answer = upload(as_alice, group_buy.slug, content)

    assert answer.status_code == 422
    assert "field--wrong" in answer.text


def test_statements_are_counted_whatever_they_hold(deal, as_alice, monkeypatch):
    group_buy, _ = deal
    page = f"/group-buys/{group_buy.slug}/desk/transfers"
    sent = {"csrf_token": token(as_alice, page)}

    def send() -> TestResponse:
        file = (io.BytesIO(b"nothing"), "s.csv")
        return as_alice.post(f"{page}/statement", data={**sent, "file": file})

    answers = [send() for _ in range(20)]
    monkeypatch.setattr(transfers, "read", lambda content: pytest.fail("This file is read."))
    last = send()

    assert {one.status_code for one in answers} == {422}
    assert last.status_code == 409
    assert "That was tried too often." in last.text


def test_strangers_do_not_reach_the_desk(deal, as_bob, client):
    group_buy, _ = deal
    page = f"/group-buys/{group_buy.slug}/desk/transfers"

    assert as_bob.get(page).status_code == 403
    assert as_bob.get(f"{page}/sample.csv").status_code == 403
    assert client.get(page).status_code == 303


def test_the_account_is_named_and_changed_on_the_desk(session, alice, as_alice, now):
    group_buy = make_buying.group_buy(session, alice, now=now)
    page = f"/group-buys/{group_buy.slug}/desk/transfers"
    said = {"holder": "Alice Olive", "iban": WRITTEN.lower(), "bic": "", "due_days": "10"}

    wrong = as_alice.post(
        f"{page}/account",
        data={"csrf_token": token(as_alice, page), **said, "iban": "DE00 1234"},
    )
    assert wrong.status_code == 422
    assert "DE00 1234" in wrong.text
    right = as_alice.post(f"{page}/account", data={"csrf_token": token(as_alice, page), **said})

    assert right.status_code == 303
    kept = transfers.account_of(session, group_buy.id)
    assert (kept.iban, kept.due_days) == (IBAN, 10)


def test_an_account_that_changes_all_day_is_refused_with_words(session, deal, as_alice, now):
    group_buy, _ = deal
    page = f"/group-buys/{group_buy.slug}/desk/transfers"
    said = {"iban": IBAN, "bic": "", "due_days": "10"}

    answers = [
        as_alice.post(
            f"{page}/account",
            data={"csrf_token": token(as_alice, page), **said, "holder": f"Alice {at}"},
        )
        for at in "abcd"
    ]

    assert [one.status_code for one in answers] == [303, 303, 303, 409]
    assert "The account was changed 3 times within a day" in answers[3].text
    assert transfers.account_of(session, group_buy.id).holder == "Alice c"


def test_where_real_money_moves_there_is_no_sample(app, deal, as_alice, monkeypatch):
    slug = deal[0].slug
    live = replace(app.config["SETTINGS"], stripe_secret_key="sk_live_x")
    monkeypatch.setitem(app.config, "SETTINGS", live)

    assert as_alice.get(f"/group-buys/{slug}/desk/transfers/sample.csv").status_code == 404


def test_the_sample_of_the_sandbox_can_be_uploaded(session, deal, as_alice, now):
    group_buy, [bobs, charlies] = deal
    with db.at(now):
        sample = as_alice.get(f"/group-buys/{group_buy.slug}/desk/transfers/sample.csv")

    preview = upload(as_alice, group_buy.slug, sample.data)

    assert sample.status_code == 200
    assert f'value="{bobs}" checked' in preview.text
    assert f'value="{charlies}">' in preview.text


def test_no_template_of_transfers_has_a_script_or_style():
    for name in (
        "payments/transfer.html",
        "organising/transfers.html",
        "organising/statement.html",
    ):
        text = (Path("templates") / name).read_text(encoding="utf-8")
        assert "<script" not in text
        assert "style=" not in text

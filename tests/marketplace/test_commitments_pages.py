"""My commitments: Bob has promised this and that, for himself and for his co-op."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy.orm import Session

from marketplace import db, tables
from models.actors import Actor
from models.buying import GroupBuy, PaymentMethod
from models.collaborations import CommitmentState
from models.payments import PaymentState
from services import buying, payments
from services.buying.roll import LEFT_OUT
from services.clearing.outcomes import Out
from services.notices import reasons
from tests import make, make_buying, make_running, make_transfers
from tests.counting import counted


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[None]:
    with db.at(now):
        yield


@pytest.fixture
def oil(session: Session, alice: Actor, bob: Actor, now: datetime) -> GroupBuy:
    """Bob is in with 6 cans."""
    made = make_buying.group_buy(session, alice, now=now)
    make_buying.join(session, made, bob, 6, now=now)
    return made


def test_it_is_for_members_only(client: FlaskClient) -> None:
    for path in ("/commitments", "/commitments.csv", "/commitments.ics"):
        answer = client.get(path)
        assert answer.status_code == 303
        assert "/sign-in" in answer.location


def test_nothing_promised_says_how_to_begin(as_bob: FlaskClient) -> None:
    assert "You have promised nothing yet" in as_bob.get("/commitments").text


def test_who_has_left_all_is_not_told_that_they_promised_nothing(
    session: Session, as_bob: FlaskClient, oil: GroupBuy, bob: Actor, now: datetime
) -> None:
    assert f"/group-buys/{oil.slug}/order" in as_bob.get("/commitments").text
    commitment = make_buying.commitment_of(session, oil, bob.participant.id)
    assert commitment is not None
    buying.withdraw(session, oil, commitment, actor=bob, now=now)

    page = as_bob.get("/commitments").text

    assert "Nothing is under way" in page
    assert "You have promised nothing yet" not in page


def test_what_it_costs_at_most_and_when_stands_beside_it(
    as_bob: FlaskClient, oil: GroupBuy
) -> None:
    page = as_bob.get("/commitments").text

    assert "Olive oil from Crete" in page
    assert "€240.00 at most" in page
    assert "You are in" in page
    assert "Alice&#39;s garage" in page
    assert f"/group-buys/{oil.slug}/commitments/" in page


def test_what_is_decided_is_due_until_it_is_paid(
    session: Session, as_bob: FlaskClient, oil: GroupBuy
) -> None:
    buying.close(session, oil.id, now=oil.closes_at)
    session.flush()

    page = as_bob.get("/commitments").text

    assert "Confirmed" in page
    assert re.search(r"Decided and not paid yet</dt><dd[^>]*>€240.00", page)


def test_what_failed_is_over_and_says_why(
    session: Session, as_bob: FlaskClient, alice: Actor, bob: Actor, now: datetime
) -> None:
    lonely = make_buying.group_buy(session, alice, now=now)
    make_buying.join(session, lonely, bob, 1, now=now)
    buying.close(session, lonely.id, now=lonely.closes_at)
    session.flush()

    under_way = as_bob.get("/commitments").text
    over = as_bob.get("/commitments?which=over").text

    assert lonely.title not in under_way
    assert "it did not happen at all" in over


def test_a_card_that_is_missing_is_asked_for(
    session: Session, as_bob: FlaskClient, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = make_buying.group_buy(session, alice, now=now)
    order = make_buying.order(session, made, 6, method=PaymentMethod.CARD)
    commitment_id = buying.join(session, made, order, actor=bob, now=now)
    session.flush()

    page = as_bob.get("/commitments").text

    assert "Card missing" in page
    assert f"/payments/{commitment_id}" in page


def test_organisations_are_shown_with_whose_promise_it_is(
    session: Session,
    browser_of: Callable[[Actor], FlaskClient],
    alice: Actor,
    bob: Actor,
    now: datetime,
) -> None:
    coop = make.organisation(session, "Food co-op", owner=bob, now=now)
    made = make_buying.group_buy(session, alice, now=now)
    make_buying.join(session, made, coop, 2, now=now)

    page = browser_of(bob).get("/commitments").text

    assert "as Food co-op" in page


def test_nobody_reads_the_commitments_of_others(as_charlie: FlaskClient, oil: GroupBuy) -> None:
    for path in ("/commitments?which=all", "/commitments.csv", "/commitments.ics"):
        assert oil.title not in as_charlie.get(path).text


def test_a_long_list_comes_in_pages_without_repeating(
    session: Session, as_bob: FlaskClient, alice: Actor, bob: Actor, now: datetime
) -> None:
    for number in range(30):
        made = make_buying.group_buy(session, alice, now=now, title=f"Deal number {number:02}")
        make_buying.join(session, made, bob, now=now)
    first = as_bob.get("/commitments")
    following = re.search(r'rel="next" href="([^"]+)"', first.text)
    assert following is not None

    second = as_bob.get(following[1].replace("&amp;", "&"))

    shown = [set(re.findall(r"Deal number \d\d", page.text)) for page in (first, second)]
    assert (len(shown[0]), len(shown[1])) == (24, 6)
    assert not shown[0] & shown[1]


def test_a_long_list_takes_few_statements(
    session: Session, as_bob: FlaskClient, alice: Actor, bob: Actor, now: datetime
) -> None:
    for _ in range(10):
        made = make_buying.group_buy(session, alice, now=now)
        make_buying.join(session, made, bob, now=now)
    session.expire_all()

    with counted(session) as statements:
        assert as_bob.get("/commitments").status_code == 200

    assert len(statements) <= 6, "\n".join(statements)


def decided_by(
    session: Session, organiser: Actor, who: Actor, method: PaymentMethod, *, now: datetime
) -> GroupBuy:
    """`who` is in for 6 cans to be paid in this way; by card, payments are collected."""
    made = make_buying.group_buy(session, organiser, now=now)
    commitment_id = buying.join(
        session, made, make_buying.order(session, made, 6, method=method), actor=who, now=now
    )
    if method == PaymentMethod.CARD:
        payment = payments.of_commitment(session, commitment_id)
        assert payment is not None
        payment.promise_card("pm_card_visa")
    buying.close(session, made.id, now=made.closes_at)
    session.flush()
    return made


def test_a_card_has_to_be_paid_by_the_end_of_the_collecting(
    session: Session, as_bob: FlaskClient, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = decided_by(session, alice, bob, PaymentMethod.CARD, now=now)
    assert made.collect_until_at is not None

    page = as_bob.get("/commitments").text
    [row] = rows(as_bob.get("/commitments.csv").data)
    events = dates(as_bob.get("/commitments.ics").data)

    due = made.collect_until_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert re.search(rf'pay by <time datetime="{due}"', page)
    assert row["Pay by"] == here(made.collect_until_at)
    assert events["Pay by now: Olive oil from Crete"]["dtend"].dt == made.collect_until_at


def test_a_transfer_is_due_on_the_day_the_organiser_set(
    session: Session, as_bob: FlaskClient, alice: Actor, bob: Actor, now: datetime
) -> None:
    made, _ = make_transfers.running(session, alice, [(bob, 6)], now=now)
    session.flush()

    [row] = rows(as_bob.get("/commitments.csv").data)

    assert row["Pay by"] == here(made.closes_at + timedelta(days=7))


def test_what_is_paid_when_fetched_is_due_at_the_pick_up(
    session: Session, as_bob: FlaskClient, alice: Actor, bob: Actor, now: datetime
) -> None:
    made = decided_by(session, alice, bob, PaymentMethod.AT_PICKUP, now=now)

    [row] = rows(as_bob.get("/commitments.csv").data)
    events = dates(as_bob.get("/commitments.ics").data)
    page = as_bob.get(f"/group-buys/{made.slug}").text

    assert row["Pay by"] == row["Pick-up until"] != ""
    assert "Pay by now: Olive oil from Crete" not in events
    assert "pay by" in page


def test_what_is_paid_or_not_decided_has_no_day_to_be_paid(
    session: Session, as_bob: FlaskClient, alice: Actor, bob: Actor, oil: GroupBuy, now: datetime
) -> None:
    paid = decided_by(session, alice, bob, PaymentMethod.AT_PICKUP, now=now)
    make_running.pay_cash(session, paid, alice, bob, now=paid.closes_at)
    session.flush()

    told = rows(as_bob.get("/commitments.csv").data)

    assert [row["Pay by"] for row in told] == ["", ""]
    assert "pay by" not in as_bob.get("/commitments?which=all").text


def here(moment: datetime) -> str:
    """As the table says it, in the time of the deal."""
    return moment.astimezone(ZoneInfo("Europe/Berlin")).strftime("%Y-%m-%d %H:%M")


def rows(table: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(table.decode("utf-8-sig"))))


def dates(calendar: bytes) -> dict[str, Any]:
    return {str(one["summary"]): one for one in Calendar.from_ical(calendar).walk("VEVENT")}


@pytest.mark.parametrize("query", ["which=nonsense", "after=nonsense", "after=WyJhIl0"])
def test_a_wrong_address_is_refused_in_words(as_bob: FlaskClient, query: str) -> None:
    assert as_bob.get(f"/commitments?{query}").status_code == 422


def test_the_table_holds_what_spreadsheets_need(
    session: Session, as_bob: FlaskClient, alice: Actor, bob: Actor, now: datetime
) -> None:
    evil = make_buying.group_buy(session, alice, now=now, title="=1+1 olives")
    make_buying.join(session, evil, bob, 2, now=now)

    answer = as_bob.get("/commitments.csv")

    [row] = csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")))
    assert row["Title"] == "'=1+1 olives"
    assert row["At most"] == "80.00"
    assert (row["State"], row["Payment"]) == ("In", "When fetching")


def test_every_choice_and_reason_has_words_for_a_table() -> None:
    for choices in (CommitmentState, PaymentMethod, PaymentState):
        assert set(tables.CHOICES[choices]) == set(choices)
    assert set(tables.REASONS) == {*reasons.REASONS, *Out, LEFT_OUT}


@pytest.mark.parametrize(("locale", "name"), [("de", "Höchstens"), ("nl", "Hoogstens")])
def test_the_table_opens_in_columns_where_decimals_have_a_comma(
    session: Session, as_bob: FlaskClient, alice: Actor, bob: Actor, locale: str, name: str,
    now: datetime,
) -> None:  # fmt: skip
    evil = make_buying.group_buy(session, alice, now=now, title="=1+1 olives")
    make_buying.join(session, evil, bob, 2, now=now)

    table = as_bob.get("/commitments.csv", headers={"Accept-Language": locale}).data

    assert table.startswith("\ufeff".encode())
    [row] = csv.DictReader(io.StringIO(table.decode("utf-8-sig")), delimiter=";")
    assert row[name] == "80,00"
    assert "'=1+1 olives" in row.values()


def test_the_calendar_holds_closes_and_pickups(as_bob: FlaskClient, oil: GroupBuy) -> None:
    calendar = Calendar.from_ical(as_bob.get("/commitments.ics").data)

    events = {str(event["summary"]): event for event in calendar.walk("VEVENT")}
    assert events["Closes: Olive oil from Crete"]["dtstart"].dt == oil.closes_at
    fetch = events["Fetch: Olive oil from Crete"]
    assert fetch["dtend"].dt - fetch["dtstart"].dt == timedelta(hours=2)
    assert "Hafenstraße 1" in str(fetch["location"])


def test_a_calendar_asks_again_by_its_key_alone(
    session: Session, client: FlaskClient, as_bob: FlaskClient, oil: GroupBuy, bob: Actor
) -> None:
    found = re.search(r"<code>([^<]+\.ics)</code>", as_bob.get("/commitments").text)
    assert found is not None

    open_to_key = client.get(found[1])
    tampered = client.get(found[1].replace(".ics", "x.ics"))
    bob.member.password_hash = "another"
    session.flush()
    after_new_password = client.get(found[1])

    assert "Olive oil from Crete" in open_to_key.text
    assert tampered.status_code == 404
    assert after_new_password.status_code == 404


def test_each_deal_is_shown_in_its_own_time(
    as_bob: FlaskClient,
    session: Session,
    oil: GroupBuy,
    alice: Actor,
    bob: Actor,
    now: datetime,
) -> None:
    tallinn = make_buying.group_buy(
        session, alice, title="Kama", time_zone="Europe/Tallinn", now=now
    )
    make_buying.join(session, tallinn, bob, 1, now=now)

    page = as_bob.get("/commitments").text

    # Both close at nine in UTC.
    assert re.search(r"Kama.*?11:00 EET.*?Olive oil.*?10:00 CET", page, re.DOTALL)

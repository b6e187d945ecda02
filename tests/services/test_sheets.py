"""Orders, packing lists and exports: what stands on paper and in spreadsheets."""

import csv
import re
from datetime import datetime
from io import StringIO

import pytest
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import Article, GroupBuy
from models.money import Money
from services import buying
from services.buying import handing_over, order_sheets, roll, sheets, vat
from tests import make_buying, make_running


@pytest.mark.parametrize(("delimiter", "opened_with"), [(",", ";"), (";", ",")])
def test_no_text_computes_where_a_table_is_opened_with_the_other_sign(
    delimiter: str, opened_with: str
) -> None:
    evil = [("x;=1+1",), ("x,=1+1",), ("a,@SUM(1)",), ("b;-cmd(1)",), ("20,- and +49 471 1",)]

    text = sheets.written(
        ("note",), evil, exponent=2, spelling=sheets.Spelling(delimiter=delimiter)
    )

    table = csv.reader(StringIO(text), delimiter=opened_with)
    assert [cell for row in table for cell in row if re.match(r"[=@]|[+-]\w", cell)] == []
    assert "20,- and +49 471 1" in text


def article(**overrides: object) -> Article:
    return Article(
        **{
            "id": 1,
            "name": "Olive oil",
            "second_line": "",
            "unit": "5 l can",
            "order_number": "101",
            "ean": "",
            "case_size": 6,
            "deposit_minor": 25,
            "decided_units": 15,
            "decided_price_minor": 3600,
            **overrides,
        }
    )


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(text), delimiter=";"))


@pytest.fixture
def packed(session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime) -> GroupBuy:
    """Charlie, then Bob ordered; everything came."""
    group_buy = make_running.closed(session, alice, [(charlie, 3), (bob, 4)], now=now)
    make_running.delivered(session, group_buy, alice)
    return group_buy


def test_units_are_said_in_full_cases_and_loose_ones() -> None:
    [line] = order_sheets.order_lines([article()], {1: 700})

    assert (line.units, line.cases, line.loose) == (15, 2, 3)
    assert (line.total_minor, line.deposit_minor) == (54000, 375)


def test_what_was_not_decided_is_not_ordered() -> None:
    left_out = [article(decided_units=0), article(decided_units=None)]

    assert order_sheets.order_lines(left_out, {}) == []


def test_the_order_reads_back_from_its_table() -> None:
    lines = order_sheets.order_lines([article()], {1: 700})

    text = order_sheets.order_csv(lines, currency="EUR", exponent=2)

    [row] = rows(text)
    assert (row["order_number"], row["units"], row["cases"]) == ("101", "15", "2")
    assert (row["price"], row["total"], row["deposit"]) == ("36.00", "540.00", "3.75")
    assert (row["vat_percent"], row["vat"]) == ("7", "35.33")


def test_order_numbers_leave_out_what_has_none() -> None:
    lines = order_sheets.order_lines([article(), article(order_number="")], {1: 700})

    assert order_sheets.order_numbers(lines) == "order_number;units;cases\r\n101;15;2\r\n"


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r\n=1"])
def test_no_cell_runs_as_a_formula(name: str) -> None:
    [row] = rows(sheets.written(["name"], [[name]], exponent=2))

    assert row["name"].startswith("'")


def test_separators_and_quotes_stay_in_their_cell() -> None:
    [row] = rows(sheets.written(["name"], [['Oil; "extra"']], exponent=2))

    assert row["name"] == 'Oil; "extra"'


@pytest.mark.parametrize(("exponent", "said"), [(2, "-12.05"), (0, "-1205"), (3, "-1.205")])
def test_amounts_have_the_places_of_their_currency(exponent: int, said: str) -> None:
    [row] = rows(sheets.written(["due"], [[Money(-1205, "EUR")]], exponent=exponent))

    assert row["due"] == said


def test_heaps_hold_everyone_by_name(session: Session, packed: GroupBuy) -> None:
    crates = handing_over.crates(session, packed)

    [heap] = sheets.heaps(buying.articles(session, packed), crates, {})

    assert heap.units == 7
    assert [(one.participant.name, line.delivered_units) for one, line in heap.shares] == [
        ("Bob", 4),
        ("Charlie", 3),
    ]
    assert not heap.is_packed


def test_a_crate_holds_what_came(session: Session, packed: GroupBuy, bob: Actor) -> None:
    articles = {one.id: one for one in buying.articles(session, packed)}

    [line] = sheets.goods(make_running.commitment(session, packed, bob), articles)

    assert line.delivered_units == 4


def test_exports_name_people_by_name_and_no_highest_price(
    session: Session, packed: GroupBuy
) -> None:
    people = roll.people(session, packed).rows
    articles = {one.id: one for one in buying.articles(session, packed)}
    crates = handing_over.crates(session, packed)

    everyone = rows(sheets.commitments_csv(people, currency="EUR", exponent=2))
    lines = rows(sheets.lines_csv(packed, crates, articles, exponent=2))
    taxed = {one.id: vat.of_order(packed, one, articles) for one in crates}
    paid = rows(sheets.payments_csv(people, taxed, currency="EUR", exponent=2))

    assert [(one["name"], one["due"]) for one in everyone] == [
        ("Bob", "160.00"),
        ("Charlie", "120.00"),
    ]
    assert [(one["name"], one["delivered_units"], one["price"]) for one in lines] == [
        ("Bob", "4", "40.00"),
        ("Charlie", "3", "40.00"),
    ]
    assert [(one["goods"], one["vat_percent"], one["vat"]) for one in lines] == [
        ("160.00", "7", "10.47"),
        ("120.00", "7", "7.85"),
    ]
    assert [one["vat_7_percent"] for one in paid] == ["10.47", "7.85"]
    assert [(one["name"], one["state"], one["paid"]) for one in paid] == [
        ("Bob", "at_pickup", "0.00"),
        ("Charlie", "at_pickup", "0.00"),
    ]
    assert not any("highest" in column for one in (everyone, lines, paid) for column in one[0])


def test_what_is_only_wanted_is_not_exported(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    group_buy = make_buying.group_buy(session, alice, now=now)
    make_buying.join(session, group_buy, bob, 3, now=now)
    articles = {one.id: one for one in buying.articles(session, group_buy)}
    crates = buying.commitments(session, group_buy, ["active"])

    assert rows(sheets.lines_csv(group_buy, crates, articles, exponent=2)) == []

"""Foodsoft's article files, of today and of before."""

from decimal import Decimal
from fractions import Fraction

import pytest

from services.pricelists import Format, detect, parse

from .lists import foodsoft

NUTS = {
    "avail.": "Yes",
    "Order number": "28",
    "Name": "Haselnüsse",
    "Unit": "100g",
    "Ratios to supplier order unit": "10 Piece",
    "Group order granularity": "1",
    "Price (net)": "5.56",
    "VAT": "7",
    "Deposit": "0",
    "Manufacturer": "Nussgarten",
}


def read(content):
    return parse(content, vat_rates={})


def test_a_price_is_per_piece_and_the_order_unit_is_the_case():
    listed = read(foodsoft(NUTS))

    [nuts] = listed.articles
    assert listed.format is detect(foodsoft(NUTS)) is Format.FOODSOFT
    assert (nuts.unit, nuts.case_size) == ("100g", 10)
    assert (nuts.net_minor, nuts.gross_minor) == (Decimal(556), 595)
    assert (nuts.base_unit, nuts.base_factor) == ("kg", Fraction(10))
    assert listed.problems == ()


@pytest.mark.parametrize(
    ("cells", "unit", "case_size", "net_minor"),
    [
        ({"Unit": "kg", "Ratios to supplier order unit": ""}, "kg", 1, "556"),
        (
            {
                "Unit": "",
                "Supplier order unit": "Crate",
                "Ratios to supplier order unit": "12 Kilogram",
                "Group order unit": "Kilogram",
                "Price unit": "Crate",
                "Price (net)": "30",
            },
            "kg",
            12,
            "250",
        ),
        (
            {
                "Unit": "",
                "Supplier order unit": "Crate",
                "Ratios to supplier order unit": "6 Bottle, 0.75 Litre",
                "Group order unit": "Bottle",
                "Price unit": "Litre",
                "Price (net)": "4",
            },
            "Bottle",
            6,
            "300",
        ),
        (
            {
                "Unit": "",
                "Supplier order unit": "Crate",
                "Ratios to supplier order unit": "3 Piece",
                "Group order unit": "Piece",
                "Price unit": "Crate",
                "Price (net)": "10",
            },
            "Piece",
            3,
            "333.3333",
        ),
    ],
)
def test_every_price_becomes_the_price_of_one_single_unit(cells, unit, case_size, net_minor):
    [article] = read(foodsoft(NUTS | cells)).articles

    assert (article.unit, article.case_size) == (unit, case_size)
    assert article.net_minor == Decimal(net_minor)


def test_the_deposit_is_net_like_the_price():
    [bottle] = read(foodsoft(NUTS | {"Deposit": "0.4"})).articles

    assert bottle.deposit_minor == 43


def test_the_smallest_order_counts_cases():
    [nuts] = read(foodsoft(NUTS | {"Minimum order quantity": "2"})).articles

    assert nuts.minimum_units == 20


@pytest.mark.parametrize("word", ["No", "Nein", "nee"])
def test_what_is_not_available_is_read_as_such(word):
    [nuts] = read(foodsoft(NUTS | {"avail.": word})).articles

    assert not nuts.is_available


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"Ratios to supplier order unit": "ten"}, "unreadable-ratio"),
        ({"Ratios to supplier order unit": ", ".join(["9999999 x"] * 40)}, "unreadable-ratio"),
        ({"Ratios to supplier order unit": "2.5 Piece"}, "case-not-whole"),
        ({"Price unit": "Barrel"}, "unknown-ratio"),
        ({"Order number": ""}, "missing"),
        ({"VAT": ""}, "missing"),
        ({"VAT": "700"}, "too-large"),
        ({"Price (net)": "1,234"}, "ambiguous-number"),
        ({"Price (net)": "1.234,56 EUR"}, "not-a-number"),
        ({"Minimum order quantity": "1000000"}, "too-large"),
    ],
)
def test_a_faulty_row_is_reported_and_the_others_stay(cells, code):
    listed = read(foodsoft(NUTS | cells, NUTS | {"Order number": "29"}))

    assert [problem.code for problem in listed.problems] == [code]
    assert [article.order_number for article in listed.articles] == ["29"]


def test_parts_of_a_unit_are_noted():
    listed = read(foodsoft(NUTS | {"Group order granularity": "0.25"}))

    assert [problem.code for problem in listed.problems] == ["granularity"]
    assert len(listed.articles) == 1


@pytest.mark.parametrize(
    "header",
    [
        "Status;Bestellnummer;Name;Notiz;Hersteller;Herkunft;Einheit;Preis(netto);MwSt;Pfand;"
        "Gebindegröße;;;Kategorie",
        "status;art. nummer;productnaam;notitie;producent;herkomst;eenheid;prijs ex btw;btw (%);"
        "statiegeld;colligrootte;(reserved);(reserved);categorienaam",
        "avail.;Order number;Name;Note;Manufacturer;Origin;Unit;Price (net);VAT;Deposit;"
        "Unit quantity;;;Category",
    ],
)
def test_older_files_in_three_languages_are_read(header):
    content = f"{header}\n;31;Hirse;bio;Mühle;DE;500 g;1.80;7;0;6;;;Korn\n".encode()

    [millet] = read(content).articles

    assert (millet.order_number, millet.unit, millet.case_size) == ("31", "500 g", 6)
    assert (millet.net_minor, millet.category) == (Decimal(180), "Korn")


def test_the_cross_of_older_files_takes_an_article_away():
    columns = ("Status", "Bestellnummer", "Name", "Einheit", "Preis(netto)", "MwSt", "Notiz")
    row = dict(zip(columns, ("x", "31", "Hirse", "500 g", "1.80", "7", ""), strict=True))

    [millet] = read(foodsoft(row, columns=columns)).articles

    assert not millet.is_available


def test_missing_columns_are_named():
    listed = read(b"Name;Price (net);Unit\nHirse;1.80;500 g\n")

    [problem] = listed.problems
    assert problem.code == "missing-columns"
    assert problem.facts == {"columns": "Order number, VAT"}

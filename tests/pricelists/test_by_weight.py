"""Goods by weight in lists: marked where the list says so and says what a piece weighs."""

from decimal import Decimal
from fractions import Fraction

import pytest

from services.pricelists import ListedArticle, parse, write_csv

from .lists import APPLES, FOODSOFT, bnn, foodsoft, own

GERMANY = {1: 700, 2: 1900}
CHEESE = APPLES | {"by_weight": "J", "unit": "ca. 1kg", "case_size": "4", "net_price": "17,00"}
OWN = "order_number;name;unit;price;vat_percent;content;base_unit;overweight_percent"


def read(content):
    return parse(content, vat_rates=GERMANY)


def codes(listed):
    return [problem.code for problem in listed.problems]


def test_bnn_pieces_in_a_case_stay_pieces():
    [cheese] = read(bnn(CHEESE)).articles

    assert (cheese.unit, cheese.case_size, cheese.gross_minor) == ("ca. 1kg", 4, 1819)
    assert (cheese.base_unit, cheese.base_factor) == ("kg", 1)
    assert cheese.overweight_basis_points == 1000


def test_a_bnn_wheel_of_two_and_a_half_kilograms_is_one_piece():
    wheel = CHEESE | {"unit": "1kg", "case_size": "2,5", "order_unit": "Laib ca. 2,5kg"}

    [cheese] = read(bnn(wheel)).articles

    assert (cheese.unit, cheese.case_size) == ("Laib ca. 2,5kg", 1)
    assert (cheese.net_minor, cheese.gross_minor) == (Decimal(4250), 4548)
    assert cheese.base_factor == Fraction(2, 5)
    assert cheese.overweight_basis_points == 1000


def test_without_a_weight_it_is_sold_by_the_piece_and_a_note_says_so():
    listed = read(bnn(CHEESE | {"unit": "Stück"}))

    [cheese] = listed.articles
    assert cheese.overweight_basis_points is None
    assert codes(listed) == ["weight-unknown"]


@pytest.mark.parametrize("mark", ["N", "", "0"])
def test_what_bnn_does_not_mark_is_not_sold_by_weight(mark):
    [cheese] = read(bnn(CHEESE | {"by_weight": mark, "unit": "1kg"})).articles

    assert cheese.overweight_basis_points is None


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"case_size": "0,00001"}, "too-precise"),
        ({"case_size": "0,0004", "unit": "1kg"}, "weight-missing"),
        ({"case_size": "0"}, "zero"),
        ({"case_size": "-2,5"}, "negative"),
        ({"case_size": "99999,5", "net_price": "99999"}, "too-large"),
        ({"case_size": "999999,5", "unit": "999999 kg", "net_price": "0,01"}, "too-large"),
    ],
)
def test_a_piece_that_cannot_be_is_left_out(changed, code):
    listed = read(bnn(APPLES, CHEESE | {"order_number": "7"} | changed))

    assert len(listed.articles) == 1
    assert codes(listed) == [code]


def test_foodsoft_pieces_billed_by_the_kilogram_are_sold_by_weight():
    columns = (*FOODSOFT, "Billing unit")
    row = {"Order number": "1", "Name": "Gouda", "Unit": "800g", "Price (net)": "13", "VAT": "7"}

    for words, unit, overweight in (
        ("Kilogramm", "800g", 1000),
        ("kg", "800g", 1000),
        ("kg", "kg", None),
        ("Piece", "800g", None),
    ):
        [cheese] = read(
            foodsoft(row | {"Unit": unit, "Billing unit": words}, columns=columns)
        ).articles
        assert cheese.overweight_basis_points == overweight


def test_our_own_csv_says_how_much_heavier_a_piece_may_be():
    listed = read(own("1;Gouda;wheel;14.36;7;0.8;kg;7,5 %", header=OWN))

    [gouda] = listed.articles
    assert (gouda.base_factor, gouda.overweight_basis_points) == (Fraction(5, 4), 750)
    assert codes(listed) == []


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("1;Gouda;wheel;14.36;7;;;10", "weight-missing"),
        ("1;Juice;bottle;2;7;0.8;l;10", "weight-missing"),
        ("1;Dust;grain;2;7;0.0004;kg;10", "weight-missing"),
        ("1;Gouda;wheel;14.36;7;0.8;kg;50.01", "too-large"),
        ("1;Gouda;wheel;14.36;7;0.8;kg;-1", "negative"),
        ("1;Gouda;wheel;14.36;7;0.8;kg;much", "not-a-number"),
    ],
)
def test_half_a_weight_leaves_the_line_out(row, code):
    listed = read(own(row, "2;Salt;bag;1;7;;;", header=OWN))

    assert [one.name for one in listed.articles] == ["Salt"]
    assert codes(listed) == [code]


@pytest.mark.parametrize("overweight", [None, 0, 1, 750, 1000, 5000])
def test_what_we_write_reads_back_equal(overweight):
    gouda = ListedArticle(
        order_number="1",
        name="Gouda",
        unit="wheel",
        gross_minor=1436,
        vat_basis_points=700,
        base_unit="kg",
        base_factor=Fraction(5, 4),
        overweight_basis_points=overweight,
    )

    assert read(write_csv([gouda]).encode()).articles == (gouda,)

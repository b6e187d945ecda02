"""BNN 3 lists, written here field by field."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from services.pricelists import Change, Format, Severity, detect, parse
from services.pricelists.problems import SENTENCES

from .lists import APPLES, BOTTLE, JUICE, bnn, bnn_line

GERMANY = {1: 700, 2: 1900}


def read(content):
    return parse(content, vat_rates=GERMANY)


def codes(listed):
    return [problem.code for problem in listed.problems]


def test_the_header_names_sender_title_currency_and_period():
    listed = read(bnn(APPLES))

    assert detect(bnn(APPLES)) is listed.format is Format.BNN
    assert (listed.supplier_name, listed.title) == ("Biohof Elbe", "Wochenliste")
    assert (listed.currency, listed.valid_from) == ("EUR", date(2026, 1, 5))
    assert listed.valid_to == date(2026, 1, 31)
    assert listed.is_whole
    assert listed.problems == ()


def test_an_article_is_read_with_all_its_fields():
    [apples] = read(bnn(APPLES)).articles

    assert (apples.order_number, apples.name) == ("1001", "Äpfel Boskoop")
    assert (apples.unit, apples.case_size) == ("500g", 12)
    assert (apples.net_minor, apples.vat_basis_points) == (Decimal(140), 700)
    assert apples.gross_minor == 150
    assert apples.recommended_minor == 249
    assert (apples.origin, apples.quality) == ("DE", "Bioland")
    assert apples.control_body == "DE-ÖKO-006"
    assert apples.ean == "4006381333931"
    assert (apples.base_unit, apples.base_factor) == ("kg", Fraction(2))
    assert apples.base_price_minor == 300
    assert apples.line_number == 2


@pytest.mark.parametrize(("flag", "code_page"), [("0", "cp850"), ("1", "cp1252")])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_both_code_pages_and_all_line_ends_read_alike(flag, code_page, line_end):
    listed = read(bnn(APPLES, JUICE, BOTTLE, flag=flag, code_page=code_page, line_end=line_end))

    assert listed.articles == read(bnn(APPLES, JUICE, BOTTLE)).articles
    assert listed.problems == ()


@pytest.mark.parametrize(
    ("flag", "code_page"), [("1", "cp850"), ("0", "cp1252"), ("0", "utf-8"), ("1", "utf-8")]
)
def test_a_wrong_code_page_in_the_header_is_noticed(flag, code_page):
    listed = read(bnn(APPLES, flag=flag, code_page=code_page))

    assert listed.articles[0].name == "Äpfel Boskoop"
    assert codes(listed) == ["encoding-differs"]


def test_the_base_price_is_exact_where_the_list_rounds():
    sack = APPLES | {"unit": "3kg", "base_factor": "0,3", "net_price": "3,49"}

    [rice] = read(bnn(sack)).articles

    assert rice.base_factor == Fraction(1, 3)
    assert rice.base_price_minor == 124


@pytest.mark.parametrize("factor", ["0,2", "0.2"])
def test_the_factor_has_a_comma_or_a_point(factor):
    [potatoes] = read(bnn(APPLES | {"unit": "5Kg", "base_factor": factor})).articles

    assert potatoes.base_factor == Fraction(1, 5)


def test_a_base_price_by_drained_weight_is_kept_and_noted():
    listed = read(bnn(APPLES | {"unit": "400g", "base_factor": "4"}))

    assert listed.articles[0].base_factor == 4
    assert codes(listed) == ["base-price-differs"]


def test_the_deposit_is_the_gross_price_of_the_article_it_names():
    _, juice, bottle = read(bnn(APPLES, JUICE, BOTTLE)).articles

    assert juice.deposit_minor == bottle.gross_minor == 15
    assert bottle.is_deposit
    assert not juice.is_deposit


def test_a_deposit_that_is_not_in_the_list_is_noted():
    listed = read(bnn(JUICE))

    assert listed.articles[0].deposit_minor == 0
    assert codes(listed) == ["deposit-unknown"]


@pytest.mark.parametrize(
    ("mark", "change"),
    [("N", Change.NEW), ("A", Change.CHANGED), ("W", Change.AGAIN), ("", None)],
)
def test_marks_of_change_are_read(mark, change):
    [apples] = read(bnn(APPLES | {"change": mark})).articles

    assert apples.change is change
    assert apples.is_available


def test_a_delisted_article_needs_no_price():
    [gone] = read(bnn({"order_number": "77", "change": "X"})).articles

    assert gone.change is Change.DELISTED
    assert not gone.is_available


def test_a_special_price_has_its_period():
    special = {"special_from": "20260110", "special_to": "20260117"}

    [apples] = read(bnn(APPLES | special)).articles

    assert (apples.special_from, apples.special_to) == (date(2026, 1, 10), date(2026, 1, 17))


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ({"order_number": ""}, "missing"),
        ({"name": ""}, "missing"),
        ({"name": "x" * 201}, "too-long"),
        ({"net_price": ""}, "missing"),
        ({"net_price": "0,00"}, "zero"),
        ({"net_price": "-1,00"}, "negative"),
        ({"net_price": "NaN"}, "not-a-number"),
        ({"net_price": "1e9"}, "not-a-number"),
        ({"net_price": "9999999,00"}, "too-large"),
        ({"net_price": "1,23456"}, "too-precise"),
        ({"net_price": "1.234"}, "ambiguous-number"),
        ({"case_size": "2,5"}, "not-whole"),
        ({"case_size": "0"}, "zero"),
        ({"vat_code": "7"}, "unknown-vat"),
        ({"vat_code": ""}, "missing"),
        ({"change": "Q"}, "unknown-change"),
        ({"special_from": "20261301"}, "not-a-date"),
        ({"special_from": "20260117", "special_to": "20260110"}, "dates-reversed"),
    ],
)
def test_a_faulty_line_is_reported_and_the_others_stay(broken, code):
    listed = read(bnn(APPLES | broken, JUICE, BOTTLE))

    [problem] = [found for found in listed.problems if found.severity is Severity.LINE_LEFT_OUT]
    assert (problem.code, problem.line_number) == (code, 2)
    assert problem.message % problem.facts
    assert [article.order_number for article in listed.articles] == ["1002", "930190"]


def test_an_order_number_that_comes_twice_is_taken_once():
    listed = read(bnn(APPLES, APPLES | {"name": "Birnen"}))

    assert [article.name for article in listed.articles] == ["Äpfel Boskoop"]
    assert listed.problems[0].facts == {"order_number": "1001", "first_line": 2}


def test_a_list_without_its_end_mark_is_not_whole():
    listed = read(bnn(APPLES, end=None))

    assert len(listed.articles) == 1
    assert codes(listed) == ["no-end-mark"]
    assert not listed.is_whole


def test_a_list_that_goes_on_in_another_file_is_not_whole():
    listed = read(bnn(APPLES, end=";;02"))

    assert codes(listed) == ["continued"]
    assert not listed.is_whole


def test_a_list_of_special_offers_is_not_whole():
    content = bnn(APPLES).replace(b";T;", b";S;")

    assert not read(content).is_whole


def test_what_follows_the_end_mark_is_not_read():
    content = bnn(APPLES) + bnn_line(JUICE).encode("cp850") + b"\r\n"

    listed = read(content)

    assert len(listed.articles) == 1
    assert codes(listed) == ["lines-after-end"]


@pytest.mark.parametrize(
    ("header", "code"),
    [
        ("BNN;4;0;X;T;;EUR;;;;;1", "bnn-version"),
        ("BNN;3;0;X;T;;EURO;;;;;1", "currency"),
    ],
)
def test_another_version_or_currency_is_refused(header, code):
    listed = read(bnn(APPLES, header=header))

    assert codes(listed) == [code]
    assert listed.is_refused
    assert listed.articles == ()


def test_a_list_cut_off_anywhere_invents_no_article():
    content = bnn(APPLES, JUICE, BOTTLE)
    whole = {article.order_number: article for article in read(content).articles}

    for length in range(len(content)):
        cut = read(content[:length])
        assert not cut.is_whole or len(cut.articles) == len(whole)
        for article in cut.articles:
            complete = whole[article.order_number]
            assert (article.name, article.gross_minor) == (complete.name, complete.gross_minor)
            assert article.base_factor == complete.base_factor


def test_every_problem_has_a_sentence_that_takes_its_facts():
    for code, (severity, sentence) in SENTENCES.items():
        assert severity in Severity, code
        assert sentence.endswith("."), code

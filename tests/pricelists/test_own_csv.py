"""Our own CSV: written by people, by spreadsheets and by us."""

import csv
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.pricelists import Change, Format, ListedArticle, ListedTier, detect, parse, write_csv
from services.pricelists.article import with_vat
from services.pricelists.line import clean, clean_lines

from .lists import own


def read(content):
    return parse(content, vat_rates={})


def codes(listed):
    return [problem.code for problem in listed.problems]


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_any_separator_and_a_byte_order_mark_will_do(delimiter, encoding):
    text = "Order number;Name;Unit;Price;VAT percent;Note\n7;Öl;750 ml;8.50;7 %;kalt\n"

    listed = read(text.replace(";", delimiter).encode(encoding))

    [oil] = listed.articles
    assert listed.format is detect(text.encode()) is Format.OWN
    assert (oil.order_number, oil.name, oil.gross_minor) == ("7", "Öl", 850)
    assert (oil.net_minor, oil.vat_basis_points) == (None, 700)
    assert oil.base_price_minor == 1133
    assert listed.problems == ()


@pytest.mark.parametrize(
    ("written", "gross_minor"),
    [
        ("8,50", 850),
        ("8.50", 850),
        ("8", 800),
        ("€ 8.5", 850),
        ("1.234,56", 123456),
        ("1,234.56", 123456),
        ("1'234.56", 123456),
        ("12.345.678,00", None),
        ("1.234", None),
        ("1,234", None),
        ("0.125", None),
        ("-3", None),
        ("--3", None),
        ("nan", None),
        ("Infinity", None),
        ("1e9", None),
        ("1_000", None),
        ("٣", None),
        ("0", None),
        ("", None),
    ],
)
def test_a_price_is_read_exactly_or_not_at_all(written, gross_minor):
    listed = read(own(f'1;Öl;l;"{written}";7;'))

    assert [article.gross_minor for article in listed.articles] == (
        [] if gross_minor is None else [gross_minor]
    )
    assert len(listed.problems) == (1 if gross_minor is None else 0)


def test_a_net_price_keeps_its_fraction_and_is_rounded_once():
    [oil] = read(
        own("1;Öl;1.0250;19;", header="order_number;name;net_price;vat_percent;x")
    ).articles

    assert oil.net_minor == Decimal("102.5")
    assert oil.gross_minor == 122


def test_tiers_are_read_in_order():
    header = "order_number;name;price;vat_percent;tier_1_from;tier_1_price;tier_2_from;tier_2_price"

    [oil] = read(own("1;Öl;9;7;10;8,50;50;7,90", header=header)).articles

    assert oil.tiers == (ListedTier(10, 850), ListedTier(50, 790))


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ("10;9;;", "tier-order"),
        ("1;8;;", "tier-order"),
        ("10;8;10;7", "tier-order"),
        ("10;8;20;8", "tier-order"),
        ("10;0;;", "tier-order"),
        ("10;;;", "tier-incomplete"),
        (";8;;", "tier-incomplete"),
    ],
)
def test_a_step_must_cost_less_from_more_units(cells, code):
    header = "order_number;name;price;vat_percent;tier_1_from;tier_1_price;tier_2_from;tier_2_price"

    assert codes(read(own(f"1;Öl;9;7;{cells}", header=header))) == [code]


@pytest.mark.parametrize(
    ("header", "row", "code"),
    [
        ("order_number;name;price;net_price;vat_percent", "1;Öl;9;8;7", "prices-disagree"),
        ("order_number;name;price;vat_percent;available", "1;Öl;9;7;maybe", "not-yes-or-no"),
        ("order_number;name;price;vat_percent;change", "1;Öl;9;7;gone", "unknown-change"),
        (
            "order_number;name;price;vat_percent;minimum_units;maximum_units",
            "1;Öl;9;7;5;4",
            "limits-reversed",
        ),
        (
            "order_number;name;price;vat_percent;content;base_factor",
            "1;Öl;9;7;2;2",
            "content-and-factor",
        ),
        ("order_number;name;price;vat_percent", "1;Öl;9", "too-few-fields"),
        ("order_number,name,price,vat_percent", "1,Öl,9,50,7", "too-many-fields"),
    ],
)
def test_a_faulty_row_says_what_is_wrong(header, row, code):
    listed = read(own(row, header=header))

    assert codes(listed) == [code]
    assert listed.problems[0].line_number == 2
    assert listed.problems[0].message % listed.problems[0].facts


def test_missing_columns_refuse_the_list_and_are_named():
    listed = read(b"order_number;name;unit\n1;Oil;l\n")

    assert listed.is_refused
    assert listed.problems[0].facts == {"columns": "vat_percent, price"}


def test_a_column_that_is_there_twice_refuses_the_list():
    assert codes(read(own("1;a;b;2;7", header="order_number;name;Name;price;vat_percent"))) == [
        "repeated-column"
    ]


def test_an_unknown_column_is_named_and_passed_over():
    listed = read(own("1;Öl;9;7;red", header="order_number;name;price;vat_percent;colour"))

    assert codes(listed) == ["unknown-column"]
    assert len(listed.articles) == 1


def test_a_cell_may_hold_separators_quotes_and_line_breaks():
    listed = read(own('1;"Öl ""extra""; kalt\ngepresst";l;9;7;', "2;Essig;l;3;7;"))

    assert listed.articles[0].name == 'Öl "extra"; kalt gepresst'
    assert listed.articles[1].line_number == 4


def test_a_quotation_mark_that_never_closes_is_named_by_its_line():
    listed = read(own("1;Öl;l;9;7;", '2;"Essig;l;3;7;', "3;Salz;kg;1;7;"))

    assert codes(listed) == ["open-quote"]
    assert listed.problems[0].facts == {"line": 3}


def test_a_last_number_without_a_line_break_is_not_trusted():
    header = "order_number;name;vat_percent;price"

    listed = read(own("1;Öl;7;9.50", "2;Essig;7;3.20", header=header).rstrip(b"\n"))

    assert [article.order_number for article in listed.articles] == ["1"]
    assert codes(listed) == ["last-line-unsure"]


def test_a_last_note_without_a_line_break_is_kept_and_noted():
    listed = read(own("1;Öl;l;9;7;kalt").rstrip(b"\n"))

    assert len(listed.articles) == 1
    assert codes(listed) == ["no-last-line-break"]


@pytest.mark.parametrize("text", ["=1+1", "+49 1", "-5", "@SUM(A1)", "＝1", "'=1", "''+2", "'s"])
def test_nothing_that_is_written_runs_as_a_formula_and_it_reads_back(text):
    article = ListedArticle(text, text, 100, 700, maker=text, food_information=text, note=text)

    written = write_csv([article])

    cells = next(iter(csv.DictReader(StringIO(written), delimiter=";")))
    assert not any(cell.startswith(tuple("=+-@＝")) for cell in cells.values())
    assert read(written.encode()).articles == (article,)


def test_what_food_must_say_keeps_its_lines():
    said = "- Wheat flour, water\nAllergens: wheat\n" + "\n".join(f"Line {n}" for n in range(100))

    written = write_csv([ListedArticle("1", "Bread", 100, 700, food_information=said)])

    [bread] = read(written.encode()).articles
    assert bread.food_information == said


def test_what_food_must_say_has_an_end():
    header = "order_number;name;price;vat_percent;food_information"

    listed = read(own(f"1;Öl;9;7;{'x' * 4000}", f"2;Essig;3;7;{'x' * 4001}", header=header))

    assert [article.order_number for article in listed.articles] == ["1"]
    assert codes(listed) == ["too-long"]


words = st.text(max_size=40).map(clean)
names = words.filter(bool)
amounts = st.integers(1, 100_000_000)


@st.composite
def articles(draw):
    vat = draw(st.integers(0, 10_000))
    net = draw(st.none() | st.decimals(1, 1_000_000, places=2))
    gross = draw(amounts) if net is None else with_vat(net, vat)
    minimum = draw(st.integers(1, 1000))
    change = draw(st.none() | st.sampled_from(Change))
    tier_units = draw(st.sets(st.integers(2, 1000), max_size=5))
    tier_prices = draw(st.sets(st.integers(1, 10**9), min_size=5, max_size=5))
    cheaper = sorted((price for price in tier_prices if price < gross), reverse=True)
    base = draw(st.none() | st.integers(1, 10**6) | st.fractions(1, 10, max_denominator=8))
    content = Fraction(base) / 1000 if base else None
    is_decimal = content is None or content.denominator in (1, 2, 4, 8, 5, 10, 100, 200, 1000)
    return ListedArticle(
        order_number=draw(names),
        name=draw(names),
        gross_minor=gross,
        vat_basis_points=vat,
        net_minor=net,
        second_line=draw(words),
        unit=draw(st.sampled_from(["", "Bund", "Kiste"])),
        case_size=draw(st.integers(1, 10_000)),
        deposit_minor=draw(st.integers(0, 10_000)),
        origin=draw(words),
        maker=draw(words),
        food_information=draw(st.text(max_size=80).map(clean_lines)),
        recommended_minor=draw(st.none() | amounts),
        special_from=draw(st.none() | st.just(date(2026, 1, 1))),
        special_to=draw(st.none() | st.dates(date(2026, 1, 2), date(2030, 1, 1))),
        base_unit="l" if content and is_decimal else "",
        base_factor=1 / content if content and is_decimal else None,
        change=change,
        note=draw(words),
        minimum_units=minimum,
        maximum_units=draw(st.none() | st.integers(minimum, 100_000)),
        is_available=change is not Change.DELISTED and draw(st.booleans()),
        is_deposit=draw(st.booleans()),
        tiers=tuple(map(ListedTier, sorted(tier_units), cheaper)),
    )


@given(st.lists(articles(), min_size=1, max_size=5, unique_by=lambda article: article.order_number))
def test_what_is_written_reads_back_equal(listed):
    again = read(write_csv(listed).encode())

    assert codes(again) == []
    assert list(again.articles) == listed


def test_a_list_cut_off_anywhere_invents_no_article():
    oil = ListedArticle("1", "Öl", 850, 700, Decimal("794.4"), unit="0,75l", note="kalt gepresst")
    content = write_csv([oil, replace(oil, order_number="23", name='"Salz; grob"')]).encode()
    whole = {article.order_number: article for article in read(content).articles}

    for length in range(len(content)):
        for article in read(content[:length]).articles:
            complete = whole[article.order_number]
            assert complete.note.startswith(article.note)
            assert replace(article, note=complete.note) == complete

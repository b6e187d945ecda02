"""Files that are no price list, or too much of one."""

import gzip
import sys
import tracemalloc

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.pricelists import Severity, detect, parse
from services.pricelists.reading import records, split_fields

from .lists import APPLES, BOTTLE, JUICE, bnn, foodsoft, own


def read(content, **options):
    return parse(content, vat_rates={1: 700, 2: 1900}, **options)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b" \r\n\r\n", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"PK\x03\x04 workbook", "wrong-kind"),
        (b"%PDF-1.7\n", "wrong-kind"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "wrong-kind"),
        (gzip.compress(b"BNN;3;0", mtime=0), "wrong-kind"),
        ("order_number;name".encode("utf-16"), "wrong-kind"),
        (b"<!DOCTYPE html><title>Sign in</title>", "wrong-kind"),
        (b"\n <html>", "wrong-kind"),
        (b"BNN;3;0;\x00\n", "wrong-kind"),
        (b"Dear all,\nhere is the list.\n", "not-a-price-list"),
        ("order_number;name;price;vat_percent\n1;Öl;9;7\n".encode("latin-1"), "not-utf8"),
        (own(), "no-articles"),
        (bnn(), "no-articles"),
        (b"BNN;3;0;Biohof", "cut-off"),
        (b"order_number;name;price;vat_percent;note\n1;\xc3\x96l;9;7;k\xc3", "cut-off"),
    ],
)
def test_a_file_that_cannot_be_trusted_is_refused_as_a_whole(content, code):
    listed = read(content)

    [problem] = listed.problems
    assert (problem.code, problem.line_number) == (code, 0)
    assert problem.severity is Severity.FILE_REFUSED
    assert problem.message % problem.facts
    assert listed.is_refused
    assert listed.articles == ()


def test_a_line_of_ten_megabytes_is_refused_fast_and_small():
    content = own("1;Oil;l;9;7;") + b"x" * 10_000_000
    tracemalloc.start()

    listed = read(content)

    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert listed.problems[0].code == "line-too-long"
    assert listed.problems[0].facts == {"line": 3, "kilobytes": 64}
    assert peak_bytes < 1_000_000


def test_a_file_of_more_than_sixteen_megabytes_is_refused():
    assert read(b"a;b\n" * 5_000_000).problems[0].code == "file-too-large"


@pytest.mark.parametrize(
    "content", [b"\n" * 400_002, own(*(f"{i};a;l;1;7;" for i in range(20_001)))]
)
def test_a_list_of_too_many_lines_is_refused(content):
    listed = read(content)

    assert [problem.code for problem in listed.problems] == ["too-many-lines"]
    assert listed.articles == ()


def test_every_line_of_a_quoted_field_is_looked_at_once():
    fields = '""' + ';""' * 400
    lines = [f'{fields};"', *["more"] * 197, '"']
    searches = 0

    def count(_frame, event, called):
        nonlocal searches
        searches += event == "c_call" and called.__name__ in ("find", "startswith")

    sys.setprofile(count)
    try:
        [record] = records(lines, ";", is_ended=True)
    finally:
        sys.setprofile(None)

    assert record.fields == [*[""] * 401, "\n" + "more\n" * 197]
    assert searches < 3 * "".join(lines).count('"') + len(lines)


@pytest.mark.parametrize("line", [";" * 500, '""' + ';""' * 500, '"a\nb"' + ";" * 500])
def test_a_line_of_more_than_five_hundred_fields_is_refused(line):
    [problem] = read(own("1;Oil;l;9;7;", line)).problems

    assert (problem.code, problem.facts) == ("too-many-columns", {"line": 3, "limit": 500})


def test_a_header_of_more_than_five_hundred_columns_is_refused():
    [problem] = read(b"\norder_number;name;price;vat_percent" + b";note" * 497 + b"\n").problems

    assert (problem.code, problem.facts) == ("too-many-columns", {"line": 2, "limit": 500})
    assert len(split_fields(";" * 499, ";")) == 500


def test_five_thousand_articles_are_read_with_progress():
    content = bnn(*(APPLES | {"order_number": str(number)} for number in range(1, 5001)))
    heard = []

    listed = read(content, on_progress=lambda done, total: heard.append((done, total)))

    assert len(listed.articles) == 5000
    assert len(heard) == 26
    assert heard == sorted(heard)
    assert heard[-1] == (5002, 5002)


def test_the_name_of_the_file_is_the_title_of_a_list_that_has_none():
    assert read(own("1;Oil;l;9;7;"), filename="Spring list.csv").title == "Spring list"


FILES = (
    bnn(APPLES, JUICE, BOTTLE),
    own("1;Öl;l;9;7;kalt", '2;"Salz; grob";kg;1,20;7;'),
    foodsoft({"Order number": "1", "Name": "Hirse", "Price (net)": "1.8", "VAT": "7"}),
)


@given(st.binary(max_size=400))
@example(b"\x1c")
def test_no_bytes_at_all_raise(content):
    listed = read(content)

    assert listed.articles or listed.problems
    detect(content)


@given(st.sampled_from(FILES), st.data())
def test_a_damaged_list_never_raises(content, data):
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 40)))
    damage = data.draw(st.binary(max_size=20) | st.sampled_from([b";", b'"', b"\n", b"9" * 300]))

    listed = read(content[:start] + damage + content[end:])

    assert listed.articles or listed.problems
    for problem in listed.problems:
        assert problem.message % problem.facts

"""Catalogues on pages: uploading a list, looking at it, keeping it; what each one may do."""

import re
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pytest
from sqlalchemy import select
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from marketplace import db, jobs
from models.catalogues import Catalogue, CatalogueArticle, CatalogueVersion, VersionState
from services import catalogues
from services.catalogues import Upload, VatRates
from tests import make, make_buying
from tests.counting import counted
from tests.make_catalogues import (
    JUICE,
    OIL,
    RICE,
    bread,
    catalogue,
    csv,
    in_organisation,
    kept,
    many,
    uploaded,
)
from tests.pricelists.lists import APPLES, bnn

RATES = {"vat_reduced": "7", "vat_standard": "19"}


@pytest.fixture
def biohof(session, alice, now):
    return catalogue(session, alice, now=now)


@pytest.fixture
def url(biohof):
    return f"/catalogues/{biohof.id}"


def post(browser, path, form=None):
    """Send a form with the token that every page of this browser has."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/how-it-works").text)
    # Encoded here, because the client would leave a long body in an open temporary file.
    boundary, body = encode_multipart({"csrf_token": token[1], **(form or {})})
    return browser.post(path, data=body, content_type=f"multipart/form-data; boundary={boundary}")


def send(browser, url, content, name="list.csv", **form):
    return post(
        browser, f"{url}/versions", {**RATES, **form, "file": FileStorage(BytesIO(content), name)}
    )


def run_jobs(app, session, now):
    with app.app_context():
        jobs.run_due(at=now)


def test_a_list_goes_from_the_file_to_the_catalogue(app, session, as_alice, url, biohof, now):
    answer = send(as_alice, url, csv(OIL, JUICE.replace("2.40", "cheap"), RICE))
    assert (answer.status_code, answer.location) == (303, f"{url}/versions/1")
    assert "waits for its turn" in as_alice.get(answer.location).text

    run_jobs(app, session, now)
    preview = as_alice.get(answer.location).text
    assert "2 articles were read" in preview
    assert "1 line was left out" in preview
    assert "cheap is no number" in preview
    assert "first list of this catalogue" in preview
    assert "No list yet" in as_alice.get("/catalogues").text

    answer = post(as_alice, f"{url}/versions/1/confirmation")
    assert (answer.status_code, answer.location) == (303, url)
    page = as_alice.get(url).text
    assert "Olive oil" in page
    assert "€9.80" in page
    assert "from 12: €9.20" in page


def test_the_sample_is_a_list_that_can_be_uploaded(app, session, as_alice, url, biohof, now):
    assert 'href="/catalogues/sample.csv"' in as_alice.get(f"{url}/upload").text
    sample = as_alice.get("/catalogues/sample.csv")
    assert sample.mimetype == "text/csv"
    assert "attachment" in sample.headers["Content-Disposition"]

    answer = send(as_alice, url, sample.data)
    run_jobs(app, session, now)

    preview = as_alice.get(answer.location).text
    assert "3 articles were read" in preview
    assert "Lines to look at" not in preview


def test_the_progress_is_a_part_of_a_page_that_ends(session, as_alice, url, biohof, alice, now):
    version = catalogues.upload(
        session, biohof, Upload(csv(OIL), VatRates(700, 1900)), actor=alice, now=now
    )
    catalogues.tell_progress(session, version.id, 200, 5000)
    session.expire(version)

    half = as_alice.get(f"{url}/versions/1/progress")
    assert "200 of 5,000 lines are read." in half.text
    assert "data-done" not in half.text
    assert "<html" not in half.text
    assert 'data-live="' in as_alice.get(f"{url}/versions/1").text

    unread = catalogues.unread(session, version.id)
    catalogues.keep_reading(session, version.id, catalogues.parse(unread), now=now)
    assert "data-done" in as_alice.get(f"{url}/versions/1/progress").text


def test_a_new_list_shows_what_changed(session, as_alice, url, biohof, alice, now):
    kept(session, biohof, csv(OIL, JUICE), actor=alice, now=now)
    uploaded(session, biohof, csv(OIL.replace("9.80", "10.40"), RICE), actor=alice, now=now)

    page = as_alice.get(f"{url}/versions/2?kind=dearer").text

    assert "€9.80" in page
    assert "€10.40" in page
    assert "Apple juice" not in page
    assert "Apple juice" in as_alice.get(f"{url}/versions/2?kind=gone").text


def test_any_two_lists_are_compared(session, as_alice, url, biohof, alice, now):
    for price in ("9.80", "10.40", "9.90"):
        kept(session, biohof, csv(OIL.replace("9.80", price)), actor=alice, now=now)

    page = as_alice.get(f"{url}/changes?from=1&to=3").text

    assert "From list 1 to list 3" in page
    assert "€9.80" in page
    assert "€9.90" in page
    assert "€10.40" in as_alice.get(f"{url}/changes").text
    assert as_alice.get(f"{url}/changes?from=9").status_code == 404


def test_the_second_of_two_tabs_that_keep_a_list_is_told(
    session, as_alice, url, biohof, alice, now
):
    uploaded(session, biohof, csv(OIL), actor=alice, now=now)

    assert post(as_alice, f"{url}/versions/1/confirmation").status_code == 303
    assert post(as_alice, f"{url}/versions/1/confirmation").status_code == 409
    assert post(as_alice, f"{url}/versions/1/removal").status_code == 409


def test_a_second_upload_is_told_that_one_waits(session, as_alice, url, biohof, alice, now):
    uploaded(session, biohof, csv(OIL), actor=alice, now=now)

    answer = send(as_alice, url, csv(JUICE))

    assert answer.status_code == 409
    assert "A list for this catalogue is waiting" in answer.text


def test_what_is_thrown_away_is_nowhere(session, as_alice, url, biohof, alice, now):
    uploaded(session, biohof, csv(OIL), actor=alice, now=now)

    assert post(as_alice, f"{url}/versions/1/removal").status_code == 303

    assert as_alice.get(f"{url}/versions/1").status_code == 404
    assert session.scalar(select(CatalogueArticle)) is None


BAD_FILES = {
    "cut off": (csv(OIL) + b'104;"Oil', "ends in the middle of line 3"),
    "wrong encoding": (csv(OIL.replace("Olive", "Öl")).decode().encode("latin-1"), "not in UTF-8"),
    "missing columns": (b"order_number;name\n1;Oil\n", "These columns are missing: vat_percent"),
    "a line of 10 MB": (csv(OIL) + b"x" * 10 * 1024**2, "longer than 64 KB"),
    "a spreadsheet": (b"PK\x03\x04" + bytes(400), "ZIP/XLSX/ODS"),
    "blank": (b"\n \n", "This file is empty"),
    "no list": (b"Dear sir,\nplease find enclosed\n", "no price list that we can read"),
    "a page": (b"<!doctype html><p>Login", "HTML/XML"),
    "another currency": (
        bnn(APPLES, header="BNN;3;{flag};X;T;L;USD;;;;;1"),
        "This list is in USD, but the catalogue is in EUR",
    ),
    "only faulty lines": (csv(OIL.replace("9.80", "x")), "No line of this list could be read"),
    "too many lines": (csv(*["x"] * 60_001), "more than 60,000 lines"),
}


@pytest.mark.parametrize("bad", BAD_FILES)
def test_a_bad_file_says_why_and_keeps_nothing(app, session, as_alice, url, now, bad):
    content, words = BAD_FILES[bad]

    answer = send(as_alice, url, content)
    run_jobs(app, session, now)

    page = as_alice.get(answer.location)
    assert page.status_code == 200
    assert words in page.text
    assert "Nothing of it was kept" in page.text
    assert "Our own CSV has one line for each article" in page.text
    assert 'href="/catalogues/sample.csv"' in page.text
    assert "A list could not be read" in as_alice.get(url).text
    assert "A list could not be read" in as_alice.get("/catalogues").text
    assert session.scalar(select(CatalogueArticle)) is None
    assert post(as_alice, f"{url}/versions/1/confirmation").status_code == 409
    assert send(as_alice, url, csv(OIL)).status_code == 303


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        (b"", 422, "This one is empty"),
        (b"x" * (16 * 1024**2 + 1), 422, "larger than 16 MB"),
        (b"x" * (18 * 1024**2), 413, "too large"),
    ],
)
def test_an_empty_or_huge_file_is_refused_at_once(session, as_alice, url, content, status, words):
    answer = send(as_alice, url, content)

    assert answer.status_code == status
    assert words in answer.text
    assert session.scalar(select(CatalogueVersion)) is None


@pytest.mark.parametrize("rate", ["", "-1", "101", "seven", "7.123", "1e1", "<b>"])
def test_a_vat_rate_that_is_none_is_refused(session, as_alice, url, rate):
    answer = send(as_alice, url, csv(OIL), vat_reduced=rate)

    assert answer.status_code == 422
    assert "percentage" in answer.text
    assert "<b>" not in answer.text
    assert session.scalar(select(CatalogueVersion)) is None


def test_a_form_without_a_file_says_so(as_alice, url):
    answer = post(as_alice, f"{url}/versions", RATES)

    assert answer.status_code == 422
    assert "choose the file" in answer.text


def test_what_a_list_says_is_shown_and_never_run(session, as_alice, url, biohof, alice, now):
    evil = "105;<script>alert(1)</script>;1;1;1.00;7;;<i>x</i>;;"
    uploaded(session, biohof, csv(evil, OIL.replace("9.80", "<b>1</b>")), actor=alice, now=now)

    page = as_alice.get(f"{url}/versions/1").text

    assert "<script>alert" not in page
    assert "&lt;b&gt;1&lt;/b&gt; is no number" in page


def test_articles_come_in_pages_with_search_and_categories(
    session, as_alice, url, biohof, alice, now
):
    kept(session, biohof, many(120), actor=alice, now=now)

    first = as_alice.get(url).text
    assert first.count("<tr>") == 51
    assert "after=" in first
    assert as_alice.get(f"{url}?q=Article+77").text.count("<tr>") == 2
    assert as_alice.get(f"{url}?category=Shelf+07").text.count("<tr>") == 7
    assert "No article has these words" in as_alice.get(f"{url}?q=%25_").text
    assert as_alice.get(f"{url}?after=rubbish").status_code == 422


def test_the_codes_of_a_price_list_are_words_in_its_catalogue(
    session, as_alice, url, biohof, alice, now
):
    coded = {"origin": "DE", "quality": "C%", "maker": "obb", "unit": "1kg"}
    articles = [APPLES | coded, APPLES | {"order_number": "1003", "category": "Oil"}]
    kept(session, biohof, bnn(*articles), actor=alice, now=now)
    deal = make_buying.group_buy(session, alice, now=now, published=False)
    taking = f"/group-buys/{deal.slug}/draft{url}?category=0301"

    page, draft = (
        re.sub(r"<[^>]*>", " ", as_alice.get(at).text) for at in (f"{url}?category=0301", taking)
    )

    assert "säuerlich · Germany" in page
    for shown in (page, draft):
        assert "Product group 0301" in shown
        assert "1\xa0kg" in shown
        assert not re.search(r"C%|\b(obb|DE|1kg)\b", shown)
    assert "Take all of Product group 0301" in draft


def test_a_draft_counts_the_articles_that_are_there(session, as_alice, biohof, alice, now):
    gone = APPLES | {"order_number": "1003", "change": "X"}
    kept(session, biohof, bnn(APPLES, gone), actor=alice, now=now)
    deal = make_buying.group_buy(session, alice, now=now, published=False)

    page = as_alice.get(f"/group-buys/{deal.slug}/draft/catalogues").text

    assert "1 article<" in page


@pytest.mark.parametrize(("day", "is_over"), [(31, False), (32, True)])
def test_a_list_whose_validity_is_over_says_so(
    session, as_alice, url, biohof, alice, now, day, is_over
):
    deal = make_buying.group_buy(session, alice, now=now, published=False)
    version = uploaded(session, biohof, bnn(APPLES), actor=alice, now=now)
    said = "This list was valid until Saturday, January 31, 2026."

    with db.at(datetime(2026, 1, 1, 12, tzinfo=UTC) + timedelta(days=day - 1)):
        preview = as_alice.get(f"{url}/versions/1").text
        catalogues.keep(session, biohof, version, actor=alice, now=now)
        current = as_alice.get(url).text
        draft = as_alice.get(f"/group-buys/{deal.slug}/draft{url}").text

    for page in (preview, current, draft):
        assert (said in page) is is_over


def test_a_list_whose_validity_is_over_is_not_renewed_by_hand(
    session, as_alice, url, biohof, alice, now
):
    kept(session, biohof, bnn(APPLES), actor=alice, now=now)
    said = "This list was valid until Saturday, January 31, 2026."

    with db.at(datetime(2026, 2, 3, 12, tzinfo=UTC)):
        asked = as_alice.get(f"{url}/articles/new").text
        post(as_alice, f"{url}/articles", {**ARTICLE, "order_number": "900"})
        current = as_alice.get(url).text

    assert "What you type by hand does not renew it." in asked
    assert said in asked
    assert "list 2" in current
    assert said in current


def test_an_older_list_stays_readable(session, as_alice, url, biohof, alice, now):
    kept(session, biohof, csv(OIL), actor=alice, now=now)
    kept(session, biohof, csv(JUICE), actor=alice, now=now)

    page = as_alice.get(f"{url}/versions/1").text

    assert "Olive oil" in page
    assert "This is an older list" in page
    assert "List 1" in as_alice.get(f"{url}/versions").text


def test_a_list_is_downloaded_as_our_own_csv(session, as_alice, url, biohof, alice, now):
    kept(session, biohof, csv(OIL, "106;=1+1;1;1;1.00;7;;;;"), actor=alice, now=now)

    answer = as_alice.get(f"{url}/versions/1/articles.csv")

    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.data.startswith(b"\xef\xbb\xbforder_number;name;")
    assert b"101;Olive oil;;750 ml;6;9.80" in answer.data
    assert b"106;'=1+1;" in answer.data


# Covers and articles


def test_a_catalogue_is_begun_and_renamed(session, as_alice):
    answer = post(as_alice, "/catalogues", {"name": "Mühle", "country": "NL"})
    assert answer.status_code == 303
    made = session.scalars(select(Catalogue)).one()
    assert 'value="9"' in as_alice.get(f"/catalogues/{made.id}/upload").text

    answer = post(as_alice, f"/catalogues/{made.id}", {"name": "Mill", "country": "DE"})
    assert answer.status_code == 303
    assert "Mill" in as_alice.get("/catalogues").text


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"name": "x" * 201, "country": "DE"},
        {"name": "x", "country": "XX"},
        {"name": "x", "country": "DE", "currency": "XYZ"},
    ],
)
def test_a_catalogue_that_cannot_be_is_refused_with_what_was_typed(session, as_alice, form):
    answer = post(as_alice, "/catalogues", form)

    assert answer.status_code == 422
    assert "Please look at this again" in answer.text
    assert session.scalar(select(Catalogue)) is None


ARTICLE = {"name": "Rye bread", "unit": "1 kg", "price": "4,20", "vat": "7", "is_available": "true"}


def test_a_catalogue_is_typed(session, as_alice, url, biohof):
    answer = post(
        as_alice,
        f"{url}/articles",
        {**ARTICLE, "tier_1_from": "10", "tier_1_price": "3.90", "another": "1"},
    )
    assert (answer.status_code, answer.location) == (303, f"{url}/articles/new")

    page = as_alice.get(url).text
    assert "Rye bread" in page
    assert "from 10: €3.90" in page

    article = session.scalars(select(CatalogueArticle)).one()
    form = as_alice.get(f"{url}/articles/{article.id}").text
    assert 'value="4.20"' in form
    assert 'value="3.90"' in form
    answer = post(as_alice, f"{url}/articles/{article.id}", {**ARTICLE, "price": "4.50"})
    assert answer.status_code == 303
    assert "€4.50" in as_alice.get(url).text
    assert post(as_alice, f"{url}/articles/{article.id}/removal").status_code == 303
    assert "No articles" in as_alice.get(url).text


def test_what_food_must_say_is_typed_and_shown(session, as_alice, url):
    post(as_alice, f"{url}/articles", {**ARTICLE, "food_information": "Rye, water\nAllergens: rye"})

    article = session.scalars(select(CatalogueArticle)).one()
    assert "Rye, water\nAllergens: rye" in as_alice.get(url).text
    assert "Rye, water\nAllergens: rye" in as_alice.get(f"{url}/articles/{article.id}").text


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"food_information": "x" * 4001},
        {"unit": "x" * 41},
        {"price": "-1"},
        {"price": "0"},
        {"price": "1,2,3"},
        {"vat": "lots"},
        {"case_size": "0"},
        {"case_size": "1.5"},
        {"deposit": "1 USD"},
        {"content": "0"},
        {"tier_1_from": "10"},
        {"tier_1_price": "1.00"},
        {"tier_1_from": "10", "tier_1_price": "4.20"},
        {"minimum_units": "7", "maximum_units": "6"},
        {"maximum_units": "99999999999"},
        {"name": "\u202eevil"},
    ],
)
def test_an_article_that_cannot_be_is_refused_with_what_was_typed(session, as_alice, url, wrong):
    answer = post(as_alice, f"{url}/articles", {**ARTICLE, **wrong})

    assert answer.status_code == 422
    assert "Please look at this again" in answer.text
    assert session.scalar(select(CatalogueArticle)) is None


def test_emoji_and_arabic_are_words_like_others(session, as_alice, url):
    post(as_alice, f"{url}/articles", {**ARTICLE, "name": "خبز 🍞 <b>"})

    assert "خبز 🍞 &lt;b&gt;" in as_alice.get(url).text


# Who may do what

READING = ["", "/versions", "/versions/1", "/changes", "/versions/1/articles.csv"]
EDITING = ["/edit", "/upload", "/articles/new"]
ACTS = {
    "": {"name": "New", "country": "DE"},
    "/versions": RATES,
    "/versions/2/confirmation": {},
    "/versions/2/removal": {},
    "/articles": ARTICLE,
}


@pytest.fixture
def shared(session, alice, now):
    """The catalogue of a food co-op with a list that is kept and one that waits."""
    coop = make.organisation(session, "Coop", owner=alice, now=now)
    made = catalogue(session, coop, now=now)
    kept(session, made, csv(OIL), actor=coop, now=now)
    uploaded(session, made, csv(JUICE), actor=coop, now=now)
    return coop, f"/catalogues/{made.id}"


@pytest.mark.parametrize(
    ("role", "reads", "edits"),
    [
        ("owner", 200, 200),
        ("manager", 200, 200),
        ("agent", 200, 403),
        ("stranger", 404, 404),
        (None, 303, 303),
    ],
)
def test_who_may_see_what(session, shared, bob, browser_of, client, now, role, reads, edits):
    coop, url = shared
    browser = _browser(session, coop, bob, browser_of, client, now, role)

    assert {browser.get(f"{url}{path}").status_code for path in READING} == {reads}
    assert {browser.get(f"{url}{path}").status_code for path in EDITING} == {edits}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(("role", "refused"), [("agent", 403), ("stranger", 404), (None, 303)])
def test_who_may_not_do_what(session, shared, bob, browser_of, client, now, role, refused, act):
    coop, url = shared
    browser = _browser(session, coop, bob, browser_of, client, now, role)

    answer = post(browser, f"{url}{act}", ACTS[act])

    assert answer.status_code == refused
    if role is None:
        assert "/sign-in" in answer.location
    states = set(session.scalars(select(CatalogueVersion.state)))
    assert states == {VersionState.CURRENT, VersionState.PREVIEW}


@pytest.mark.parametrize("act", ["/versions/2/confirmation", "/versions/2/removal"])
@pytest.mark.parametrize("role", ["owner", "manager"])
def test_who_may_decide(session, shared, bob, browser_of, client, now, role, act):
    coop, url = shared
    browser = _browser(session, coop, bob, browser_of, client, now, role)

    assert post(browser, f"{url}{act}").status_code == 303


def _browser(session, coop, bob, browser_of, client, now, role):
    if role is None:
        return client
    if role == "stranger":
        return browser_of(bob)
    return browser_of(in_organisation(session, coop, bob, role, now=now))


@pytest.mark.parametrize(
    "path",
    ["/catalogues/1234567890123456789012", "/catalogues/999999999999999999", "/catalogues/x"],
)
def test_an_address_that_leads_nowhere_is_not_found(as_alice, path):
    assert as_alice.get(path).status_code == 404


def test_a_list_number_that_leads_nowhere_is_not_found(as_alice, url):
    for number in ("0", "77", "999999999", "99999999999999999999"):
        assert as_alice.get(f"{url}/versions/{number}").status_code == 404


# How much is asked of the database


def test_the_shelf_asks_once_for_all_catalogues(session, as_alice, alice, now):
    for number in range(5):
        made = catalogue(session, alice, name=f"Mill {number}", now=now)
        kept(session, made, csv(OIL), actor=alice, now=now)
    as_alice.get("/catalogues")

    with counted(session) as statements:
        as_alice.get("/catalogues")

    assert len([one for one in statements if "catalogue" in one]) == 1


def test_a_page_of_articles_asks_the_same_however_many_there_are(
    session, as_alice, url, biohof, alice, now
):
    kept(session, biohof, many(60), actor=alice, now=now)
    as_alice.get(url)

    with counted(session) as statements:
        as_alice.get(url)

    # The catalogue, its current list, the one not decided, its categories and a page of articles.
    assert len([one for one in statements if "catalogue" in one]) == 5


def test_a_preview_asks_the_same_however_many_there_are(session, as_alice, url, biohof, alice, now):
    kept(session, biohof, many(60), actor=alice, now=now)
    uploaded(session, biohof, many(80, price="2.70"), actor=alice, now=now)
    as_alice.get(f"{url}/versions/2?kind=dearer")

    with counted(session) as statements:
        as_alice.get(f"{url}/versions/2?kind=dearer")

    # The catalogue, the list, the current one, counts, differences and a page of articles.
    assert len([one for one in statements if "catalogue" in one]) == 6


def test_typed_articles_have_a_page_for_each(session, as_alice, url, biohof, alice, now):
    article = catalogues.add_article(session, biohof, bread(), actor=alice, now=now)
    kept(session, biohof, csv(OIL), actor=alice, now=now)

    answer = as_alice.get(f"{url}/articles/{article.id}")

    assert answer.status_code == 409
    assert "older list" in answer.text

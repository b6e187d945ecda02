"""Pages about the instance: how it works, what programs can do, what search engines may read."""

import re
import secrets
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path
from xml.etree import ElementTree

import pytest
from babel.messages.pofile import read_po
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from marketplace import create_app, filters
from marketplace.config import Settings
from marketplace.site.example import Example
from models.actors import Actor
from models.collaborations import State
from tests.make_discovery import deal

PAGES = ("/", "/group-buys", "/how-it-works", "/api/docs")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_for_strangers_and_members(
    client: FlaskClient, as_alice: FlaskClient, path: str
) -> None:
    for browser in (client, as_alice):
        page = browser.get(path)

        assert page.status_code == 200
        assert page.text.count("<h1") == 1
        assert "style=" not in page.text
        assert "<script>" not in page.text


@pytest.mark.parametrize("path", ["/", "/group-buys", "/how-it-works"])
def test_a_shared_link_shows_what_it_leads_to(client: FlaskClient, path: str) -> None:
    page = client.get(path).text

    assert '<meta property="og:title"' in page
    assert f'<meta property="og:url" content="http://localhost{path}">' in page


def test_how_it_works_answers_what_newcomers_ask(client: FlaskClient) -> None:
    page = client.get("/how-it-works", headers={"Accept-Language": "en"}).text

    for question in ("cost", "failure", "leaving", "payee", "order", "traders"):
        assert f'id="{question}"' in page
    assert "€36.00" in page
    assert "these more than the names of articles" in page
    assert "14 cans to go" in page


def test_the_example_adds_up() -> None:
    example = Example()

    assert example.tiers[1].units <= example.demand < example.tiers[2].units
    assert example.demand + example.missing == example.tiers[2].units
    assert example.worst_in_all.minor == 2 * 4_000 + 300 + 2 * 100


def test_robots_are_told_what_is_public(client: FlaskClient) -> None:
    text = client.get("/robots.txt").text

    assert "Disallow: /settings" in text
    assert "Sitemap: http://localhost/sitemap.xml" in text


def test_the_sitemap_names_every_public_deal(
    client: FlaskClient, session: Session, alice: Actor, now: datetime
) -> None:
    shown = deal(session, alice, "Oil", now=now, slug="oil-&-honey")
    hidden = deal(session, alice, "Draft", now=now, state=State.DRAFT)

    answer = client.get("/sitemap.xml")

    assert answer.mimetype == "application/xml"
    urls = [one.text or "" for one in ElementTree.fromstring(answer.text).iter() if one.text]
    assert any(shown.slug in url for url in urls)
    assert not any(hidden.slug in url for url in urls)


def test_the_api_is_described_for_people(client: FlaskClient) -> None:
    page = client.get("/api/docs", headers={"Accept-Language": "en"}).text

    assert "Many members commit to one offer" in page
    assert "/problems/not-found" in page
    assert "%(" not in page


def test_each_resource_of_the_api_is_described_in_full(client: FlaskClient) -> None:
    overview = client.get("/api/docs").text
    found = re.findall(r'href="(/api/docs/[\w-]+)"', overview)
    pages = {path: client.get(path, headers={"Accept-Language": "en"}).text for path in found}

    assert len(pages) > 20
    assert all("/api/v1/" in page for page in pages.values())
    assert "Needs the scope read." in pages["/api/docs/payments"]
    operations = [
        f"<code>{method.upper()} {path}</code>"
        for path, several in client.get("/api/v1/openapi.json").json["paths"].items()
        for method in several
        if method != "parameters"
    ]
    assert all(any(one in page for page in pages.values()) for one in operations)
    assert client.get("/api/docs/made-up").status_code == 404


@pytest.mark.parametrize("locale", ["de", "nl"])
def test_the_api_is_described_in_the_language_of_the_reader(
    client: FlaskClient, locale: str
) -> None:
    described = client.get("/api/v1/openapi.json").json
    english = [tag["description"] for tag in described["tags"]] + [
        one["summary"]
        for several in described["paths"].values()
        for method, one in several.items()
        if method != "parameters"
    ]
    spoken = {"Accept-Language": locale}
    overview = client.get("/api/docs", headers=spoken).text
    pages = [
        unescape(client.get(path, headers=spoken).text)
        for path in re.findall(r'href="(/api/docs/[\w-]+)"', overview)
    ]

    assert len(english) > 150
    assert [text for text in english if any(text in page for page in [overview, *pages])] == []


def test_the_type_of_a_problem_leads_to_what_it_means(client: FlaskClient) -> None:
    known = client.get("/problems/not-found")

    assert known.location == "/api/docs#problem-not-found"
    assert 'id="problem-not-found"' in client.get("/api/docs").text
    assert client.get("/problems/made-up").status_code == 404


@pytest.fixture
def production(settings: Settings, session: Session) -> Iterator[Flask]:
    app = create_app(
        replace(
            settings,
            allmende_mode="production",
            secret_key=secrets.token_hex(32),
            public_url="https://allmende.example",
            trusted_hosts="localhost",
            mail_url="smtps://mail.allmende.example",
            mail_from="post@allmende.example",
            stripe_secret_key=f"sk_test_{secrets.token_hex(16)}",
            stripe_webhook_secret=f"whsec_{secrets.token_hex(16)}",
        )
    )
    app.extensions["sessions"] = lambda: session
    yield app
    app.extensions["engine"].dispose()


def test_the_style_guide_is_for_the_demo_only(client: FlaskClient, production: Flask) -> None:
    assert client.get("/styleguide").status_code == 200
    assert production.test_client().get("/styleguide").status_code == 404


def choose(browser: FlaskClient, **chosen: str) -> TestResponse:
    """Send the form of the header with the token it carries."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/how-it-works").text)
    assert found is not None
    return browser.post("/preferences", data={"csrf_token": found[1], **chosen})


def test_how_one_reads_is_remembered(as_alice: FlaskClient, alice: Actor) -> None:
    chosen = {"locale": "de", "theme": "dark", "large_print": "on"}

    answer = choose(as_alice, **chosen)
    page = as_alice.get("/how-it-works").text

    assert answer.status_code == 303
    assert 'lang="de"' in page
    assert 'data-theme="dark"' in page
    assert 'data-print="large"' in page
    assert (alice.member.locale, alice.member.theme) == ("de", "dark")


def test_a_preference_that_is_none_changes_nothing(client: FlaskClient) -> None:
    choose(client, locale="xx", theme="pink")

    page = client.get("/how-it-works", headers={"Accept-Language": "nl"}).text

    assert 'lang="nl"' in page
    assert 'data-theme="auto"' in page


def test_drawn_covers_are_the_same_for_everyone_and_cannot_run(client: FlaskClient) -> None:
    first = client.get("/covers/group-buy/olive-oil.svg?title=%3Cscript%3E")
    second = client.get("/covers/group-buy/olive-oil.svg?title=%3Cscript%3E")

    assert first.data == second.data
    assert first.mimetype == "image/svg+xml"
    assert "<script" not in first.text
    assert "immutable" in first.headers["Cache-Control"]


@pytest.mark.parametrize("odd", ["%08", "%0B", "%1F", "%EF%BF%BE", "%ED%A0%80", "%26%3C"])
def test_drawings_are_xml_whatever_they_are_called(client: FlaskClient, odd: str) -> None:
    for path in (f"/avatars/bob.svg?initials={odd}B", f"/covers/group-buy/oil.svg?title={odd}oil"):
        assert ElementTree.fromstring(client.get(path).data).tag.endswith("svg")


@pytest.mark.parametrize(
    ("seconds", "english", "german", "dutch"),
    [
        (-1, "just now", "gerade eben", "zojuist"),
        (-59, "just now", "gerade eben", "zojuist"),
        (0, "now", "jetzt", "nu"),
        (-60, "1 minute ago", "vor 1 Minute", "1 minuut geleden"),
        (-110, "2 minutes ago", "vor 2 Minuten", "2 minuten geleden"),
        (5_400, "in 90 minutes", "in 90 Minuten", "over 90 minuten"),
        (-7_200, "2 hours ago", "vor 2 Stunden", "2 uur geleden"),
        (-172_800, "2 days ago", "vor 2 Tagen", "2 dagen geleden"),
    ],
)
def test_no_time_is_counted_in_seconds(
    app: Flask, seconds: int, english: str, german: str, dutch: str
) -> None:
    for language, words in (("en", english), ("de", german), ("nl", dutch)):
        with app.test_request_context(headers={"Accept-Language": language}):
            assert filters.from_now(timedelta(seconds=seconds)) == words


def test_a_group_buy_has_one_name_on_all_pages(app: Flask) -> None:
    catalogue = Path(app.root_path).parent / "translations" / "de" / "LC_MESSAGES" / "messages.po"
    with catalogue.open("rb") as file:
        said = [str(message.id) for message in read_po(file)]

    # To deal with somebody is another word.
    other = re.compile(r"^deals?$|\b(an?|the|this|runs?|joins?) deals?\b", re.IGNORECASE)
    assert [words for words in said if other.search(words)] == []

"""Somebody who knows nothing of this place looks around, and settles how they read it."""

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Arrive
from tests.journeys.instance import PASSWORD, Instance
from tests.journeys.test_axe import LOOK

OIL = "Olive oil from Crete"


@pytest.fixture(scope="module")
def deal(instance: Instance) -> str:
    organiser = instance.member("Anna", locale="en")
    return instance.open_deal(organiser)


def test_a_stranger_finds_a_deal_and_is_back_on_it_after_signing_in(
    instance: Instance, arrive: Arrive, deal: str
) -> None:
    email = instance.member("Nora", locale="en")
    nora = arrive(on_phone=True)

    nora.go("/")
    nora.page.get_by_role("searchbox").fill("oil")
    nora.press("Search")
    nora.follow(OIL)
    assert nora.path() == deal
    nora.follow("Sign in to join")
    nora.fill("E-mail address", email)
    nora.fill("Password", PASSWORD)
    nora.press("Sign in")

    assert nora.path().split("#")[0] == deal
    expect(nora.button("Look at my order")).to_be_visible()


@pytest.mark.parametrize("with_scripts", [True, False], ids=["scripts", "no-scripts"])
def test_language_light_and_print_are_remembered(arrive: Arrive, with_scripts: bool) -> None:
    reader = arrive(with_scripts=with_scripts)
    root = reader.page.locator("html")
    reader.go("/how-it-works")

    for button in ("Deutsch", "Dark"):
        reader.page.locator("summary", has_text=reader.say("Reading")).click()
        reader.button(button).click()
        expect(root).to_have_attribute("lang", "de")
        reader.locale = "de"
    expect(root).to_have_attribute("data-theme", "dark")
    reader.button("Large print").click()
    expect(reader.button("Normal print")).to_be_visible()
    reader.go("/group-buys")

    assert root.get_attribute("lang") == "de"
    assert root.get_attribute("data-theme") == "dark"
    assert root.get_attribute("data-print") == "large"
    reader.button("Normal print").click()
    expect(reader.button("Large print")).to_be_visible()
    assert root.get_attribute("data-print") is None


def test_what_was_typed_outlives_another_way_to_read(arrive: Arrive) -> None:
    reader = arrive()
    root = reader.page.locator("html")
    reader.go("/sign-up")
    reader.fill("E-mail address", "nora@example.org")
    reader.fill("Password", PASSWORD)
    reader.page.get_by_role("checkbox").first.check()

    reader.button("Large print").click()
    expect(root).to_have_attribute("data-print", "large")
    reader.page.locator("summary", has_text=reader.say("Reading")).click()
    reader.button("Dark").click()
    expect(root).to_have_attribute("data-theme", "dark")
    expect(reader.button("Dark")).to_have_attribute("aria-pressed", "true")
    expect(reader.field("Password")).to_have_value(PASSWORD)
    reader.press("Deutsch")
    reader.locale = "de"

    assert reader.path() == "/sign-up"
    expect(root).to_have_attribute("data-theme", "dark")
    expect(reader.field("E-mail address")).to_have_value("nora@example.org")
    expect(reader.page.get_by_role("checkbox").first).to_be_checked()
    expect(reader.field("Password")).to_have_value("")
    reader.go("/sign-up")
    expect(reader.field("E-mail address")).to_have_value("")


@pytest.mark.parametrize("locale", ["de", "nl"])
def test_long_words_stay_in_their_boxes_in_large_print(arrive: Arrive, locale: str) -> None:
    reader = arrive(locale=locale, on_phone=True)
    reader.page.set_viewport_size({"width": 360, "height": 800})

    reader.go("/sign-up")
    reader.button("Large print").click()
    expect(reader.page.locator("html")).to_have_attribute("data-print", "large")

    assert reader.page.evaluate(LOOK) == []


@pytest.mark.parametrize("locale", ["en", "de", "nl"])
def test_the_ways_stand_in_one_row_on_a_small_desktop(
    instance: Instance, arrive: Arrive, locale: str
) -> None:
    for email in ("", instance.member(f"Nikolaus-{locale}", locale=locale)):
        reader = arrive(email, locale=locale)
        reader.page.set_viewport_size({"width": 1200, "height": 800})
        reader.go("/group-buys")

        ways, side = (reader.page.locator(one).bounding_box() for one in (".nav", ".header__side"))

        assert ways is not None
        assert side is not None
        assert abs(ways["y"] + ways["height"] / 2 - side["y"] - side["height"] / 2) < 5


def test_the_tab_one_is_on_is_in_view(instance: Instance, arrive: Arrive) -> None:
    reader = arrive(instance.member("Tabea", locale="de"), locale="de", on_phone=True)
    reader.page.set_viewport_size({"width": 360, "height": 800})
    reader.go("/commitments")
    reader.button("Large print").click()
    expect(reader.page.locator("html")).to_have_attribute("data-print", "large")

    reader.go("/commitments?which=all")

    expect(reader.page.locator(".tabs [aria-current]")).to_be_in_viewport(ratio=1)
    assert reader.page.evaluate("window.scrollY") == 0


def test_preferences_keep_the_reader_on_the_page(arrive: Arrive, deal: str) -> None:
    reader = arrive(with_scripts=False)
    reader.go(deal)

    reader.press("Large print")

    assert reader.path() == deal


@pytest.mark.parametrize(
    ("path", "title"),
    [("/nothing/here", "Not found"), ("/group-buys/no-such-deal", "Not found")],
)
def test_what_is_not_there_is_said_with_a_way_on(arrive: Arrive, path: str, title: str) -> None:
    lost = arrive()

    answer = lost.page.goto(lost.instance.url + path)

    assert answer is not None
    assert answer.status == 404
    lost.sees_title(title)
    lost.follow("See open group buys")
    assert lost.path() == "/group-buys"


def test_a_member_who_may_not_is_told_so(instance: Instance, arrive: Arrive, deal: str) -> None:
    paul = arrive(instance.member("Paul", locale="en"))

    answer = paul.page.goto(f"{instance.url}{deal}/desk")

    assert answer is not None
    assert answer.status == 403
    paul.sees_title("Not allowed")


def test_a_form_sent_without_its_token_is_refused_kindly(arrive: Arrive) -> None:
    reader = arrive()
    reader.go("/sign-in")

    reader.page.locator("form[action='/sign-in'] [name=csrf_token]").evaluate("one => one.remove()")
    reader.fill("E-mail address", "nobody@example.org")
    reader.fill("Password", "whatever it was")
    reader.press("Sign in")

    reader.sees("To the home page")

"""A circle of one's own, on a phone: founded, filled by a link, talked in, and kept in order."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from models.circles import Circle
from models.participants import Participant
from tests.journeys.conftest import Arrive
from tests.journeys.instance import Instance
from tests.journeys.visitor import Visitor

NAMES = {"de": ("Gudrun", "Heiko"), "nl": ("Geertje", "Henk"), "en": ("Grace", "Harry")}


def found(who: Visitor, name: str) -> str:
    """Found a circle as most would; the address of its page."""
    who.go("/circles")
    who.follow("Found a circle")
    who.fill("What is it called?", name)
    who.press("Found the circle")
    return who.path().removesuffix("/invitations")


def page_of(instance: Instance, email: str) -> str:
    """By which word somebody is called in a thread."""
    name = email.split("@")[0].capitalize()
    query = select(Participant.slug).filter_by(name=name)
    return str(instance.read(lambda session: session.scalar(query)))


@pytest.mark.parametrize(("locale", "with_scripts"), [("de", True), ("nl", True), ("en", False)])
def test_a_circle_is_founded_filled_and_kept_in_order(
    instance: Instance, arrive: Arrive, locale: str, with_scripts: bool
) -> None:
    first, second = (instance.member(name, locale=locale) for name in NAMES[locale])
    steward, neighbour = (
        arrive(email, locale=locale, on_phone=True, with_scripts=with_scripts)
        for email in (first, second)
    )

    # Founded, with a link that brings others in.
    circle = found(steward, f"Kreis {locale}")
    steward.press("Make my link")
    link = steward.page.locator("input[data-select]").input_value()
    neighbour.go(link)
    neighbour.sees("%(name)s invites you", name=NAMES[locale][0])
    neighbour.press("Join the circle")
    neighbour.sees("You belong to it")

    # Talked in, where whoever is called by name is told of it.
    neighbour.fill("Your message", f"@{page_of(instance, first)}: **wann** treffen wir uns?")
    neighbour.press("Send")
    expect(neighbour.page.locator(".message__body strong")).to_have_text("wann")
    instance.work()
    steward.go("/notices")
    called = steward.page.locator("li.list__item", has_text="treffen wir uns?")
    steward.press("Have a look", within=called)
    steward.sees_written("treffen wir uns?")
    steward.unfold("Answer")
    steward.fill("Your answer", "20:00")
    steward.press("Answer")
    steward.sees_badge("Steward")

    # Kept in order: rules that are agreed to, and a message that did not belong.
    steward.go(f"{circle}/rules/new")
    steward.fill("House rules", "Wir hören einander zu.")
    steward.press("Let them hold")
    neighbour.go(circle)
    neighbour.follow("Read them and agree")
    neighbour.press("I agree")
    neighbour.sees("You have agreed to them.")

    neighbour.go(circle)
    neighbour.fill("Your message", "Kauft alle bei mir!")
    neighbour.press("Send")
    steward.go(circle)
    spam = steward.page.locator("li.message", has_text="Kauft alle bei mir!").first
    hide = spam.get_by_role("link", name=re.compile("^" + re.escape(steward.say("Hide"))))
    with steward.page.expect_navigation():
        hide.first.click()
    steward.fill("Why does it not belong here?", "Werbung")
    steward.press("Hide it")
    instance.work()
    neighbour.go("/notices")
    neighbour.sees_written("Werbung")

    # How far they have come, as a picture.
    steward.go(f"{circle}/numbers")
    expect(steward.page.locator("svg[role=img]").first).to_be_visible()

    # Going is as easy as coming.
    neighbour.go(circle)
    neighbour.follow("Leave the circle")
    neighbour.press("Leave the circle")
    slug = circle.rsplit("/", 1)[1]
    count = select(Circle.members_count).filter_by(slug=slug)
    assert instance.read(lambda session: session.scalar(count)) == 1


def test_a_private_circle_is_nowhere_for_others(instance: Instance, arrive: Arrive) -> None:
    steward = arrive(instance.member("Petra", locale="de"), locale="de", on_phone=True)
    steward.go("/circles/new")
    steward.fill("What is it called?", "Stille Post")
    steward.tick("Nobody else knows of it")
    steward.tick("Only who is invited")
    steward.press("Found the circle")
    circle = steward.path().removesuffix("/invitations")
    steward.go(circle)
    steward.sees_title("Stille Post")

    stranger = arrive(locale="de", on_phone=True)
    answer = stranger.page.goto(instance.url + circle)

    assert answer is not None
    assert answer.status == 404
    stranger.go("/circles")
    stranger.sees_not("Stille Post")
    assert "stille" not in circle

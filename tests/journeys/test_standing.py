"""Whoever looks at a group buy hears that it tips, and nothing that does not matter."""

from playwright.sync_api import expect

from tests.journeys.conftest import Arrive
from tests.journeys.instance import Instance
from tests.journeys.test_joining import deal_of, join
from tests.journeys.visitor import Visitor

# Longer than an open page waits before it asks again.
A_WHILE_MS = 30_000


def wait_a_while(who: Visitor) -> None:
    """Let time pass in this browser, where pages ask again by its clock."""
    who.page.clock.fast_forward(A_WHILE_MS)


def now_ordered(who: Visitor, words: str) -> None:
    """Wait until the standing of the open page says this."""
    wait_a_while(who)
    expect(who.page.locator("[data-live]")).to_contain_text(words)


def test_tipping_is_announced_on_a_page_that_stays_open(instance: Instance, arrive: Arrive) -> None:
    deal = deal_of(instance, "Otis")
    others = [arrive(instance.member(name, locale="en")) for name in ("Bodo", "Cleo", "Dora")]
    watching = arrive(on_phone=True)
    watching.page.clock.install()
    watching.go(deal)
    watching.page.evaluate("window.stayed = true")
    said = watching.page.get_by_role("status")
    expect(said).to_be_attached()
    watching.sees_badge("Open")

    join(others[0], deal, 4)
    now_ordered(watching, "1 more unit and it happens.")
    expect(said).to_be_empty()

    join(others[1], deal, 3)
    wait_a_while(watching)
    expect(said).to_have_text("If it closed now, it would happen.")
    watching.sees_badge("It happens")
    watching.sees_no_badge("Open")

    join(others[2], deal, 20)
    wait_a_while(watching)
    expect(said).to_have_text("Olive oil: €36.00 now.")

    others[1].go(deal)
    others[1].follow("Leave")
    others[1].press("Leave")
    now_ordered(watching, "24 units ordered")
    expect(said).to_have_text("Olive oil: €36.00 now.")
    assert watching.page.evaluate("window.stayed")

"""Joining is meant once, however the button is pressed; leaving is as easy as joining."""

import re

from playwright.sync_api import expect
from sqlalchemy import func, select

from models.buying import GroupBuyCommitment
from models.collaborations import Collaboration
from tests.journeys.conftest import Arrive
from tests.journeys.instance import Instance
from tests.journeys.visitor import GOOD, Visitor
from tests.make_buying import olive_oil


def fill_order(who: Visitor, units: int, payment: str = "When I fetch it") -> None:
    who.fill("How many?", str(units))
    who.tick("Alice's garage")
    who.tick(payment)
    who.press("Look at my order")


def join(who: Visitor, deal: str, units: int, payment: str = "When I fetch it") -> None:
    who.go(deal)
    fill_order(who, units, payment)
    who.press("Order with obligation to pay")
    who.instance.work()


def orders(instance: Instance, deal: str) -> int:
    """How many commitments to this deal there are."""
    return instance.read(
        lambda session: session.scalar(
            select(func.count())
            .select_from(GroupBuyCommitment)
            .join(Collaboration, Collaboration.id == GroupBuyCommitment.collaboration_id)
            .where(Collaboration.slug == deal.rsplit("/", 1)[1])
        )
    )


def deal_of(instance: Instance, name: str, **terms: object) -> str:
    return instance.open_deal(instance.member(name, locale="en"), **terms)


def test_an_order_is_changed_and_taken_back(instance: Instance, arrive: Arrive) -> None:
    deal = deal_of(instance, "Otto")
    bob = arrive(instance.member("Bob", locale="en"))
    join(bob, deal, 3)
    bob.sees_badge("You are in")

    bob.go(deal)
    bob.follow("Change my order")
    bob.fill("How many?", "7")
    bob.press("Look at my order")
    bob.press("Order with obligation to pay")
    bob.go(deal)
    bob.sees_many("%(num)s unit", "%(num)s units", 7)
    bob.sees_badge("It happens")

    bob.follow("Leave")
    bob.press("Leave")
    instance.work()
    bob.go(deal)
    bob.sees_badge("You left")
    bob.sees_no_badge("It happens")
    join(bob, deal, 2)
    bob.go(deal)
    bob.sees_badge("You are in")


def test_who_comes_too_late_waits_and_moves_up(instance: Instance, arrive: Arrive) -> None:
    few = [olive_oil(maximum_units=6)]
    deal = deal_of(instance, "Olga", articles=few)
    first = arrive(instance.member("Ada", locale="en"))
    second = arrive(instance.member("Ben", locale="en"), on_phone=True)
    join(first, deal, 6)

    second.go(deal)
    fill_order(second, 2)
    second.tick("Put me on the waiting list if there is not enough")
    second.press("Look at my order")
    second.sees("This goes on the waiting list")
    second.press("Order with obligation to pay")
    instance.work()
    second.go(deal)
    second.sees_badge("On the waiting list")

    first.go(deal)
    first.follow("Leave")
    first.press("Leave")
    instance.work()
    second.go(deal)
    second.sees_badge("You are in")


def test_two_tabs_make_one_order(instance: Instance, arrive: Arrive) -> None:
    deal = deal_of(instance, "Oleg")
    bob = arrive(instance.member("Bert", locale="en"))
    first, second = bob.page, bob.new_page()
    for tab, units in ((first, 2), (second, 4)):
        bob.page = tab
        bob.go(deal)
        fill_order(bob, units)

    for tab in (first, second):
        bob.page = tab
        bob.press("Order with obligation to pay")

    bob.sees("You have joined already. Change your commitment instead.")
    assert orders(instance, deal) == 1
    bob.go(deal)
    bob.sees_many("%(num)s unit", "%(num)s units", 2)


def test_a_double_click_orders_once(instance: Instance, arrive: Arrive) -> None:
    deal = deal_of(instance, "Olaf")
    for name, with_scripts in (("Dina", True), ("Dino", False)):
        who = arrive(instance.member(name, locale="en"), with_scripts=with_scripts)
        who.go(deal)
        fill_order(who, 1)
        who.button("Order with obligation to pay").dblclick()
        # Without scripts the second click breaks off the answer to the first, and asks again.
        expect(who.page).to_have_url(re.compile(r"#mine$"))
        who.page.wait_for_load_state()
        who.go(deal)
        who.sees_badge("You are in")

    assert orders(instance, deal) == 2


def test_the_same_form_sent_again_orders_nothing_more(instance: Instance, arrive: Arrive) -> None:
    """As after the back button: the page is the one that was sent before."""
    deal = deal_of(instance, "Omar")
    bob = arrive(instance.member("Bill", locale="en"))
    bob.go(deal)
    fill_order(bob, 3)
    form = bob.page.locator("form.panel--act")
    address = instance.url + str(form.get_attribute("action"))
    fields = form.evaluate("form => Object.fromEntries(new FormData(form))")
    bob.press("Order with obligation to pay")
    where = bob.page.url

    again = bob.context.request.post(address, form=fields, max_redirects=0)

    assert again.status == 303
    assert where.endswith(again.headers["location"])
    bob.go(deal)
    bob.sees_badge("You are in")
    assert orders(instance, deal) == 1


def test_who_goes_back_after_joining_is_told_where_they_stand(
    instance: Instance, arrive: Arrive
) -> None:
    deal = deal_of(instance, "Onno")
    bob = arrive(instance.member("Benno", locale="en"))
    join(bob, deal, 3)

    bob.go(f"{deal}/order")

    bob.sees_title("Change my order")
    assert orders(instance, deal) == 1


def test_a_saved_card_pays_for_the_next_order(instance: Instance, arrive: Arrive) -> None:
    one, other = deal_of(instance, "Oda"), deal_of(instance, "Oona", title="More olive oil")
    bob = arrive(instance.member("Bea", locale="en"), on_phone=True)
    join(bob, one, 1, "By card")
    bob.press("Agree and go on to the card")
    bob.give_card(GOOD)

    join(bob, other, 1, "By card")
    bob.press("Agree and use the card ending in %(last4)s", last4="4242")

    bob.sees_badge("Card ready")
    bob.go("/settings/cards")
    bob.sees_written("4242")

"""The whole way of a group buy: a shared wish, a price list, three neighbours, settled accounts.

Alma opens it. Bruno pays by card, Cem when he fetches his goods, Dora with a card that is
declined when it is charged. Two kilos fewer come than were ordered.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from models.buying import GroupBuy
from tests.journeys.conftest import Arrive
from tests.journeys.instance import PASSWORD, Instance
from tests.journeys.visitor import DECLINED_LATER, GOOD, Visitor
from tests.pricelists.lists import APPLES, BOTTLE, JUICE, bnn

TITLE = "Apples and juice for our street"
NAMES = ("Bruno", "Cem", "Dora")
# With VAT, and with the deposit of its bottle, in cents.
APPLE = 150
JUICE_AND_BOTTLE = 250 + 15
HERE = ZoneInfo("Europe/Berlin")


@dataclass
class Street:
    """Who takes part in one journey, and the deal once it is there."""

    instance: Instance
    alma: Visitor
    bruno: Visitor
    cem: Visitor
    dora: Visitor
    slug: str = ""

    @property
    def deal(self) -> str:
        return f"/group-buys/{self.slug}"

    @property
    def everyone(self) -> tuple[Visitor, ...]:
        return self.alma, self.bruno, self.cem, self.dora

    def days(self, count: int, hour: int) -> datetime:
        """So many days from now, at a full hour, as it is written in this town."""
        day = self.instance.clock.now().astimezone(HERE) + timedelta(days=count)
        return day.replace(hour=hour, minute=0, second=0, microsecond=0)


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("locale", "on_phone", "with_scripts"),
    [("de", True, True), ("en", False, False)],
    ids=["german-on-a-phone", "english-without-scripts"],
)
def test_a_group_buy_goes_from_the_first_wish_to_the_settled_account(
    instance: Instance,
    arrive: Arrive,
    tmp_path: Path,
    locale: str,
    on_phone: bool,
    with_scripts: bool,
) -> None:
    def come(email: str = "") -> Visitor:
        return arrive(email, locale=locale, on_phone=on_phone, with_scripts=with_scripts)

    street = Street(instance, come(), *(come(at) for at in neighbours(instance, locale)))

    sign_up(street, f"alma.{locale}@example.org")
    upload_price_list(street, tmp_path)
    open_group_buy(street)
    join_and_tip(street)
    close_and_repair_a_card(street)
    order_and_count(street)
    pack_and_hand_over(street)
    complete_and_settle(street)

    assert instance.pots() == [0] * len(instance.pots())


def neighbours(instance: Instance, locale: str) -> list[str]:
    return [instance.member(f"{name}.{locale}", locale=locale) for name in NAMES]


def sign_up(street: Street, email: str) -> None:
    alma = street.alma
    alma.go("/")
    alma.follow("Join us")
    alma.fill("Your name", "Alma Petersen")
    alma.fill("E-mail address", email)
    alma.fill("Password", PASSWORD)
    alma.tick("I agree to the terms of use")
    alma.press("Sign up")
    alma.sees_title("Look into your mailbox")
    street.instance.work()
    [mail] = street.instance.mails_to(email)
    [link] = re.findall(r"http://localhost\S+/confirm/\S+", mail)
    alma.go(link)
    alma.press("Yes, this is my address")
    alma.sign_in(email)
    alma.sees_title("What do you need?")


def upload_price_list(street: Street, folder: Path) -> None:
    alma = street.alma
    alma.choose_in_menu("Catalogues")
    alma.follow("Begin a catalogue")
    alma.fill("Whose articles are these?", "Biohof Elbe")
    alma.press("Begin the catalogue")
    alma.follow("Upload a price list")
    file = folder / "biohof.bnn"
    file.write_bytes(bnn(APPLES, JUICE, BOTTLE))
    alma.attach("The list", file)
    alma.press("Upload and look at it")
    alma.sees_title("The list is being read")
    street.instance.work()
    if not alma.with_scripts:
        # The page asks for itself anew in <noscript>, which a driven browser does not read.
        alma.page.reload()
    alma.sees_title("Look at the list")
    alma.sees_written("Äpfel Boskoop")
    alma.press("Keep this list")
    alma.sees_title("Biohof Elbe")


def open_group_buy(street: Street) -> None:
    alma = street.alma
    alma.choose_in_menu("What I organise")
    alma.follow("Open a group buy")
    alma.fill("What do you want to buy together?", TITLE)
    alma.fill("Where?", "Bremerhaven")
    alma.fill_moment("Until when can people join?", street.days(10, 18))
    alma.press("Save and go on")
    alma.follow("Take articles from a catalogue instead")
    alma.follow("Biohof Elbe")
    alma.press("Take the whole list")
    alma.follow("Go on to pick-up")
    alma.fill("Name of the place", "Almas Garage")
    alma.fill("Address", "Hafenstraße 1")
    alma.fill_moment("From", street.days(14, 17))
    alma.fill_moment("Until", street.days(14, 19))
    alma.press("Save the pick-up point")
    alma.follow("Go on to paying and rules")
    alma.tick("By card")
    alma.tick("When they fetch their goods")
    alma.fill("Smallest order value of the supplier, without VAT", "30")
    alma.press("Save and review")
    alma.sees("Everything is there")
    alma.press("Open this group buy")
    street.slug = re.findall(r"/group-buys/([^/?#]+)", alma.page.url)[0]
    street.instance.work()


def join_and_tip(street: Street) -> None:
    """Smallest order 30.00; one case of apples is 16.80 without VAT, one of juice 25.20."""
    order(street, street.bruno, {"Äpfel Boskoop": 12}, "By card")
    street.bruno.press("Agree and go on to the card")
    street.bruno.give_card(GOOD)
    street.bruno.sees_badge("Card ready")
    street.bruno.go(street.deal)
    street.bruno.sees_no_badge("It happens")

    order(street, street.cem, {"Äpfel Boskoop": 12, "Möhrensaft": 12}, "When I fetch it")
    street.cem.go(street.deal)
    street.cem.sees_badge("It happens")

    order(street, street.dora, {"Äpfel Boskoop": 12}, "By card")
    street.dora.press("Agree and go on to the card")
    street.dora.give_card(DECLINED_LATER)
    street.dora.sees_badge("Card ready")
    street.instance.work()


def order(street: Street, who: Visitor, units: dict[str, int], payment: str) -> None:
    who.go(street.deal)
    who.follow("Choose articles")
    for article, count in units.items():
        who.fill("How many of %(name)s?", str(count), name=article)
    who.press("Look at my order")
    who.tick("Almas Garage")
    who.tick(payment)
    who.press("Look at my order")
    who.sees_title("Look at your order")
    who.press("Order with obligation to pay")
    street.instance.work()


def close_and_repair_a_card(street: Street) -> None:
    closes_at = street.instance.read(
        lambda session: (
            session.scalars(select(GroupBuy).filter_by(slug=street.slug)).one().closes_at
        )
    )
    street.instance.wait_until(closes_at + timedelta(minutes=1))
    street.bruno.go(street.deal)
    street.bruno.sees_badge("Collecting payments")
    street.bruno.follow("See the payment")
    street.bruno.sees("%(amount)s are paid. Thank you.", amount=street.bruno.euros(12 * APPLE))

    street.dora.go("/commitments")
    street.dora.follow(TITLE)
    street.dora.sees_badge("Card declined")
    street.dora.follow("See the payment")
    street.dora.press("Pay %(amount)s now", amount=street.dora.euros(12 * APPLE))
    street.dora.give_card(GOOD)
    street.dora.sees("%(amount)s are paid. Thank you.", amount=street.dora.euros(12 * APPLE))


def order_and_count(street: Street) -> None:
    alma, dora = street.alma, street.dora
    alma.go(f"{street.deal}/desk")
    alma.follow("See the order")
    alma.press("I have sent the order")
    alma.go(f"{street.deal}/desk")
    alma.follow("Count the delivery")
    alma.fill("%(name)s, %(unit)s", "32", name="Äpfel Boskoop", unit="500\N{NO-BREAK SPACE}g")
    alma.press("See what this means")
    alma.sees("What this count means")
    alma.press("This is right: share it out")
    street.instance.work()

    dora.go(street.deal)
    dora.sees("of %(units)s decided", units="12")
    dora.follow("See the payment")
    dora.sees("Back to you")
    dora.sees_written(dora.euros(4 * APPLE))


def pack_and_hand_over(street: Street) -> None:
    alma, cem = street.alma, street.cem
    alma.go(f"{street.deal}/desk/packing")
    lines = alma.main.locator("button", has_text=alma.say("Tick as packed"))
    expect(lines).not_to_have_count(0)
    while left := lines.count():
        with alma.page.expect_navigation():
            lines.first.click()
        expect(lines).to_have_count(left - 1)
    alma.press("Tell everyone and begin the hand-over")
    street.instance.work()
    alma.go(f"{street.deal}/desk/hand-over")
    due = 12 * APPLE + 12 * (JUICE_AND_BOTTLE)
    alma.press("Fetched, and %(amount)s received", amount=alma.euros(due))
    for left in (1, 0):
        alma.press("Fetched")
        expect(alma.button("Fetched")).to_have_count(left)

    cem.go(street.deal)
    cem.follow("See the payment")
    words = "%(name)s says that %(amount)s have come. Is that right?"
    cem.sees(words, name="Alma Petersen", amount=cem.euros(due))
    cem.press("Yes, I have paid")
    cem.sees("%(amount)s are paid. Thank you.", amount=cem.euros(due))
    street.instance.work()


def complete_and_settle(street: Street) -> None:
    alma = street.alma
    alma.go(f"{street.deal}/desk/completion")
    alma.press("Complete the group buy")
    alma.press("Close the accounts")
    street.instance.work()
    for one in street.everyone:
        one.go(f"{street.deal}/accounts")
        one.sees_written(one.euros(32 * APPLE + 12 * JUICE_AND_BOTTLE))
    street.bruno.go(street.deal)
    street.bruno.sees_badge("Settled")

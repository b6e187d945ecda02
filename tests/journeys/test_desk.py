"""The organiser's desk: whoever takes part sees what is done there."""

import pytest

from tests.journeys.conftest import Arrive
from tests.journeys.instance import Instance
from tests.journeys.test_joining import deal_of, join

OIL = "Olive oil from Crete"


def test_an_order_is_taken_for_someone_without_mail(instance: Instance, arrive: Arrive) -> None:
    deal = deal_of(instance, "Edda")
    edda = arrive("edda@example.org", on_phone=True)

    edda.go(f"{deal}/desk")
    edda.follow("Take an order for someone without e-mail")
    edda.fill("Name", "Ilse Brandt")
    edda.fill("How you reach them", "0471 12345")
    edda.fill(
        "%(name)s, %(unit)s, %(price)s",
        "5",
        name="Olive oil",
        unit="5 l can",
        price=edda.euros(4000),
    )
    edda.press("Take the order with obligation to pay")

    edda.go(f"{deal}/desk/people")
    edda.sees_written("Ilse Brandt")
    edda.follow("Change the order of %(name)s", name="Ilse Brandt")
    edda.unfold("Take the order back")
    edda.press("Take it back")
    edda.go(f"{deal}/desk/people")
    edda.sees_not("Ilse Brandt")


def test_two_run_a_deal_together(instance: Instance, arrive: Arrive) -> None:
    deal = deal_of(instance, "Egon")
    egon = arrive("egon@example.org")
    frida = arrive(instance.member("Frida", locale="en"))

    egon.go(f"{deal}/desk/people")
    egon.fill("Let someone run this with you: their e-mail address", "frida@example.org")
    egon.press("Ask them")
    egon.sees("Asked, no answer yet")
    instance.work()

    frida.go("/notices")
    frida.press("Have a look")
    frida.press("Run it too")
    frida.sees("What needs you now")
    frida.choose_in_menu("What I organise")
    frida.follow(OIL)
    frida.sees("What needs you now")


@pytest.mark.parametrize("with_scripts", [True, False], ids=["scripts", "no-scripts"])
def test_all_who_joined_read_a_message(
    instance: Instance, arrive: Arrive, with_scripts: bool
) -> None:
    name = f"Emma{with_scripts:d}"
    deal = deal_of(instance, name)
    emma = arrive(f"{name.lower()}@example.org", with_scripts=with_scripts)
    email = instance.member(f"Fritz{with_scripts:d}", locale="en")
    fritz = arrive(email, with_scripts=with_scripts)
    join(fritz, deal, 2)

    emma.go(f"{deal}/desk")
    emma.follow("Write to all who joined")
    emma.fill("Your message", "Please bring empty cans.")
    emma.press("Send")
    instance.work()

    fritz.go("/notices")
    fritz.sees_written("Please bring empty cans.")
    assert any("Please bring empty cans." in mail for mail in instance.mails_to(email))
    fritz.go(deal)
    fritz.sees_written("Please bring empty cans.")
    stranger = arrive(with_scripts=with_scripts)
    stranger.go(deal)
    stranger.sees_not("Please bring empty cans.")


def test_a_deal_is_copied(instance: Instance, arrive: Arrive) -> None:
    deal = deal_of(instance, "Ernst")
    ernst = arrive("ernst@example.org")

    ernst.go(f"{deal}/desk")
    ernst.press("Copy this group buy")

    ernst.sees("Here is your copy. Check the dates, then go on.")
    ernst.press("Save and go on")
    ernst.sees_written("Olive oil")


def test_a_cancelled_deal_tells_why(instance: Instance, arrive: Arrive) -> None:
    deal = deal_of(instance, "Erika")
    erika = arrive("erika@example.org")
    email = instance.member("Felix", locale="en")
    felix = arrive(email, on_phone=True)
    join(felix, deal, 2)

    erika.go(f"{deal}/desk")
    erika.follow("Call it off")
    erika.press("Call it off")
    erika.sees("Please look at this again")
    erika.fill("Why?", "The press has broken down.")
    erika.press("Call it off")
    instance.work()

    felix.go(deal)
    felix.sees_badge("Called off")
    felix.follow("What happened so far")
    felix.sees_written("The press has broken down.")
    felix.go("/commitments?which=over")
    felix.sees_written(OIL)
    assert any("The press has broken down." in mail for mail in instance.mails_to(email))

"""Those who look after the place: a moderator decides on reports, an operator on texts."""

from tests.journeys.conftest import Arrive
from tests.journeys.instance import Instance
from tests.journeys.test_joining import deal_of

OIL = "Olive oil from Crete"


def test_a_report_is_taken_up_and_decided_with_reasons(instance: Instance, arrive: Arrive) -> None:
    deal = deal_of(instance, "Greta")
    email = instance.member("Mona", locale="en", roles=("moderator",))
    reporter = instance.member("Hugo", locale="en")
    hugo, mona = arrive(reporter, on_phone=True), arrive(email)

    hugo.go(deal)
    hugo.follow("Report this")
    hugo.page.get_by_role("radio").first.check()
    hugo.fill("Why do you think so?", "This oil is not from Crete.")
    hugo.press("Send the report")
    instance.work()

    mona.choose_in_menu("Moderation")
    mona.main.get_by_role("link", name=OIL).click()
    mona.sees_written("This oil is not from Crete.")
    mona.press("I look after this")
    mona.page.get_by_role("radio").last.check()
    mona.fill("Statement of reasons", "The label says Crete; nothing was wrong.")
    mona.press("Decide")
    mona.sees_written("The label says Crete; nothing was wrong.")
    instance.work()

    hugo.go("/notices")
    hugo.press("Have a look")
    hugo.sees_written("The label says Crete; nothing was wrong.")
    stranger = arrive()
    stranger.go("/moderation/log")
    stranger.sees_not("Nothing was decided yet")
    stranger.sees_not("Hugo")


def test_an_operator_publishes_the_imprint(instance: Instance, arrive: Arrive) -> None:
    oscar = arrive(instance.member("Oscar", locale="en", roles=("operator",)))

    oscar.choose_in_menu("Operator's page")
    oscar.sees("Legal texts are missing")
    oscar.press("Check now")
    oscar.sees("sound")
    oscar.page.locator("#legal").get_by_role("link", name="English").first.click()
    oscar.fill("Text", "## Who runs this\n\nOscar, Deichweg 1")
    oscar.press("Preview")
    oscar.sees("Preview: not published yet")
    oscar.press("Publish")

    stranger = arrive()
    stranger.go("/")
    stranger.follow("Imprint")
    stranger.sees_written("Oscar, Deichweg 1")


def test_the_pages_of_the_keepers_are_closed_to_others(instance: Instance, arrive: Arrive) -> None:
    ida = arrive(instance.member("Ida", locale="en"))

    for path in ("/moderation", "/operator"):
        answer = ida.page.goto(instance.url + path)
        assert answer is not None
        assert answer.status == 403

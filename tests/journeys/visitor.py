"""Somebody at a browser: they look for what is written on the page, in their own language."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from flask_babel import force_locale, gettext, ngettext
from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page, Response, expect

from marketplace.filters import money
from models.money import Money
from tests.journeys.instance import PASSWORD, Instance

PHONE = {"width": 390, "height": 844}
expect.set_options(timeout=20_000)
DESKTOP = {"width": 1280, "height": 900}
GOOD, DECLINED_LATER = "4242 4242 4242 4242", "4000 0000 0000 0341"


class Visitor:
    """One person with one browser; errors of their pages are kept in `faults`."""

    def __init__(
        self, instance: Instance, context: BrowserContext, locale: str, *, with_scripts: bool = True
    ) -> None:
        self.instance = instance
        self.context = context
        self.locale = locale
        self.with_scripts = with_scripts
        self.faults: list[str] = []
        self.page = self.new_page()

    def new_page(self) -> Page:
        """A further tab."""
        page = self.context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.faults.append(f"{page.url}: {error}"))
        page.on("response", self._response)
        return page

    def _console(self, message: ConsoleMessage) -> None:
        # A refused form is a page with an error status, which the browser remarks upon.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.faults.append(f"{message.location.get('url')}: {message.text}")

    def _response(self, response: Response) -> None:
        if response.status >= 400 and response.request.resource_type != "document":
            self.faults.append(f"{response.status} {response.url}")

    # Words

    def say(self, text: str, /, **facts: Any) -> str:
        """What stands on the page for this text of ours."""
        return self._in_language(lambda: gettext(text, **facts))

    def say_many(self, one: str, many: str, num: int, **facts: Any) -> str:
        return self._in_language(lambda: ngettext(one, many, num, **facts))

    def euros(self, minor: int) -> str:
        return self._in_language(lambda: money(Money(minor, "EUR")))

    def _in_language(self, speak: Callable[[], str]) -> str:
        with self.instance.app.test_request_context(), force_locale(self.locale):
            return str(speak())

    # Doing

    def go(self, path: str) -> None:
        answer = self.page.goto(self.instance.url + path if path.startswith("/") else path)
        if answer is None:
            # An address that differs from the open page's only after the # loads nothing.
            answer = self.page.reload()
        assert answer is not None
        assert answer.status == 200, f"{answer.status} {path}"

    def press(self, text: str, /, within: Locator | None = None, **facts: Any) -> None:
        """Press the button of these words; the page that answers has come when this returns."""
        with self.page.expect_navigation():
            self.button(text, within, **facts).first.click()

    def button(self, text: str, /, within: Locator | None = None, **facts: Any) -> Locator:
        return (within or self.main).get_by_role("button", name=self.say(text, **facts), exact=True)

    def follow(self, text: str, /, within: Locator | None = None, **facts: Any) -> None:
        with self.page.expect_navigation():
            self.link(text, within, **facts).click()

    def link(self, text: str, /, within: Locator | None = None, **facts: Any) -> Locator:
        name = self.say(text, **facts)
        return (within or self.main).get_by_role("link", name=name, exact=True).first

    def choose_in_menu(self, text: str) -> None:
        """Open the menu of one's own name and follow a link in it."""
        menu = self.page.locator("details.menu").first
        menu.locator("summary").click()
        self.follow(text, within=menu)

    def unfold(self, text: str, /) -> None:
        self.main.locator("summary", has_text=self.say(text)).first.click()

    def field(self, label: str, /, within: Locator | None = None, **facts: Any) -> Locator:
        """The field of this label, be it optional or not."""
        words = re.escape(self.say(label, **facts))
        optional = re.escape(self.say("(optional)"))
        return (within or self.main).get_by_label(re.compile(rf"^\s*{words}(\s+{optional})?\s*$"))

    def fill(self, label: str, text: str, /, within: Locator | None = None, **facts: Any) -> None:
        self.field(label, within, **facts).fill(text)

    def fill_moment(self, label: str, moment: datetime) -> None:
        self.fill(label, moment.strftime("%Y-%m-%dT%H:%M"))

    def tick(self, text: str, /, **facts: Any) -> None:
        """Tick a box or choose one of several answers, by the words it begins with."""
        begins = re.compile(r"^\s*" + re.escape(self.say(text, **facts)))
        self.page.locator("label", has_text=begins).first.locator("input").check()

    def attach(self, label: str, file: Path) -> None:
        self.field(label).set_input_files(file)

    # Seeing

    @property
    def main(self) -> Locator:
        return self.page.locator("body")

    def sees(self, text: str, /, **facts: Any) -> None:
        expect(self.main).to_contain_text(self.say(text, **facts))

    def sees_many(self, one: str, many: str, num: int, **facts: Any) -> None:
        expect(self.main).to_contain_text(self.say_many(one, many, num, **facts))

    def sees_not(self, text: str, /, **facts: Any) -> None:
        expect(self.main).not_to_contain_text(self.say(text, **facts))

    def sees_badge(self, text: str) -> None:
        expect(self.badge(text).first).to_be_visible()

    def sees_no_badge(self, text: str) -> None:
        expect(self.badge(text)).to_have_count(0)

    def badge(self, text: str) -> Locator:
        exactly = re.compile(rf"^\s*{re.escape(self.say(text))}\s*$")
        return self.page.locator(".badge", has_text=exactly)

    def sees_title(self, text: str, /, **facts: Any) -> None:
        name = self.say(text, **facts)
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(name)

    def sees_written(self, words: str) -> None:
        """What somebody typed, in whatever language that was."""
        expect(self.main).to_contain_text(words)

    # Whole acts

    def sign_in(self, email: str) -> None:
        self.go("/sign-in")
        self.fill("E-mail address", email)
        self.fill("Password", PASSWORD)
        self.press("Sign in", within=self.page.locator("form[action='/sign-in']"))

    def give_card(self, number: str) -> None:
        """Pick one of the test cards on the hosted page, and come back."""
        with self.page.expect_navigation(url=self.instance.url + "/payments/**"):
            self.page.get_by_role("button", name=re.compile("^" + number)).click()
        self.instance.work()

    def path(self) -> str:
        return self.page.url.removeprefix(self.instance.url)

"""One browser, and an instance for each module of journeys."""

import os
import shutil
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import Engine, text

from tests.conftest import COPIED, drop, url_of
from tests.journeys.instance import Instance
from tests.journeys.visitor import DESKTOP, PHONE, Visitor

Arrive = Callable[..., Visitor]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(__file__.rsplit("/", 1)[0]):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    # Of the package and no longer: Playwright's loop is one that other tests must not meet.
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None:
        pytest.fail("The journeys need a Chromium: name one with CHROMIUM=/path/to/chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def instance(
    server: Engine, template: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Instance]:
    name = f"{template}_{os.urandom(4).hex()}"
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} {COPIED} {template}"))
    made = Instance(url_of(name), tmp_path_factory.mktemp("instance"))
    made.settle_in()
    made.begin()
    yield made
    made.end()
    with server.connect() as connection:
        drop(connection, name)


@pytest.fixture
def arrive(browser: Browser, instance: Instance) -> Iterator[Arrive]:
    """Let somebody come with a browser of their own; at the end, no page of theirs had a fault."""
    came: list[Visitor] = []

    def come(
        email: str = "", *, locale: str = "en", on_phone: bool = False, with_scripts: bool = True
    ) -> Visitor:
        context = browser.new_context(
            locale={"en": "en-GB", "de": "de-DE", "nl": "nl-NL"}[locale],
            viewport=PHONE if on_phone else DESKTOP,
            has_touch=on_phone,
            java_script_enabled=with_scripts,
            reduced_motion="reduce",
        )
        visitor = Visitor(instance, context, locale, with_scripts=with_scripts)
        came.append(visitor)
        if email:
            visitor.sign_in(email)
        return visitor

    yield come
    faults = [fault for visitor in came for fault in visitor.faults]
    for visitor in came:
        visitor.context.close()
    assert faults == []
    instance.check_books()

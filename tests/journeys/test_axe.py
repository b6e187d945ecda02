"""Every page, looked at with axe: readable for all, on a phone, in light, dark and large print."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, BrowserContext, Page

from marketplace import db
from marketplace.demo import story
from tests.journeys.instance import Instance
from tests.journeys.sights import EMAILS, Sight, Sights
from tests.journeys.visitor import Visitor

AA = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
CONTRAST = {"type": "rule", "values": ["color-contrast"]}
AAA_CONTRAST = {"type": "rule", "values": ["color-contrast-enhanced"]}

RUN_AXE = """async rules => {
  const found = await axe.run(document, { runOnly: rules, resultTypes: ["violations"] });
  return found.violations.flatMap(one => one.nodes.map(
    node => `${one.id}: ${node.target} ${node.any.map(check => check.message).join("; ")}`));
}"""
UNFOLD = """() => {
  for (const folded of document.querySelectorAll("details:not(.menu)")) folded.open = true;
}"""
LOOK = """() => {
  const root = document.documentElement, faults = [];
  if (root.scrollWidth > window.innerWidth)
    faults.push(`scrolls sideways: ${root.scrollWidth} px in ${window.innerWidth}`);
  for (const image of document.images)
    if (image.complete && !image.naturalWidth) faults.push(`missing picture: ${image.src}`);
  for (const menu of document.querySelectorAll("details.menu")) {
    menu.open = true;
    const { left, right } = menu.querySelector(".menu__body").getBoundingClientRect();
    if (left < 0 || right > window.innerWidth) faults.push(`menu cut off: ${left} to ${right}`);
    menu.open = false;
  }
  const header = document.querySelector(".header"), isLarge = root.dataset.print === "large";
  const most = window.innerWidth < 640 ? 400 : isLarge ? 300 : 130;
  // In whose name one acts stands below the ways, in a row of its own.
  const acting = document.querySelector(".acting")?.offsetHeight ?? 0;
  if (header && header.offsetHeight - acting > most)
    faults.push(`header too high: ${header.offsetHeight} px`);
  if (acting > (window.innerWidth < 640 ? 200 : 100) * (isLarge ? 1.6 : 1))
    faults.push(`row too high: ${acting} px`);
  for (const opener of document.querySelectorAll(".menu__opener"))
    if (opener.scrollWidth > opener.clientWidth + 1) faults.push("words of a menu cut off");
  for (const box of document.querySelectorAll(".choice, .btn, .field__row"))
    if (window.innerWidth < 640 && box.clientWidth && box.scrollWidth > box.clientWidth + 1)
      faults.push(`words run out of their box: ${box.textContent.trim()}`);
  for (const column of document.querySelectorAll(".columns > *"))
    if (column.scrollWidth > column.clientWidth + 1) faults.push("column covered by its neighbour");
  return faults;
}"""

# Answers that are no pages: files, fragments, redirects, and what only programs read.
NO_PAGES = {
    "api.problem",
    "buying.standing",
    "circles.by_link",
    "circles.code",
    "catalogues.export",
    "catalogues.progress",
    "catalogues.sample",
    "commitments.calendar",
    "commitments.subscription",
    "commitments.table",
    "buying.proof_document",
    "invoices.table",
    "health.healthz",
    "health.readyz",
    "health.show_metrics",
    "organising.export",
    "organising.order_csv",
    "organising.order_numbers",
    "organising.sample_statement",
    "organising.weights_csv",
    "participants.picture",
    "participants.places",
    "participants.portrait",
    "payments.come_back",
    "payouts.come_back",
    "payouts.export_statement",
    "payouts.onboarding",
    "payments.transfer_code",
    "site.avatar",
    "site.cover",
    "site.robots",
    "site.sitemap",
    "static",
}
# Pages that show themselves only in the middle of a journey, or are another one's again.
ELSEWHERE = {"organising.guest_order", "organising.catalogue"}


@pytest.fixture(scope="module")
def sights(instance: Instance) -> Sights:
    with instance.app.app_context():
        now = db.now(db.session())
    story.load(instance.app, instance.settings, now=now)
    return Sights(instance)


@pytest.fixture
def page(browser: Browser, instance: Instance) -> Iterator[Page]:
    context: BrowserContext = browser.new_context(locale="en-GB", reduced_motion="reduce")
    visitor = Visitor(instance, context, "en")
    yield visitor.page
    context.close()
    assert visitor.faults == []
    assert instance.failures == []


@pytest.mark.timeout(900)
def test_no_page_has_a_fault(page: Page, instance: Instance, sights: Sights) -> None:
    cookies: dict[tuple[str, str], dict[str, object]] = {}
    faults: list[str] = []
    for sight in sights.all():
        page.context.clear_cookies()
        if sight.who:
            key = (sight.who, sight.acting_as)
            if key not in cookies:
                cookies[key] = instance.cookie_of(EMAILS[sight.who], acting_as=sight.acting_as)
            page.context.add_cookies([cookies[key]])  # type: ignore[list-item]
        faults += [f"{sight.who} {sight.path}: {fault}" for fault in look_at(page, instance, sight)]

    if faults:
        pytest.fail("\n".join(faults))


def test_every_page_is_looked_at(instance: Instance, sights: Sights) -> None:
    routes = instance.app.url_map.bind("localhost")
    seen = {
        routes.match(sight.path.partition("?")[0].partition("#")[0], method="GET")[0]
        for sight in sights.all()
    }
    pages = {
        rule.endpoint
        for rule in instance.app.url_map.iter_rules()
        if rule.methods and "GET" in rule.methods and not rule.rule.startswith("/api/v1")
    }

    assert pages - seen - NO_PAGES - ELSEWHERE == set()


def look_at(page: Page, instance: Instance, sight: Sight) -> list[str]:
    """All that is wrong with a page, in each way to read it."""
    page.set_viewport_size({"width": 360, "height": 800})
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    answer = page.goto(instance.url + sight.path)
    assert answer is not None
    if answer.status != sight.status:
        return [f"answers {answer.status}"]
    page.evaluate(UNFOLD)
    page.evaluate(AXE_SCRIPT)
    faults = [*page.evaluate(LOOK), *page.evaluate(RUN_AXE, AA)]
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    faults += [f"dark: {fault}" for fault in page.evaluate(RUN_AXE, CONTRAST)]
    page.evaluate("document.documentElement.dataset.print = 'large'")
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        found = [*page.evaluate(LOOK), *page.evaluate(RUN_AXE, AAA_CONTRAST)]
        faults += [f"large print, {scheme}: {fault}" for fault in found]
    page.set_viewport_size({"width": 1280, "height": 900})
    for words, print_size in (("desktop, large print", "large"), ("desktop", "")):
        page.evaluate("size => document.documentElement.dataset.print = size", print_size)
        faults += [f"{words}: {fault}" for fault in page.evaluate(LOOK)]
    return faults

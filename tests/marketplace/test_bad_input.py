"""Every form of every page, with everything that people, browsers and attackers put into it.

All fields at once and each alone, while the others hold what is right, are replaced by some of
these: by all of them with BAD_INPUT=all in the environment.
"""

import os
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any
from zlib import crc32

import pytest
from flask import Flask, request
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from marketplace import db, forms
from models.actors import Actor
from tests.bodies import FORMS, WITHOUT_WORDS, Form
from tests.make_members import with_password
from tests.make_street import Street, street
from tests.undoing import undone

MARKUP = "<script>alert(1)</script>"
BAD: dict[str, Any] = {
    "missing": None,
    "empty": "",
    "huge": "x" * 20_000,
    "negative": "-1",
    "too many": "99999999999999999999",
    "another currency": "12 USD",
    "no number": "NaN",
    "long ago": "2020-01-01T10:00",
    "markup": MARKUP,
    "turned around": "\u202eevil",
    "from right to left": "مرحبا بالعالم",
    "emoji": "🦊" * 20,
    "SQL": "' OR 1=1 --",
    "NUL": "a\0b",
}
HANDFUL = 12
FINE = {200, 201, 303}
REFUSED = {400, 403, 404, 409, 413, 422}
# What marshmallow says by itself, in English, and to programmers.
BY_ITSELF = re.compile(
    r"Not a valid|Missing data|Unknown field|Invalid |Must be|Shorter than|Longer than"
    r"|Length must|Field may not|Not an? |One or more of the choices|Not equal"
)
TYPED = ("text", "email", "number", "search", "tel", "url", "datetime-local", "date")


def posts(app: Flask) -> Iterator[str]:
    """The pages' endpoints that are posted to."""
    for rule in app.url_map.iter_rules():
        if "POST" in (rule.methods or ()) and not rule.rule.startswith("/api/"):
            yield rule.endpoint


def test_every_form_is_known(whole_app: Flask) -> None:
    assert set(posts(whole_app)) == set(FORMS) | WITHOUT_WORDS


@pytest.fixture
def form_fields(monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """The names of what the schemas of each endpoint's forms ask for, once it was posted to."""
    found: dict[str, set[str]] = {}
    read = forms.Form._read

    def noted(self: forms.Form, typed: Any) -> None:
        found.setdefault(str(request.endpoint), set()).update(self.schema.fields)
        read(self, typed)

    monkeypatch.setattr(forms.Form, "_read", noted)
    return found


def handfuls() -> Iterator[tuple[str, list[str]]]:
    """The forms by the state they are sent in, a street full of them at a time."""
    for state in sorted({form.state for form in FORMS.values()}):
        some = [endpoint for endpoint, form in FORMS.items() if form.state == state]
        for start in range(0, len(some), HANDFUL):
            yield state, some[start : start + HANDFUL]


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("state", "endpoints"), [pytest.param(*one, id=f"{one[0]}-{one[1][0]}") for one in handfuls()]
)
def test_no_input_breaks_a_form(
    app: Flask,
    session: Session,
    browser_of: Callable[[Actor], FlaskClient],
    form_fields: dict[str, set[str]],
    monkeypatch: pytest.MonkeyPatch,
    now: Any,
    state: str,
    endpoints: list[str],
) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    made = street(session, app, state, now=now)
    with_password(made.act("committed"))
    found: list[str] = []
    with db.at(made.now):
        for endpoint in endpoints:
            form = FORMS[endpoint]
            browser = app.test_client()
            if form.role != "stranger":
                browser = browser_of(made.act(form.role))
            with browser.session_transaction() as cookie:
                cookie["locale"] = "de"
            tried = Tried(made, endpoint, form, browser)
            with undone(session):
                right = tried.post(tried.body())
            assert right.status_code == form.status, (endpoint, shown(right))
            with undone(session):
                names = sorted({*tried.body(), *form_fields.get(endpoint, ())})
            for some, kind in tries(names):
                with undone(session):
                    found += tried.with_bad(some, kind)

    assert found == [], "\n".join(found)


def tries(names: list[str]) -> Iterator[tuple[list[str], str]]:
    """Which fields are tried with what."""
    kinds = list(BAD)
    tries_all = len(names) == 1 or os.environ.get("BAD_INPUT") == "all"
    # By the names: what one field of a kind is not tried with here, another is elsewhere.
    turn = crc32(" ".join(names).encode())
    if len(names) > 1:
        yield from ((names, kind) for kind in (kinds if tries_all else kinds[turn % 2 :: 2]))
    for at, name in enumerate(names):
        first = crc32(name.encode()) + turn + at
        some = kinds if tries_all else [kinds[(first + 5 * step) % len(kinds)] for step in range(2)]
        yield from (([name], kind) for kind in some)


class Tried:
    """One form, by one browser."""

    def __init__(self, made: Street, endpoint: str, form: Form, browser: FlaskClient) -> None:
        self.made, self.endpoint, self.form, self.browser = made, endpoint, form, browser
        self.rule = next(
            one for one in made.app.url_map.iter_rules(endpoint) if "POST" in (one.methods or ())
        )

    def body(self) -> dict[str, Any]:
        self.form.first(self.made)
        return {
            name: value(self.browser) if callable(value) else value
            for name, value in self.form.body(self.made).items()
        }

    def post(self, body: dict[str, Any]) -> TestResponse:
        return self.browser.post(self.made.path_to(self.rule), data=body)

    def with_bad(self, names: list[str], kind: str) -> Iterator[str]:
        """What is wrong with the answer."""
        sent = self.body() | dict.fromkeys(names, BAD[kind])
        body = {name: value for name, value in sent.items() if value is not None}
        where = f"{self.endpoint} {names[0] if len(names) == 1 else 'all'} {kind}:"
        try:
            answer = self.post(body)
        except Exception as broken:  # Whatever it is would have been a 500.
            yield f"{where} {type(broken).__name__}: {str(broken)[:200]}"
            return
        if answer.status_code not in FINE | REFUSED:
            yield f"{where} answered {answer.status_code}"
        # What was kept is looked at, too.
        is_kept = kind == "markup" and (answer.location or "").startswith("/")
        if is_kept and MARKUP in self.browser.get(answer.location).text:
            yield f"{where} shown as it was typed, on {answer.location}"
        if MARKUP in answer.text:
            yield f"{where} shown as it was typed"
        if answer.status_code == 422:
            yield from (f"{where} {problem}" for problem in wrong_with(answer, body))


def wrong_with(answer: TestResponse, body: dict[str, Any]) -> Iterator[str]:
    """A page that refuses says why, in the reader's language, and keeps what was typed."""
    page = Page()
    page.feed(answer.text)
    # A page that says nothing else says it in its own words, with a number to quote.
    if not page.said and answer.headers["X-Request-ID"] not in answer.text:
        yield f"says nothing of what is wrong: {shown(answer)}"
    if spoken := BY_ITSELF.search(page.said):
        yield f"says {page.said[spoken.start() : spoken.start() + 60]!r}"
    for name, value in body.items():
        # A search beside the form is no part of it: one that cannot be is not made.
        if isinstance(value, str) and name in page.boxes and name != "q":
            kept = page.boxes[name]
            if kept.replace("\r\n", "\n") != value:
                yield f"{name} was {value[:40]!r} and is {kept[:40]!r}"


class Page(HTMLParser):
    """What a page says is wrong, and what stands in its boxes."""

    def __init__(self) -> None:
        super().__init__()
        self.said = ""
        self.boxes: dict[str, str] = {}
        self._open: list[tuple[str, bool]] = []
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        had = dict(attrs)
        name = had.get("name") or ""
        if tag == "input" and had.get("type", "text") in TYPED:
            self.boxes.setdefault(name, had.get("value") or "")
        elif tag == "textarea":
            self._area = name
            self.boxes.setdefault(name, "")
        if tag in ("div", "p"):
            says = had.get("role") == "alert" or "field__error" in (had.get("class") or "")
            self._open.append((tag, says))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""
        elif self._open and tag == self._open[-1][0]:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if self._area:
            self.boxes[self._area] += data
        if any(says for _, says in self._open):
            self.said += data.strip() + " "


def shown(answer: TestResponse) -> str:
    """The words of a page, for a message."""
    found = re.search(r"<main.*?</main>", answer.text, re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", found[0] if found else answer.text).split())[:300]

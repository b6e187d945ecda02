"""Fields take what people and programs mean, and nothing that only looks like it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import pytest
from flask import Flask, g
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from marketplace.fields import Amount, Choice, Count, Email, Flag, Id, Moment, Words
from marketplace.forms import say
from marketplace.schemas import Schema
from models.money import Money


class Colour(StrEnum):
    RED = "red"


class Everything(Schema):
    words = Words(most=10)
    text = Words(most=10, lines=True)
    email = Email()
    count = Count(least=1, most=9)
    amount = Amount(currency="EUR")
    moment = Moment()
    colour = Choice(Colour)
    flag = Flag()
    id = Id()


@pytest.fixture
def form(app: Flask) -> Iterator[None]:
    with app.test_request_context(headers={"Accept-Language": "de"}):
        g.reads_a_form = True
        yield


@pytest.fixture
def program(app: Flask) -> Iterator[None]:
    with app.test_request_context():
        yield


def read(name: str, value: Any) -> Any:
    return Everything().load({name: value})[name]


@pytest.mark.usefixtures("form")
@pytest.mark.parametrize(
    ("name", "typed", "meant"),
    [
        ("words", "  a \t b ", "a b"),
        ("words", "<b>x</b>", "<b>x</b>"),
        ("words", "שלום 🫒", "שלום 🫒"),
        ("text", "a\r\nb", "a\nb"),
        ("email", " Bob@Example.ORG ", "Bob@example.org"),
        ("count", " 9 ", 9),
        ("amount", "12,50", Money(1250, "EUR")),
        ("amount", "12.50 €", Money(1250, "EUR")),
        ("amount", "1.500", Money(150_000, "EUR")),
        ("amount", "1.500,25", Money(150_025, "EUR")),
        ("amount", "0", Money(0, "EUR")),
        ("moment", "2026-11-27T18:00", datetime(2026, 11, 27, 17, 0, tzinfo=UTC)),
        ("flag", "on", True),
        ("id", "7", 7),
    ],
)
def test_a_page_takes_what_people_type(name: str, typed: str, meant: Any) -> None:
    assert read(name, typed) == meant


@pytest.mark.usefixtures("program")
@pytest.mark.parametrize(
    ("name", "sent", "meant"),
    [
        ("count", 9, 9),
        ("amount", {"amount": "12.50", "currency": "EUR"}, Money(1250, "EUR")),
        ("moment", "2026-11-27T18:00:00+01:00", datetime(2026, 11, 27, 17, 0, tzinfo=UTC)),
        ("moment", "2026-11-27T17:00:00Z", datetime(2026, 11, 27, 17, 0, tzinfo=UTC)),
        ("colour", "red", Colour.RED),
        ("flag", False, False),
        ("id", "7", 7),
    ],
)
def test_a_program_sends_typed_values(name: str, sent: Any, meant: Any) -> None:
    assert read(name, sent) == meant


NEITHER = [
    ("words", 5),
    ("words", "a" * 11),
    ("words", "a\x00b"),
    ("words", "a\u202eb"),
    ("words", "\ud800"),
    ("email", "bob"),
    ("email", "bob@"),
    ("count", 0),
    ("count", 10),
    ("count", 2.5),
    ("count", 2.6e-42),
    ("count", True),
    ("count", "3.5"),
    ("count", "3e2"),
    ("count", float("nan")),
    ("count", 10**30),
    ("amount", 12.5),
    ("amount", "NaN"),
    ("amount", {"amount": "-1", "currency": "EUR"}),
    ("amount", {"amount": "1.234", "currency": "EUR"}),
    ("amount", {"amount": "1e5", "currency": "EUR"}),
    ("amount", {"amount": 1, "currency": "EUR"}),
    ("amount", {"amount": "99999999999999", "currency": "EUR"}),
    ("amount", {"amount": "1", "currency": "USD"}),
    ("amount", {"amount": "1"}),
    ("moment", "soon"),
    ("moment", "2026-13-01T00:00:00Z"),
    ("moment", "0001-01-01T00:00:00+14:00"),
    ("moment", "9999-12-31T23:59:59-14:00"),
    ("moment", 1_800_000_000),
    ("colour", "blue"),
    ("colour", ["red"]),
    ("colour", {}),
    ("flag", "perhaps"),
    ("flag", 7),
    ("flag", []),
    ("id", 7),
    ("id", "-7"),
    ("id", "٧"),
    ("id", "9" * 19),
]


@pytest.mark.parametrize(("name", "sent"), NEITHER)
@pytest.mark.parametrize("reads_a_form", [True, False])
def test_what_is_none_is_refused_everywhere(
    app: Flask, name: str, sent: Any, reads_a_form: bool
) -> None:
    with app.test_request_context():
        g.reads_a_form = reads_a_form
        with pytest.raises(ValidationError):
            read(name, sent)


@pytest.mark.usefixtures("program")
@pytest.mark.parametrize(
    ("name", "sent"),
    [("count", "9"), ("amount", "12.50"), ("moment", "2026-11-27T18:00"), ("flag", "on")],
)
def test_what_a_page_takes_as_text_a_program_must_type(name: str, sent: str) -> None:
    with pytest.raises(ValidationError):
        read(name, sent)


@pytest.mark.usefixtures("form")
@pytest.mark.parametrize(
    "typed", ["1e9", "NaN", "Infinity", "--1", "1-2", "€", "-5", "١٢", "1,2,3"]
)
def test_amounts_that_are_none_are_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        read("amount", typed)


def test_whatever_is_typed_is_read_or_refused(app: Flask) -> None:
    @given(st.sampled_from(sorted(Everything().fields)), st.text(max_size=30))
    def read_any(name: str, typed: str) -> None:
        with app.test_request_context():
            g.reads_a_form = True
            try:
                read(name, typed)
            except ValidationError as refused:
                for message in refused.messages_dict[name]:
                    assert "%(" not in say(message)

    read_any()


def test_what_was_read_is_written_the_same(app: Flask) -> None:
    sent = {
        "words": "oil",
        "count": 3,
        "amount": {"amount": "12.50", "currency": "EUR"},
        "moment": "2026-11-27T17:00:00Z",
        "colour": "red",
        "flag": True,
        "id": "7",
    }

    with app.test_request_context():
        assert Everything().dump(Everything().load(sent)) == sent

"""A form keeps what was typed, says what is wrong in the reader's language, and acts once."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask_login import login_user
from marshmallow import fields
from sqlalchemy import text
from sqlalchemy.orm import Session

from marketplace.auth import Visitor
from marketplace.fields import Count, Words
from marketplace.forms import Form, Once, SentBefore, form_key
from marketplace.schemas import Schema
from models.actors import Actor
from models.errors import Conflict, Invalid, NotFound
from models.money import Money


class Order(Schema):
    name = Words(required=True, most=5)
    units = Count(least=1, load_default=1)
    days = fields.List(Words(most=3))


@pytest.fixture
def sent(app: Flask) -> Callable[..., Form]:
    def send(**typed: object) -> Form:
        with app.test_request_context("/", method="POST", data=typed):
            return Form.sent(Order)

    return send


def test_what_fits_is_read(sent: Callable[..., Form]) -> None:
    form = sent(name="Alice", units="", days=["mon", "tue"], colour="red")

    assert form.is_valid
    assert form.fields == {"name": "Alice", "units": 1, "days": ["mon", "tue"]}


def test_what_does_not_fit_is_kept_as_typed_with_a_message(sent: Callable[..., Form]) -> None:
    form = sent(name="Alexandra", units="many")

    assert form.values == {"name": "Alexandra", "units": "many"}
    assert form.errors == {
        "name": ["Please use at most 5 characters."],
        "units": ["Please enter a whole number."],
    }


def test_an_empty_form_is_not_an_error_before_it_is_sent() -> None:
    form = Form(Order, shown={"name": "Bob"})

    assert form.is_valid
    assert form.values == {"name": "Bob"}


def test_a_refusal_stands_at_its_field_with_its_facts(
    app: Flask, sent: Callable[..., Form]
) -> None:
    form = sent(name="Alice")
    refusal = Invalid(fields={"units": "At least %(price)s."}, price=Money(250, "EUR"))

    with app.test_request_context(headers={"Accept-Language": "en"}):
        status = form.refuse(refusal)

    assert status == 422
    assert form.errors == {"units": ["At least €2.50."]}


def test_a_refusal_of_the_whole_stands_above_the_form(
    app: Flask, sent: Callable[..., Form]
) -> None:
    form = sent(name="Alice")

    with app.test_request_context():
        status = form.refuse(Conflict("Only %(left)s left.", left=3))

    assert status == 409
    assert form.errors == {"": ["Only 3 left."]}
    assert not form.is_valid


def test_what_nothing_refuses_is_accepted(app: Flask, sent: Callable[..., Form]) -> None:
    form = sent(name="Alice")

    with app.test_request_context(), form.refusals(), form.transaction() as session:
        session.execute(text("SELECT 1"))

    assert form.is_accepted


def test_what_is_not_well_formed_begins_no_transaction(
    app: Flask, sent: Callable[..., Form]
) -> None:
    form, begun = sent(units="many"), False

    with app.test_request_context(), form.refusals(), form.transaction():
        begun = True

    assert not begun
    assert (form.is_accepted, form.status) == (False, 422)
    assert set(form.errors) == {"name", "units"}


def test_what_is_refused_is_not_accepted_and_shown_with_its_status(
    app: Flask, sent: Callable[..., Form]
) -> None:
    form = sent(name="Alice")

    with app.test_request_context(), form.refusals(), form.transaction():
        raise Conflict("Only %(left)s left.", left=3)

    assert (form.is_accepted, form.status) == (False, 409)
    assert form.errors == {"": ["Only 3 left."]}


def test_what_no_other_answer_mends_goes_on_to_its_own_page(
    app: Flask, sent: Callable[..., Form]
) -> None:
    form = sent(name="Alice")

    with app.test_request_context(), pytest.raises(NotFound), form.refusals(but=NotFound):
        raise NotFound

    assert form.errors == {}


@pytest.fixture
def click(app: Flask, session: Session, alice: Actor) -> Callable[..., str]:
    count = iter(range(1, 100))

    def send(**typed: str) -> str:
        with app.test_request_context("/preferences", method="POST", data=typed):
            login_user(Visitor(alice))
            once = Once(session)
            if once.led_to is None:
                once.leads_to(f"/deals/{next(count)}")
            assert once.led_to is not None
            return once.led_to

    return send


def test_a_double_click_leads_where_the_first_led(click: Callable[..., str]) -> None:
    key = form_key()

    first = click(idempotency_key=key, name="Oil", csrf_token="a")
    second = click(idempotency_key=key, name="Oil", csrf_token="b")
    other = click(idempotency_key=form_key(), name="Oil")

    assert first == second == "/deals/1"
    assert other == "/deals/2"


def test_a_form_sent_again_with_other_answers_is_refused(click: Callable[..., str]) -> None:
    key = form_key()
    click(idempotency_key=key, name="Oil")

    with pytest.raises(SentBefore):
        click(idempotency_key=key, name="Honey")


@pytest.mark.parametrize("key", ["", "x" * 256, "ä", "a\nb"])
def test_a_form_without_a_usable_key_is_carried_out_each_time(
    click: Callable[..., str], key: str
) -> None:
    assert click(idempotency_key=key) != click(idempotency_key=key)

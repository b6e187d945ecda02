"""What a group buy is reckoned in: by the instance's own table, and by card only what cards pay."""

import pytest
from sqlalchemy import select

from marketplace import db, filters
from models.buying import GroupBuy
from models.collaborations import State
from models.errors import Invalid
from models.ledger import Currency
from models.money import Money
from services import buying, reference
from services.buying import amending
from services.buying.amending import Amendment
from services.buying.opening import NotComplete
from tests.make_buying import group_buy
from tests.marketplace.organising_pages.typed import what
from tests.pages import send


@pytest.fixture(autouse=True)
def clock(now):
    """Today is the day of the tests: what is made for it closes days later."""
    with db.at(now):
        yield


@pytest.fixture
def hours(session):
    """A time bank's minutes, a community's unit of three places, Swedish and Kuwaiti money."""
    session.add_all(
        [
            Currency(code="SEK", exponent=2, name="Krona"),
            Currency(code="HOUR", exponent=0, name="Minutes"),
            Currency(code="REGIO", exponent=3, name="Regio"),
            Currency(code="KWD", exponent=3, name="Kuwaiti dinar"),
        ]
    )
    session.flush()


def test_amounts_are_written_by_the_table(session, app, hours):
    with app.test_request_context():
        assert filters.money(Money(90, "HOUR")) == "90 HOUR"
        assert filters.money(Money(12_500, "REGIO")) == "12.500 REGIO"
        assert filters.money(Money(1250, "EUR")) == "€12.50"
        assert filters.money_json(Money(90, "HOUR")) == {"amount": "90", "currency": "HOUR"}


def test_only_what_can_be_charged_is_offered(session, hours):
    codes = [one.code for one in reference.chargeable(session)]

    assert {"EUR", "SEK"} <= set(codes)
    assert not {"HOUR", "REGIO", "KWD"} & set(codes)


@pytest.mark.parametrize("currency", ["REGIO", "KWD"])
def test_no_card_pays_in_what_is_counted_otherwise(session, alice, hours, now, currency):
    draft = group_buy(session, alice, now=now, published=False, currency=currency)

    with pytest.raises(NotComplete) as refusal:
        buying.publish(session, draft, actor=alice, now=now)

    assert set(refusal.value.fields) == {"by_card"}


def test_cards_cannot_be_added_later_either(session, alice, hours, now):
    deal = group_buy(session, alice, now=now, currency="REGIO", by_card=False)
    assert deal.state == State.OPEN

    with pytest.raises(Invalid) as refusal:
        given = Amendment({"by_card": True})
        amending.amend(session, deal, given, actor=alice, now=now)

    assert set(refusal.value.fields) == {"by_card"}


def test_a_draft_is_begun_in_the_money_that_was_chosen(session, as_alice, hours, now):
    page = as_alice.get("/group-buys/new").text
    assert 'value="SEK"' in page
    assert 'value="HOUR"' not in page

    send(as_alice, "/group-buys/new", **what(now, currency="SEK", title="Coffee"))
    send(as_alice, "/group-buys/new", **what(now, currency="XXX", title="Tea"))

    made = session.scalars(select(GroupBuy)).one()
    assert (made.title, made.currency) == ("Coffee", "SEK")

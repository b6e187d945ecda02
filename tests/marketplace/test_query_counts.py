"""How many statements the busiest pages send, for a signed-in reader, however long the list is."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy
from services import buying
from tests import make, make_buying, make_talk
from tests.counting import counted
from tests.make_discovery import deal
from tests.pages import csrf_token

# What is measured, so that no statement comes or goes unseen; at most 6, 10 and 14 are wanted.
LIST, DETAIL, JOIN = 4, 7, 4


@pytest.fixture
def reader(browser_of: Callable[[Actor], FlaskClient], session: Session, bob: Actor) -> FlaskClient:
    """Bob, who also belongs to two organisations."""
    now = datetime.now(UTC)
    for name in ("Bakery", "Co-op"):
        make.organisation(session, name, owner=bob, now=now)
    return browser_of(bob)


@pytest.fixture
def olive_oil(session: Session, alice: Actor) -> GroupBuy:
    """Alice's olive oil, joined by two, with a question that was answered."""
    now = datetime.now(UTC)
    made = make_buying.group_buy(session, alice, now=now)
    for name in ("Erin", "Fred"):
        make_buying.join(session, made, make.actor(session, name, now=now), now=now)
    return made


def test_a_list_of_24_cards_takes_four_statements(
    reader: FlaskClient, session: Session, alice: Actor, bob: Actor
) -> None:
    for at in range(30):
        deal(session, alice, f"Deal {at}", now=datetime.now(UTC))

    with counted(session) as sent:
        page = reader.get("/group-buys")

    assert page.text.count('class="cards__item"') == 24
    assert len(sent) == LIST, sent


def test_cards_at_hand_take_no_statement(
    reader: FlaskClient, session: Session, alice: Actor, bob: Actor
) -> None:
    for at in range(30):
        deal(session, alice, f"Deal {at}", now=datetime.now(UTC))
    with counted(session) as first:
        reader.get("/group-buys")

    with counted(session) as again:
        reader.get("/group-buys")

    assert len(again) == len(first) - 1


def test_a_search_takes_four_statements(
    reader: FlaskClient, session: Session, alice: Actor, bob: Actor
) -> None:
    for at in range(30):
        deal(session, alice, f"Olive oil {at}", now=datetime.now(UTC))

    with counted(session) as sent:
        page = reader.get("/group-buys?q=olive")

    assert page.text.count('class="cards__item"') == 24
    assert len(sent) == LIST, sent


@pytest.mark.parametrize("joins_first", [False, True])
def test_a_group_buy_takes_seven_statements_and_one_for_an_order(
    reader: FlaskClient,
    session: Session,
    olive_oil: GroupBuy,
    alice: Actor,
    bob: Actor,
    joins_first: bool,
) -> None:
    now = datetime.now(UTC)
    question = make_talk.ask(session, olive_oil, body="Organic?", lang="en", actor=bob, now=now)
    make_talk.answer(session, olive_oil, question.id, body="Yes.", lang="en", actor=alice, now=now)
    if joins_first:
        make_buying.join(session, olive_oil, bob, now=now)
    path = f"/group-buys/{olive_oil.slug}"

    with counted(session) as sent:
        page = reader.get(path)

    assert "Organic?" in page.text
    assert len(sent) == DETAIL + joins_first, sent


@pytest.mark.parametrize("joins_first", [False, True])
def test_an_article_takes_seven_and_one_for_an_order_however_long_the_list_is(
    reader: FlaskClient, session: Session, alice: Actor, bob: Actor, joins_first: bool
) -> None:
    now = datetime.now(UTC)
    many = [make_buying.olive_oil(name=f"Oil {at}") for at in range(200)]
    made = make_buying.group_buy(session, alice, now=now, articles=many)
    if joins_first:
        make_buying.join(session, made, bob, now=now)
    article = buying.articles(session, made)[120]
    session.expire_all()
    path = f"/group-buys/{made.slug}/articles/{article.id}"

    with counted(session) as sent:
        page = reader.get(path)

    assert "Oil 120" in page.text
    assert len(sent) == DETAIL + joins_first, sent


@pytest.mark.parametrize("method", ["card", "at_pickup"])
def test_joining_takes_four_statements(
    reader: FlaskClient, session: Session, olive_oil: GroupBuy, method: str
) -> None:
    article = buying.articles(session, olive_oil)[0]
    order = {
        "csrf_token": csrf_token(reader),
        "lines": f"{article.id}:2:0:{article.tiers[0].price_minor}",
        "idempotency_key": "the only one",
        "terms_number": str(olive_oil.terms_number),
        "payment_method": method,
        "pickup_point": str(buying.pickup_points(session, olive_oil)[0].id),
    }
    path = f"/group-buys/{olive_oil.slug}/commitments"

    with counted(session) as sent:
        answer = reader.post(path, data=order)

    assert answer.status_code == 303
    assert olive_oil.commitments_count == 3
    assert len(sent) == JOIN, sent

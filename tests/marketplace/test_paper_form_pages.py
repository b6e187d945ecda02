"""Alice prints a blank order for a neighbour who is not on the net."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from marketplace import db
from marketplace.organising import paper
from models.actors import Actor
from models.buying import GroupBuy
from services import buying
from tests import make_buying
from tests.counting import counted


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[None]:
    with db.at(now):
        yield


@pytest.fixture
def deal(session: Session, alice: Actor, now: datetime) -> GroupBuy:
    return make_buying.group_buy(
        session,
        alice,
        now=now,
        freight_ceiling_minor=250,
        articles=[
            make_buying.olive_oil(category="Oil", deposit_minor=50, food_information="Olives."),
            make_buying.olive_oil(name="Rice", category="Grain", tiers=[(1, 310)]),
        ],
    )


def form_of(deal: GroupBuy) -> str:
    return f"/group-buys/{deal.slug}/desk/paper-form"


def test_a_blank_order_says_all_that_binds(
    as_alice: FlaskClient, session: Session, deal: GroupBuy, bob: Actor, now: datetime
) -> None:
    make_buying.join(session, deal, bob, 20, now=now)

    page = as_alice.get(form_of(deal)).text

    for said in (
        *("Olive oil from Crete", "Alice", "Alice&#39;s garage", "November 28, 2026"),
        *("€36.00", "€40.00", "plus €0.50 deposit", "incl. 7% VAT", "€2.50", "Olives."),
        *("Order with obligation to pay", "never above the worst case", "Signature"),
        "None: the seller is not a trader.",
    ):
        assert said in page, said
    assert page.count('class="paper__box"') == 2


def test_a_long_list_is_cut_and_narrowed_by_words_or_category(
    as_alice: FlaskClient, deal: GroupBuy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paper, "MOST_ON_PAPER", 1)
    cut = as_alice.get(form_of(deal)).text

    assert "Not all articles are on this form" in cut
    assert "<td" in cut
    for narrowed in ("?q=rice", "?category=Grain"):
        page = as_alice.get(form_of(deal) + narrowed).text
        assert "Not all articles are on this form" not in page
        assert "€3.10" in page
        assert "€40.00" not in page
    assert "No article fits" in as_alice.get(form_of(deal) + "?q=tea").text


def test_a_form_asks_the_same_however_many_articles_there_are(
    as_alice: FlaskClient, session: Session, deal: GroupBuy, alice: Actor, now: datetime
) -> None:
    many = [make_buying.olive_oil(name=f"Oil {at}") for at in range(100)]
    long = make_buying.group_buy(session, alice, now=now, articles=many)
    session.expire_all()
    with counted(session) as few:
        as_alice.get(form_of(deal))
    session.expire_all()

    with counted(session) as more:
        as_alice.get(form_of(long))

    assert len(more) <= len(few)


def test_the_form_is_linked_where_orders_are_taken(as_alice: FlaskClient, deal: GroupBuy) -> None:
    for path in ("desk", "desk/guest-orders/new"):
        assert f'href="{form_of(deal)}"' in as_alice.get(f"/group-buys/{deal.slug}/{path}").text


def test_only_those_who_organise_print_it_and_only_while_it_is_open(
    as_alice: FlaskClient,
    as_bob: FlaskClient,
    client: FlaskClient,
    session: Session,
    deal: GroupBuy,
    alice: Actor,
    now: datetime,
) -> None:
    assert as_bob.get(form_of(deal)).status_code == 403
    assert client.get(form_of(deal)).status_code == 303

    buying.cancel(session, deal, reason="No lorry", actor=alice, now=now)

    assert as_alice.get(form_of(deal)).status_code == 409

"""A list of many articles: pages, a basket, search."""

import re
from datetime import datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from models.actors import Actor
from models.buying import GroupBuy, GroupBuyCommitment
from services import buying
from tests import make_buying
from tests.counting import counted
from tests.marketplace.buying_pages.orders import article_id, commitment_of, review, send


@pytest.fixture
def market(session: Session, alice: Actor, now: datetime) -> GroupBuy:
    """250 articles in two categories."""
    return make_buying.group_buy(
        session,
        alice,
        now=now,
        title="Everything for the larder",
        articles=[
            make_buying.olive_oil(
                name=f"Article {number:03}",
                category="Oil" if number % 2 else "Grain",
                order_number=f"N{number}",
                minimum_units=1,
                deposit_minor=25,
            )
            for number in range(250)
        ],
    )


def test_a_long_list_comes_in_pages_that_a_basket_remembers(
    session: Session, as_bob: FlaskClient, market: GroupBuy, bob: Actor
) -> None:
    every = buying.articles(session, market)
    first = as_bob.get(f"/group-buys/{market.slug}/articles")
    following = re.search(r'name="next" value="([^"]+)"', first.text)
    assert following is not None

    onward = send(
        as_bob,
        f"/group-buys/{market.slug}/basket",
        data={f"units-{every[0].id}": "2", "next": following[1], "onward": "1"},
    )
    second = as_bob.get(onward.location)
    there = send(
        as_bob,
        f"/group-buys/{market.slug}/basket",
        data={f"units-{every[120].id}": "3", "review": "1"},
    )
    shown = as_bob.get(there.location)

    assert "Article 099" in first.text
    assert "Article 100" not in first.text
    assert "Article 100" in second.text
    assert "Article 000: 2 units" in second.text
    assert "Article 000" in shown.text
    assert "Article 120" in shown.text
    assert make_buying.commitment_of(session, market, bob.participant.id) is None


def test_what_is_wrong_is_shown_where_it_stands_whatever_is_sought(
    session: Session, as_bob: FlaskClient, market: GroupBuy
) -> None:
    every = buying.articles(session, market)
    typed = {f"units-{every[0].id}": "3", f"units-{every[1].id}": "-1"}

    answer = send(
        as_bob,
        f"/group-buys/{market.slug}/basket",
        data={**typed, "q": "article 200", "sought": "", "sought_category": "", "search": "1"},
    )

    assert answer.status_code == 422
    boxes = dict(re.findall(r'name="(units-[0-9]+)"[^>]* value="([^"]*)"', answer.text))
    assert boxes.items() >= typed.items()
    assert f'id="field-units-{every[1].id}-error"' in answer.text


def test_what_was_gathered_is_ordered_and_forgotten(
    session: Session, as_bob: FlaskClient, market: GroupBuy, bob: Actor
) -> None:
    every = buying.articles(session, market)
    wanted = {f"units-{every[1].id}": "2", f"units-{every[2].id}": "1"}
    send(as_bob, f"/group-buys/{market.slug}/basket", data={**wanted, "review": "1"})
    point = buying.pickup_points(session, market)[0]
    fields = review(
        as_bob,
        market,
        {**wanted, "payment_method": "at_pickup", "pickup_point": str(point.id)},
    )

    send(as_bob, f"/group-buys/{market.slug}/commitments", data=fields)

    made = commitment_of(session, market, bob)
    assert made.worst_case_minor == 3 * (4000 + 25)
    assert buying.gathered(session, market, bob.participant.id) == {}


def test_a_long_list_changes_units_and_keeps_the_rest(
    session: Session, as_bob: FlaskClient, market: GroupBuy, bob: Actor, now: datetime
) -> None:
    first = article_id(session, market)
    buying.gather(session, market, {first: buying.Wanted(first, 2, 1, 3700)}, actor=bob, now=now)

    send(as_bob, f"/group-buys/{market.slug}/basket", data={f"units-{first}": "5"})

    kept = buying.gathered(session, market, bob.participant.id)
    assert kept == {first: buying.Wanted(first, 5, 1, 3700)}


def test_one_article_of_many_is_ordered_by_its_name_and_price(
    as_bob: FlaskClient, session: Session, market: GroupBuy, bob: Actor, now: datetime
) -> None:
    first = article_id(session, market)
    buying.gather(session, market, {first: buying.Wanted(first, 2)}, actor=bob, now=now)

    page = as_bob.get(f"/group-buys/{market.slug}/order").text

    assert re.search(rf'<label[^>]* for="field-units-{first}">Article 000</label>', page)
    assert "€40.00 at most each" in page


def test_a_long_list_asks_for_tolerance_and_highest_price_too(
    session: Session, as_bob: FlaskClient, alice: Actor, bob: Actor, now: datetime
) -> None:
    articles = [make_buying.olive_oil(name=name, case_size=6) for name in ("Rice", "Lentils")]
    pantry = make_buying.group_buy(session, alice, now=now, articles=articles)
    rice = article_id(session, pantry)
    at = f"/group-buys/{pantry.slug}"
    typed = {f"units-{rice}": "4", f"tolerance-{rice}": "2", f"highest-{rice}": "36.50"}

    asked = as_bob.get(f"{at}/articles").text
    send(as_bob, f"{at}/basket", data=typed)
    shown = as_bob.get(f"{at}/articles").text
    send(as_bob, f"{at}/basket", data={**typed, f"tolerance-{rice}": "", f"highest-{rice}": ""})

    assert f'name="tolerance-{rice}"' in asked
    assert 'value="36.50"' in shown
    kept = buying.gathered(session, pantry, bob.participant.id)
    assert kept == {rice: buying.Wanted(rice, 4, 0, None)}


def test_searching_keeps_what_was_typed(
    session: Session, as_bob: FlaskClient, market: GroupBuy, bob: Actor
) -> None:
    first = article_id(session, market)
    address = f"/group-buys/{market.slug}/basket"

    answer = send(
        as_bob,
        address,
        data={f"units-{first}": "4", "q": "article 200", "category": "Grain", "search": "1"},
    )
    found = as_bob.get(answer.location).text

    assert 'aria-label="How many of Article 200?"' in found
    assert 'aria-label="How many of Article 000?"' not in found
    assert "Article 000: 4 units" in found


def test_a_basket_is_emptied_and_an_order_stays(
    session: Session, as_bob: FlaskClient, as_charlie: FlaskClient, client: FlaskClient,
    market: GroupBuy, bob: Actor, charlie: Actor, now: datetime,
) -> None:  # fmt: skip
    first, second = (one.id for one in buying.articles(session, market)[:2])
    bound = make_buying.join(session, market, bob, 2, now=now)
    at = f"/group-buys/{market.slug}/basket"
    for browser in (as_bob, as_charlie):
        send(browser, at, data={f"units-{first}": "3", f"units-{second}": "4"})

    emptied = send(as_bob, f"{at}/emptying", data={})

    assert emptied.status_code == 303
    assert emptied.location == f"/group-buys/{market.slug}/articles"
    mine = session.get_one(GroupBuyCommitment, bound)
    kept = buying.gathered(session, market, bob.participant.id, mine)
    assert {article: one.units for article, one in kept.items()} == {first: 2}
    said = as_bob.get(emptied.location).text
    assert "Your changes are forgotten. What you ordered stays as it is." in said
    others = buying.gathered(session, market, charlie.participant.id, None)
    assert {article: one.units for article, one in others.items()} == {first: 3, second: 4}
    assert send(as_bob, f"{at}/emptying", data={}).status_code == 303
    assert send(client, f"{at}/emptying", data={}).location.startswith("/sign-in")


def test_a_list_is_searched_and_narrowed_by_its_address(
    as_bob: FlaskClient, market: GroupBuy
) -> None:
    found = as_bob.get(f"/group-buys/{market.slug}/articles?q=article 007")
    oils = as_bob.get(f"/group-buys/{market.slug}/articles?category=Oil")
    none = as_bob.get(f"/group-buys/{market.slug}/articles?q=%25")

    assert "Article 007" in found.text
    assert "Article 008" not in found.text
    assert "Article 001" in oils.text
    assert "Article 002" not in oils.text
    assert "No article fits" in none.text


def test_the_list_takes_few_statements(
    session: Session, as_bob: FlaskClient, market: GroupBuy, bob: Actor
) -> None:
    every = buying.articles(session, market)
    send(as_bob, f"/group-buys/{market.slug}/basket", data={f"units-{every[0].id}": "2"})
    address = f"/group-buys/{market.slug}/articles"
    session.expire_all()

    with counted(session) as statements:
        assert as_bob.get(address).status_code == 200

    assert len(statements) <= 15, "\n".join(statements)


def test_wrong_quantities_stay_in_the_list(
    session: Session, as_bob: FlaskClient, market: GroupBuy
) -> None:
    name = f"units-{article_id(session, market)}"

    answer = send(as_bob, f"/group-buys/{market.slug}/basket", data={name: "many"})

    assert answer.status_code == 422
    assert 'value="many"' in answer.text
    assert f'id="field-{name}-error"' in answer.text


def test_an_article_of_elsewhere_does_not_come_into_the_basket(
    session: Session, as_bob: FlaskClient, market: GroupBuy, oil: GroupBuy, bob: Actor
) -> None:
    answer = send(
        as_bob, f"/group-buys/{market.slug}/basket", data={f"units-{article_id(session, oil)}": "1"}
    )

    assert answer.status_code == 422
    assert buying.gathered(session, market, bob.participant.id) == {}

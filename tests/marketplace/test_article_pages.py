"""The page of one article: Bob looks at it, sees what it can cost, and orders from there."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy.orm import Session

import marketplace
from marketplace import db, wares
from models.actors import Actor
from models.buying import Article, GroupBuy
from services import buying, pictures
from tests import make_buying
from tests.pages import send


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[None]:
    with db.at(now):
        yield


@pytest.fixture
def deal(session: Session, alice: Actor, now: datetime) -> GroupBuy:
    """Olive oil with everything that can be said of it, and vinegar."""
    written = BytesIO()
    Image.new("RGB", (40, 20), "green").save(written, "PNG")
    picture = pictures.keep(session, written.getvalue(), actor=alice, now=now)
    oil = make_buying.olive_oil(
        deposit_minor=50,
        origin="Crete",
        quality="cold pressed",
        maker="Papadakis",
        ean="4012345678901",
        food_information="Olive oil.\nAllergens: none",
        picture_id=picture.id,
    )
    vinegar = make_buying.olive_oil(name="Vinegar", tiers=[(1, 500)], minimum_units=1)
    return make_buying.group_buy(session, alice, now=now, articles=[oil, vinegar])


@pytest.fixture
def oil(session: Session, deal: GroupBuy) -> Article:
    return buying.articles(session, deal)[0]


def at(deal: GroupBuy, article: Article) -> str:
    return f"/group-buys/{deal.slug}/articles/{article.id}"


def test_the_page_of_an_article_says_all_that_is_known_of_it(
    client: FlaskClient, deal: GroupBuy, oil: Article
) -> None:
    page = client.get(at(deal, oil)).text

    for said in (
        *("Olive oil", "5 l can", "Crete", "cold pressed", "Papadakis", "4012345678901"),
        *("Olive oil.\nAllergens: none", "€8.00 per l", "7% VAT", "€0.50 deposit"),
    ):
        assert said in page, said
    assert re.search(
        r'<img class="photo" alt="Olive oil" loading="lazy" width="40" height="20"', page
    )


def test_a_row_of_a_list_says_little_and_unfolds_the_rest(
    as_bob: FlaskClient, session: Session, deal: GroupBuy
) -> None:
    page = as_bob.get(f"/group-buys/{deal.slug}/articles").text

    [row, _] = re.findall(r"<tr data-article.*?</tr>", page, re.DOTALL)
    folded = re.sub(r"<details.*?</details>", "", row, flags=re.DOTALL)
    seen = re.sub(r"<[^>]*>", " ", folded)
    for said in ("Olive oil", "5 l can", "€40.00", "€8.00", "7% VAT"):
        assert said in seen
    for rest in ("Papadakis", "Crete", "Allergens"):
        assert rest in row
        assert rest not in seen
    assert 'name="units-' in folded


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("500\xa0g", "Italy", "organic")),
        ("de", ("500\xa0g", "Italien", "bio")),
        ("nl", ("500\xa0g", "Italië", "biologisch")),
    ],
)
def test_the_codes_of_a_price_list_are_words_where_one_buys(
    client: FlaskClient,
    session: Session,
    alice: Actor,
    now: datetime,
    language: str,
    said: tuple[str, ...],
) -> None:
    coded = make_buying.olive_oil(
        unit="500g", origin="IT", quality="kbA", maker="fel", order_number="N4009"
    )
    other = make_buying.olive_oil(name="Vinegar")
    deal = make_buying.group_buy(session, alice, now=now, articles=[coded, other])
    [first, _] = buying.articles(session, deal)
    for path in (f"/group-buys/{deal.slug}/articles", at(deal, first)):
        page = client.get(path, headers={"Accept-Language": language}).text
        shown = re.sub(r"<[^>]*>", " ", page)
        assert all(word in shown for word in said), shown
        assert not re.search(r"\b(500g|IT|kbA|fel|N4009)\b", shown)


def test_those_who_organise_read_them_in_words_too(
    as_alice: FlaskClient, session: Session, alice: Actor, now: datetime
) -> None:
    coded = make_buying.olive_oil(unit="10St")
    deal = make_buying.group_buy(session, alice, now=now, articles=[coded])

    page = as_alice.get(f"/group-buys/{deal.slug}/desk/terms").text

    assert "10St" not in page
    assert "10 pieces" in page


def test_only_the_supplier_reads_the_code_of_a_unit() -> None:
    raw = re.compile(r"\{\{ [\w.]+\.unit \}\}|unit=[\w.]+\.unit[,)]")
    pages = Path(marketplace.__file__).parents[1] / "templates"
    shown = {one.name for one in pages.rglob("*.html") if raw.search(one.read_text("utf-8"))}

    assert shown == {"order.html"}


@pytest.mark.parametrize(
    ("said", "text", "words"),
    [
        (wares.unit, "0.75 l", "0.75\xa0l"),
        (wares.unit, "10St", "10 pieces"),
        (wares.unit, "5 l can", "5 l can"),
        (wares.origin, "DE/NL", "Germany, Netherlands"),
        (wares.origin, "", ""),
        (wares.origin, "XQ", "XQ"),
        (wares.unit, "1.000 g", "1.000 g"),
        (wares.quality, "MSC", "MSC"),
        (wares.quality, "C%", ""),
        (wares.quality, "70%", "70%"),
        (wares.category, "0301", "Product group 0301"),
        (wares.category, "Oil", "Oil"),
        (wares.maker, "fel", ""),
        (wares.maker, "AEG", "AEG"),
        (wares.quality, "raw", "raw"),
        (wares.maker, "IKEA", "IKEA"),
    ],
)
def test_only_what_is_a_code_is_put_in_words(
    app: Flask, said: Callable[[str], str], text: str, words: str
) -> None:
    with app.test_request_context(headers={"Accept-Language": "en"}):
        assert said(text) == words


def test_each_of_many_articles_has_its_three_numbers_and_its_ladder(
    client: FlaskClient, session: Session, deal: GroupBuy, oil: Article, bob: Actor, now: datetime
) -> None:
    make_buying.join(session, deal, bob, 20, now=now)

    page = client.get(at(deal, oil)).text

    numbers = page[
        page.index('<dl class="prices">') : page.index("</dl>", page.index("prices__box"))
    ]
    assert re.findall("€[0-9.]+", numbers) == ["€36.00", "€40.50"]
    assert "It is at its lowest" in numbers
    assert '<svg class="ladder__picture"' in page
    assert "20 units are ordered. That is enough for this article." in page


@pytest.mark.parametrize(
    ("units", "tolerance", "marked"),
    [(18, 2, "from 20 now"), (18, 0, "from 5 now"), (4, 0, None), (9, 0, "from 5 now")],
)
def test_the_ladder_marks_the_step_of_the_price_now(
    client: FlaskClient, session: Session, alice: Actor, bob: Actor, now: datetime,
    units: int, tolerance: int, marked: str | None,
) -> None:  # fmt: skip
    """What tolerance fills up counts, as it does for the price."""
    can = make_buying.olive_oil(case_size=5)
    deal = make_buying.group_buy(session, alice, articles=[can], now=now)
    make_buying.join(session, deal, bob, units, tolerance=tolerance, now=now)
    [article] = buying.articles(session, deal)

    for path in (at(deal, article), f"/group-buys/{deal.slug}"):
        rows = re.findall(r'<tr class="table__row--now"><td>(.*?)</td>', client.get(path).text)
        words = {" ".join(re.sub("<[^>]+>", " ", row).split()) for row in rows}
        assert words == ({marked} if marked else set())


def test_what_is_missing_to_an_article_is_said_of_this_one(
    client: FlaskClient, session: Session, deal: GroupBuy, oil: Article, bob: Actor, now: datetime
) -> None:
    make_buying.join(session, deal, bob, 3, now=now)

    assert "2 more units and it is enough for this article." in client.get(at(deal, oil)).text


def test_a_case_that_is_not_full_says_what_is_missing_to_be_ordered(
    as_bob: FlaskClient, session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    can = make_buying.olive_oil(
        name="Oil", case_size=6, tiers=[(1, 4000)], minimum_units=1, maximum_units=None
    )
    plain = make_buying.olive_oil(name="Plain", tiers=[(1, 4000)])
    made = make_buying.group_buy(session, alice, now=now, articles=[can, plain])
    make_buying.join(session, made, bob, 4, now=now)
    oil, other = buying.articles(session, made)
    session.flush()

    address = f"/group-buys/{made.slug}"
    page, list_page = as_bob.get(at(made, oil)).text, as_bob.get(address).text

    for said in (page, list_page, as_bob.get(f"{address}/articles").text):
        assert "2 more, then it is ordered" in said
    assert "progress--reached" not in page
    assert "Highest price" not in page
    assert "More choices" in page
    assert "More choices" not in as_bob.get(at(made, other)).text


def test_articles_are_linked_with_their_worst_price_wherever_they_stand(
    as_bob: FlaskClient, session: Session, deal: GroupBuy, oil: Article, bob: Actor, now: datetime
) -> None:
    make_buying.join(session, deal, bob, 20, now=now)

    pages = [
        as_bob.get(f"/group-buys/{deal.slug}{path}").text for path in ("", "/articles", "/order")
    ]

    assert all(f'href="{at(deal, oil)}"' in page for page in pages)
    assert all('<img class="thumb"' in page for page in pages)
    table = pages[0][pages[0].index("Where the articles stand") :]
    row = re.sub(r"<[^>]+>", " ", table[table.index("Olive oil") : table.index("Vinegar")])
    assert re.findall("€[0-9.]+", row) == ["€36.00", "€40.50"]
    assert "at most €40.00" in pages[1]


def test_an_article_is_ordered_from_its_page(
    as_bob: FlaskClient, session: Session, deal: GroupBuy, oil: Article, bob: Actor
) -> None:
    answer = send(as_bob, f"/group-buys/{deal.slug}/basket", review="1", **{f"units-{oil.id}": "3"})

    assert answer.location == f"/group-buys/{deal.slug}/order"
    assert 'value="3"' in as_bob.get(at(deal, oil)).text
    assert buying.gathered(session, deal, bob.participant.id)[oil.id].units == 3


def test_whoever_goes_on_choosing_is_where_the_article_stands(
    as_bob: FlaskClient, session: Session, deal: GroupBuy
) -> None:
    _, vinegar = buying.articles(session, deal)
    page = as_bob.get(at(deal, vinegar)).text
    after = re.search(r'name="after" value="([^"]+)"', page)
    assert after is not None

    answer = send(
        as_bob,
        f"/group-buys/{deal.slug}/basket",
        stay="1",
        after=after[1],
        **{f"units-{vinegar.id}": "1"},
    )

    listed = as_bob.get(answer.location).text
    assert re.findall(r'id="field-units-([0-9]+)"', listed) == [str(vinegar.id)]


def test_a_stranger_is_asked_to_sign_in_and_comes_back(
    client: FlaskClient, deal: GroupBuy, oil: Article
) -> None:
    page = client.get(at(deal, oil)).text

    assert "Sign in to order" in page
    assert "/articles/" in page[page.index("/sign-in?next=") :]
    assert f"units-{oil.id}" not in page


def test_an_article_of_another_group_buy_is_not_found(
    client: FlaskClient, session: Session, deal: GroupBuy, alice: Actor, now: datetime
) -> None:
    other = make_buying.group_buy(session, alice, now=now)
    [strange] = buying.articles(session, other)

    assert client.get(at(deal, strange)).status_code == 404


def test_the_articles_of_a_draft_are_shown_to_nobody_else(
    as_alice: FlaskClient, as_bob: FlaskClient, session: Session, alice: Actor, now: datetime
) -> None:
    draft = make_buying.group_buy(session, alice, now=now, published=False)
    [oil] = buying.articles(session, draft)

    assert as_alice.get(at(draft, oil)).status_code == 200
    assert as_bob.get(at(draft, oil)).status_code == 404


def test_a_price_that_can_never_hold_is_no_next_step(
    client: FlaskClient, session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    """Ten are the smallest total, and from ten on it is cheaper: the first price never holds."""
    oil = make_buying.olive_oil(minimum_units=10, tiers=[(1, 4990), (10, 4490), (20, 3990)])
    deal = make_buying.group_buy(session, alice, now=now, articles=[oil])
    make_buying.join(session, deal, bob, 9, highest_price_minor=4490, now=now)
    [article] = buying.articles(session, deal)

    found = buying.ladder(article)

    assert (found.first.price_minor, found.worst.price_minor) == (4490, 4990)
    assert found.next is not None
    assert (found.next.price_minor, found.next.missing_units) == (4490, 1)
    assert [step.place for step in found.steps] == ["out_of_reach", "next", "later"]
    page = client.get(f"/group-buys/{deal.slug}").text
    assert "1 more unit and it happens." in page
    assert "1 more, then it is ordered" in page

"""Home and the board: what one finds, with the filters in the address."""

import html
import re
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from marketplace import db
from marketplace.cards import left
from models.actors import Actor
from models.buying import Stage
from models.collaborations import Category, State, Visibility
from services import geography
from services.buying import steering
from services.places import PlaceRow
from tests import make_buying, make_running
from tests.counting import counted
from tests.make_discovery import deal


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[None]:
    """Today is the day of the tests: what is made for it closes days later."""
    with db.at(now):
        yield


@pytest.fixture
def towns(session: Session) -> None:
    geography.load(
        session,
        [
            PlaceRow(1, "Bremerhaven", (), "DE", "Bremen", 53.55, 8.58, 110_000),
            PlaceRow(2, "Amsterdam", (), "NL", "Noord-Holland", 52.37, 4.9, 800_000),
        ],
    )


def titles(page: str) -> list[str]:
    found = re.findall(r'class="card__link"[^>]*>([^<]*)<', page)
    return [html.unescape(title) for title in found]


def test_home_asks_what_is_needed_and_explains_itself(client: FlaskClient) -> None:
    page = client.get("/")

    assert page.status_code == 200
    assert "What do you need?" in page.text
    assert "The board is still empty" in page.text
    assert page.text.count("steps__step") == 4


def test_home_shows_what_is_nearly_there_and_what_is_new(
    client: FlaskClient, session: Session, alice: Actor, now: datetime
) -> None:
    deal(session, alice, "Half", now=now, progress_basis_points=5_000)
    deal(session, alice, "Tipped", now=now, progress_basis_points=10_000, is_tipped=True)

    with db.at(now):
        page = client.get("/").text

    assert titles(page) == ["Half", "Tipped"]


def test_home_shows_no_deal_twice_and_fills_up_with_others(
    client: FlaskClient, session: Session, alice: Actor, now: datetime
) -> None:
    for number in range(8):
        deal(session, alice, f"Deal {number}", now=now, progress_basis_points=number * 1_000)

    with db.at(now), counted(session) as statements:
        page = client.get("/").text

    assert len(titles(page)) == len(set(titles(page))) == 8
    assert len(statements) <= 4, "\n".join(statements)


def test_home_is_not_empty_when_all_is_nearly_there(
    client: FlaskClient, session: Session, alice: Actor, now: datetime
) -> None:
    deal(session, alice, "Half", now=now, progress_basis_points=5_000)

    with db.at(now):
        page = client.get("/").text

    assert titles(page) == ["Half"]
    assert "The board is still empty" not in page


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("", "First stands what closes soonest."),
        ("?sort=nearly", "First stands what lacks least;"),
        ("?sort=newest", "First stands what opened last."),
        ("?place=Bremerhaven", "First stands what is nearest to the place you named."),
        ("?q=oil", "First stands what has your words, in the title before other places."),
    ],
)
def test_a_list_says_what_it_is_ordered_by(
    client: FlaskClient,
    session: Session,
    towns: None,
    alice: Actor,
    now: datetime,
    asked: str,
    said: str,
) -> None:
    deal(session, alice, "Olive oil", now=now, latitude=53.55, longitude=8.58)

    with db.at(now):
        page = client.get(f"/group-buys{asked}").text

    assert titles(page) == ["Olive oil"]
    assert said in page
    assert "No place in the list can be bought." in page
    assert 'href="/how-it-works#order"' in page


def test_the_question_leads_to_deals_to_join_and_to_beginning_one(
    client: FlaskClient, session: Session, alice: Actor, now: datetime
) -> None:
    deal(session, alice, "Olive oil", now=now)
    deal(session, alice, "Honey", now=now)

    with db.at(now):
        found = client.get("/group-buys?q=oil").text
        nothing = client.get("/group-buys?q=kayak").text

    assert titles(found) == ["Olive oil"]
    assert "Start a group buy for “oil”" in found
    assert titles(nothing) == []
    assert "Nobody has begun this yet" in nothing
    assert "Start a group buy for “kayak”" in nothing


@pytest.mark.usefixtures("towns")
@pytest.mark.parametrize(
    ("filters", "said"),
    [
        ("place=Amsterdam", "None within 25 km of Amsterdam"),
        ("category=tools", "Nothing fits all of this"),
        ("status=completed", "Nothing fits all of this"),
    ],
)
def test_what_the_filters_leave_out_is_offered_by_its_words_alone(
    client: FlaskClient, session: Session, alice: Actor, now: datetime, filters: str, said: str
) -> None:
    deal(session, alice, "Olive oil", now=now, category=Category.FOOD)

    page = client.get(f"/group-buys?q=olive&{filters}").text
    nowhere = client.get(f"/group-buys?q=kayak&{filters}").text

    assert titles(page) == []
    assert said in page
    assert 'href="/group-buys?q=olive">Search everywhere for “olive”' in page
    assert "Nobody has begun this yet" not in page
    assert "Nobody has begun this yet" in nowhere


def test_what_is_no_longer_open_is_offered_before_it_is_begun_anew(
    client: FlaskClient, session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    make_running.closed(session, alice, [(bob, 12)], now=now)

    page = client.get("/group-buys?q=olvie").text

    assert "None of it is open now" in page
    assert 'href="/group-buys?q=olvie&amp;status=decided">See what was' in page
    assert "Nobody has begun this yet" not in page


@pytest.mark.usefixtures("towns")
def test_only_what_finds_nothing_asks_again(
    client: FlaskClient, session: Session, alice: Actor, now: datetime
) -> None:
    deal(session, alice, "Olive oil", now=now)
    client.get("/group-buys?q=olive&place=Amsterdam")

    with counted(session) as nothing:
        client.get("/group-buys?q=kayak")
    with counted(session) as nothing_near:
        client.get("/group-buys?q=olive&place=Amsterdam")

    # Once for what is open everywhere; and what is nowhere open, in two steps, among the rest.
    assert len(nothing_near) == 2
    assert len(nothing) == 3


@pytest.mark.usefixtures("towns")
def test_a_place_narrows_the_list_and_says_the_distance(
    client: FlaskClient, session: Session, alice: Actor, now: datetime
) -> None:
    deal(session, alice, "Here", now=now)
    deal(session, alice, "Ten", now=now, latitude=53.64)
    deal(session, alice, "Far", now=now, place_name="Amsterdam", latitude=52.37, longitude=4.9)

    with db.at(now):
        page = client.get("/group-buys?place=bremerhaven&within=25").text

    assert titles(page) == ["Here", "Ten"]
    assert "Bremerhaven, less than 1 km away" in page
    assert "Bremerhaven, 10 km away" in page


def test_an_unknown_place_is_said_at_its_field(client: FlaskClient) -> None:
    page = client.get("/group-buys?place=Xyzzy")

    assert page.status_code == 422
    assert "We know no place of this name" in page.text
    assert 'value="Xyzzy"' in page.text
    assert "Did you mean" not in page.text


def test_places_that_may_be_meant_lead_to_their_lists(client: FlaskClient, towns: None) -> None:
    page = client.get("/group-buys?place=Bremerhafen&q=oil")

    [address] = re.findall(r'<a href="([^"]+)">Bremerhaven, Bremen, DE</a>', page.text)
    assert page.status_code == 422
    assert "q=oil" in address
    assert client.get(html.unescape(address)).status_code == 200


@pytest.mark.parametrize(
    "query",
    ["within=0", "within=abc", "category=x", "status=x", "sort=x", "q=" + "a" * 101, "within=1e9"],
)
def test_a_filter_that_is_none_is_shown_as_typed(client: FlaskClient, query: str) -> None:
    assert client.get(f"/group-buys?{query}").status_code == 422


@pytest.mark.parametrize("query", ["after=x", "after=WzFd", "after=%5B"])
def test_a_made_up_page_is_refused(client: FlaskClient, query: str) -> None:
    assert client.get(f"/group-buys?{query}").status_code == 422


@pytest.mark.parametrize(
    "words", ["", " ", "<script>alert(1)</script>", "שלום", "🍯", "'; DROP TABLE members; --", "%"]
)
def test_any_words_can_be_asked_for(client: FlaskClient, words: str) -> None:
    page = client.get("/group-buys", query_string={"q": words})

    assert page.status_code == 200
    assert "<script>alert" not in page.text


def test_filters_stand_in_the_address_of_the_next_page(
    client: FlaskClient, session: Session, alice: Actor, now: datetime
) -> None:
    for number in range(25):
        deal(session, alice, f"Saw {number}", now=now, category=Category.TOOLS)
    deal(session, alice, "Oil", now=now, category=Category.FOOD)

    with db.at(now):
        first = client.get("/group-buys?category=tools&sort=newest").text
        [following] = re.findall(r'rel="next" href="([^"]*)"', first)
        second = client.get(html.unescape(following)).text

    assert len(titles(first)) == 24
    assert len(titles(second)) == 1
    assert set(titles(first)) & set(titles(second)) == set()
    assert 'rel="next"' not in second
    assert 'rel="prev" href="/group-buys?category=tools&amp;sort=newest"' in second


def test_an_address_brings_nothing_into_our_links(
    client: FlaskClient, session: Session, alice: Actor, now: datetime
) -> None:
    for number in range(25):
        deal(session, alice, f"Saw {number}", now=now)

    with db.at(now):
        page = client.get("/group-buys?endpoint=x&_scheme=javascript&_external=1&_anchor=y")

    assert page.status_code == 200
    assert 'rel="next" href="/group-buys?after=' in page.text
    assert "javascript:" not in page.text


def test_an_empty_board_says_how_to_begin(client: FlaskClient) -> None:
    page = client.get("/group-buys").text

    assert "No group buy is open" in page
    assert "Start a group buy" in page


def test_what_only_some_may_see_is_on_no_public_page(
    as_alice: FlaskClient, session: Session, alice: Actor, now: datetime
) -> None:
    hidden = deal(session, alice, "Hidden", now=now, visibility=Visibility.LINK)

    for path in ("/", "/group-buys", "/group-buys?q=hidden", "/sitemap.xml"):
        text = as_alice.get(path).text
        assert hidden.slug not in text
        assert titles(text) == []


def test_a_list_of_24_takes_five_statements_beside_the_clock_for_a_member(
    as_bob: FlaskClient, session: Session, alice: Actor, now: datetime
) -> None:
    for number in range(24):
        deal(session, alice, f"Olive oil {number}", now=now)

    with counted(session) as cold:
        page = as_bob.get("/group-buys?q=olive").text
    with counted(session) as warm:
        as_bob.get("/group-buys?q=olive")

    assert len(titles(page)) == 24
    # Who asks, for whom they may act, what fits, its cards, and how many notices are unread.
    assert len([one for one in cold if "clock_timestamp" not in one]) <= 5, cold
    assert len([one for one in warm if "clock_timestamp" not in one]) <= 4, warm


def test_a_card_is_kept_until_its_deal_changes(
    client: FlaskClient, session: Session, alice: Actor, now: datetime
) -> None:
    made = deal(session, alice, "Olive oil", now=now, commitments_count=1)
    with db.at(now):
        client.get("/group-buys")
        made.commitments_count = 7
        session.flush()
        kept = client.get("/group-buys").text
        made.touch()
        session.flush()
        renewed = client.get("/group-buys").text

    assert "1 has joined" in kept
    assert "7 have joined" in renewed


def test_a_kept_card_counts_the_days_anew(
    client: FlaskClient, session: Session, alice: Actor, now: datetime
) -> None:
    deal(session, alice, "Olive oil", now=now, closes_at=now + timedelta(days=6, hours=1))

    with db.at(now):
        today = client.get("/group-buys").text
    with db.at(now + timedelta(days=2)):
        later = client.get("/group-buys").text

    assert "(in 6 days)" in today
    assert "(in 4 days)" in later


def test_a_kept_card_is_of_one_language(
    client: FlaskClient, session: Session, alice: Actor, now: datetime
) -> None:
    deal(session, alice, "Olive oil", now=now)

    with db.at(now):
        english = client.get("/group-buys", headers={"Accept-Language": "en"}).text
        german = client.get("/group-buys", headers={"Accept-Language": "de"}).text

    assert "€12.50" in english
    assert "12,50" in german
    assert "€12.50" not in german


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.RUNNING, "Enough have joined"),
        (State.COMPLETED, "It happened"),
        (State.FAILED, "Nobody paid anything"),
    ],
)
def test_what_is_over_says_how_it_ended(
    client: FlaskClient, session: Session, alice: Actor, now: datetime, state: State, words: str
) -> None:
    deal(session, alice, "Olive oil", now=now, state=state)

    pages = [client.get(f"/group-buys?status={status}").text for status in ("decided", "completed")]

    assert sorted(titles(page) for page in pages) == [[], ["Olive oil"]]
    assert any(words in page for page in pages)


def test_members_words_are_escaped(
    client: FlaskClient, session: Session, alice: Actor, now: datetime
) -> None:
    deal(session, alice, "<b>Oil</b> <!--away-->", now=now, place_name="<i>x</i>")

    with db.at(now):
        page = client.get("/group-buys").text

    assert titles(page) == ["<b>Oil</b> <!--away-->"]
    assert "<i>x</i>" not in page


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(days=13), " (in 13 days)"),
        (timedelta(hours=47), " (in 47 hours)"),
        (timedelta(hours=1), " (in 60 minutes)"),
        (timedelta(seconds=5), " (in 1 minute)"),
        (timedelta(0), ""),
    ],
)
def test_the_time_left_is_said_in_the_largest_whole_unit(
    app: object, client: FlaskClient, span: timedelta, words: str
) -> None:
    with client.application.test_request_context(headers={"Accept-Language": "en"}):
        assert left(span, "en") == words


def test_a_card_says_when_it_opens_and_that_it_is_paused(
    client: FlaskClient, session: Session, alice: Actor, now: datetime
) -> None:
    later = make_buying.group_buy(session, alice, opens_at=now + timedelta(days=3), now=now)
    assert "Opens Tue, Nov 24" in client.get("/group-buys").text
    paused = make_buying.group_buy(session, alice, title="Wool from Muhu", now=now)
    assert "Paused" not in client.get("/group-buys").text

    steering.pause(session, paused, reason="No truck", actor=alice, now=now)

    cards = client.get("/group-buys").text
    assert cards.count("Paused") == 1
    assert cards.count("Opens Tue") == 1
    assert later.stage == Stage.SCHEDULED

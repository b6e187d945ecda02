"""Finding deals: by place, by what they are, by words in three languages, page by page."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from models.actors import Actor
from models.collaborations import Category, State, Visibility
from models.errors import NotFound
from models.geography import Coordinates
from models.participants import ParticipantKind
from services import buying, discovery
from services.buying.amending import Amendment, amend
from services.discovery import Filters, Sort, Status
from services.paging import CursorNotValid
from tests import make, make_buying
from tests.counting import counted
from tests.make_discovery import deal

BREMERHAVEN = Coordinates(53.55, 8.58)
AMSTERDAM = {"place_name": "Amsterdam", "latitude": 52.37, "longitude": 4.9}
BREMEN = {"place_name": "Bremen", "latitude": 53.08, "longitude": 8.81}


def ids(session: Session, filters: Filters, now: datetime, actor: Actor | None = None) -> list[int]:
    return [one.id for one in discovery.browse(session, filters, actor=actor, now=now).rows]


def test_what_closes_first_comes_first(session: Session, alice: Actor, now: datetime) -> None:
    late = deal(session, alice, "Late", now=now, closes_at=now + timedelta(days=9))
    soon = deal(session, alice, "Soon", now=now, closes_at=now + timedelta(days=1))

    assert ids(session, Filters(), now) == [soon.id, late.id]


@pytest.mark.parametrize(
    "shown",
    [
        {"state": State.DRAFT},
        {"state": State.CANCELLED},
        {"visibility": Visibility.LINK},
        {"visibility": Visibility.NAMED},
    ],
)
def test_what_is_not_public_is_not_found(
    session: Session, alice: Actor, now: datetime, shown: dict[str, object]
) -> None:
    deal(session, alice, "Secret olives", now=now, **shown)

    for status in Status:
        assert ids(session, Filters(status=status), now, alice) == []
        assert ids(session, Filters(status=status, words="olives"), now, alice) == []
        assert ids(session, Filters(status=status, near=BREMERHAVEN), now, alice) == []
    assert discovery.all_public(session) == []


def test_past_its_close_a_deal_is_no_longer_open(
    session: Session, alice: Actor, now: datetime
) -> None:
    deal(session, alice, "Just over", now=now, closes_at=now)

    assert ids(session, Filters(), now) == []


def test_nearly_there_is_what_still_misses_the_least(
    session: Session, alice: Actor, now: datetime
) -> None:
    half = deal(session, alice, "Half", now=now, progress_basis_points=5_000)
    almost = deal(session, alice, "Almost", now=now, progress_basis_points=9_000)
    deal(session, alice, "Tipped", now=now, progress_basis_points=10_000, is_tipped=True)
    deal(session, alice, "Paused", now=now, progress_basis_points=9_500, is_paused=True)

    assert ids(session, Filters(sort=Sort.NEARLY), now) == [almost.id, half.id]


def test_a_category_holds_its_own_deals_only(session: Session, alice: Actor, now: datetime) -> None:
    saw = deal(session, alice, "Saw", now=now, category=Category.TOOLS)
    deal(session, alice, "Oil", now=now, category=Category.FOOD)

    assert ids(session, Filters(category=Category.TOOLS), now) == [saw.id]


def test_decided_and_completed_deals_are_apart(
    session: Session, alice: Actor, now: datetime
) -> None:
    running = deal(session, alice, "Running", now=now, state=State.RUNNING)
    failed = deal(session, alice, "Failed", now=now, state=State.FAILED)

    assert ids(session, Filters(status=Status.DECIDED, sort=Sort.CLOSING), now) == [running.id]
    assert ids(session, Filters(status=Status.COMPLETED), now) == [failed.id]


def test_near_means_within_the_circle_and_not_its_box(
    session: Session, alice: Actor, now: datetime
) -> None:
    here = deal(session, alice, "Here", now=now)
    bremen = deal(session, alice, "Bremen", now=now, **BREMEN)
    # 35 km north and 35 km east: within the box of 40 km, but 49 km away.
    deal(session, alice, "Corner", now=now, latitude=53.865, longitude=9.11)
    deal(session, alice, "Far", now=now, **AMSTERDAM)
    deal(session, alice, "Nowhere", now=now, latitude=None, longitude=None)

    assert ids(session, Filters(near=BREMERHAVEN, within_km=40), now) == [here.id]
    wide = ids(session, Filters(near=BREMERHAVEN, within_km=60), now)
    assert wide[0] == here.id
    assert bremen.id in wide


def test_distance_is_from_the_place_asked_for_else_from_home(
    session: Session, alice: Actor, now: datetime
) -> None:
    deal(session, alice, "Amsterdam", now=now, **AMSTERDAM)

    [stranger] = discovery.browse(session, Filters(), actor=None, now=now).rows
    [neighbour] = discovery.browse(session, Filters(), actor=alice, now=now).rows

    assert stranger.distance_km is None
    assert neighbour.distance_km == pytest.approx(280, abs=15)


def test_near_the_date_line_both_sides_are_found(
    session: Session, alice: Actor, now: datetime
) -> None:
    east = deal(session, alice, "East", now=now, latitude=-17.0, longitude=179.9)
    west = deal(session, alice, "West", now=now, latitude=-17.0, longitude=-179.9)

    found = ids(session, Filters(near=Coordinates(-17.0, 179.95), within_km=50), now)

    assert found == [east.id, west.id]


@pytest.mark.parametrize(
    ("lang", "title", "words"),
    [
        ("en", "Olive oils from Crete", "oil"),
        ("de", "Äpfel vom Deich", "apfel"),
        ("de", "Waschmaschinen gemeinsam kaufen", "waschmaschine"),
        ("nl", "Stroopwafels voor de straat", "stroopwafel"),
        ("et", "Kartulid talust", "kartulid"),
        ("de", "Bio-Olivenölkanister", "olivenöl"),
        ("de", "Olivenöl aus Kreta", "olivnöl"),
        ("nl", "Koffiebonen uit Peru", "kofie"),
    ],
)
def test_words_find_their_forms_compounds_and_slips(
    session: Session, alice: Actor, now: datetime, lang: str, title: str, words: str
) -> None:
    wanted = deal(session, alice, title, now=now, lang=lang)
    deal(session, alice, "Rain barrels", now=now)

    assert ids(session, Filters(words=words), now) == [wanted.id]


def test_a_word_in_the_text_is_found_after_one_in_the_title(
    session: Session, alice: Actor, now: datetime
) -> None:
    in_text = deal(session, alice, "Breakfast", now=now, description="With honey.")
    in_title = deal(session, alice, "Honey", now=now)

    assert ids(session, Filters(words="honey"), now) == [in_title.id, in_text.id]


def test_a_deal_is_found_by_its_articles_after_those_with_the_word_in_the_title(
    session: Session, alice: Actor, now: datetime
) -> None:
    articles = [make_buying.olive_oil(name="Tahini mild"), make_buying.olive_oil(name="Lentils")]
    order = make_buying.group_buy(session, alice, now=now, articles=articles, title="Street order")
    in_title = deal(session, alice, "Tahini from Greece", now=now)
    in_text = deal(session, alice, "Breakfast", now=now, description="With tahini.")

    assert ids(session, Filters(words="tahini"), now) == [in_title.id, in_text.id, order.id]
    assert ids(session, Filters(words="lentil street"), now) == [order.id]
    assert discovery.cards(session, [order.id])[order.id][0].version == order.version


@pytest.mark.parametrize(
    "words", ["tahni", "tahinni", "tahimi", "thaini", "lentisl Street", "linsen tahini"]
)
def test_a_typing_error_in_the_name_of_an_article_hides_nothing(
    session: Session, alice: Actor, now: datetime, words: str
) -> None:
    names = ["Tahini mild", "Lentils", "Linsen rot"]
    articles = [make_buying.olive_oil(name=name) for name in names]
    order = make_buying.group_buy(session, alice, now=now, articles=articles, title="Street order")
    deal(session, alice, "Honey", now=now)
    alike = deal(session, alice, f"All for {words}", now=now)

    with counted(session) as statements:
        found = ids(session, Filters(words=words), now)

    assert found == [alike.id, order.id]
    assert len(statements) == 1
    assert ids(session, Filters(words="zahnfee"), now) == []


def test_an_amended_name_is_found_and_the_one_before_is_not(
    session: Session, alice: Actor, now: datetime
) -> None:
    order = make_buying.group_buy(session, alice, now=now, title="Street order")
    [article] = buying.articles(session, order)
    amendment = Amendment(articles={article.id: make_buying.olive_oil(name="Tahini")})

    amend(session, order, amendment, actor=alice, now=now)

    assert ids(session, Filters(words="tahini"), now) == [order.id]
    assert ids(session, Filters(words="olive"), now) == []


@pytest.mark.parametrize(
    "hidden", [{"published": False}, {"visibility": Visibility.LINK}], ids=["draft", "link"]
)
def test_articles_of_what_is_not_public_are_not_found(
    session: Session, alice: Actor, now: datetime, hidden: dict[str, Any]
) -> None:
    articles = [make_buying.olive_oil(name="Tahini")]
    make_buying.group_buy(session, alice, now=now, articles=articles, **hidden)

    for status in Status:
        assert ids(session, Filters(status=status, words="tahini"), now, alice) == []


def test_five_thousand_articles_can_be_searched(
    session: Session, alice: Actor, now: datetime
) -> None:
    names = [f"Ware{number:x} Überraschung{number} {'ä' * 150}{number}" for number in range(5_000)]
    articles = [make_buying.olive_oil(name=name) for name in names]

    made = make_buying.group_buy(session, alice, now=now, articles=articles)

    assert len(made.wares) == 50_000
    assert ids(session, Filters(words="Ware2a Überraschung42"), now) == [made.id]


@pytest.mark.parametrize(
    "words", ["", "   ", "'", "& | !", "\\", "a:*", "~abc", "🍯", "%_", "ß" * 90]
)
def test_strange_words_harm_nothing(
    session: Session, alice: Actor, now: datetime, words: str
) -> None:
    deal(session, alice, "Honey", now=now)

    assert len(ids(session, Filters(words=words), now)) <= 1


@pytest.mark.parametrize(
    "filters",
    [
        Filters(sort=Sort.CLOSING),
        Filters(sort=Sort.NEWEST),
        Filters(sort=Sort.NEARLY),
        Filters(near=BREMERHAVEN, within_km=400),
        Filters(near=BREMERHAVEN, within_km=400, sort=Sort.CLOSING),
        Filters(words="honey"),
        Filters(words="honey", sort=Sort.NEARLY),
    ],
)
def test_pages_show_every_deal_once(
    session: Session, alice: Actor, now: datetime, filters: Filters
) -> None:
    made = [
        deal(
            session,
            alice,
            "Honey",
            now=now,
            closes_at=now + timedelta(hours=1 + number // 3),
            opens_at=now - timedelta(hours=1 + number // 3),
            progress_basis_points=number // 3,
            latitude=53.55 + number // 3 / 10,
        ).id
        for number in range(11)
    ]
    whole = ids(session, filters, now)
    seen: list[int] = []
    after = None

    while True:
        page = discovery.browse(
            session, replace(filters, limit=2, after=after), actor=None, now=now
        )
        seen += [one.id for one in page.rows]
        after = page.after
        if after is None:
            break

    assert seen == whole
    assert sorted(seen) == sorted(made)


@pytest.mark.parametrize(
    "after",
    [
        "x", "!!!!", "WzFd", "e30", "W10", "bnVsbA", "WyJhIiwgMV0", "WyIyMDI2LTExLTIxIiwgMV0",
        "ä", "[" * 390, "WyIyMDI2LTExLTIxVDAwOjAwOjAwKzAwOjAwIiw5OTk5OTk5OTk5OTk5OTk5OTk5OTld",
        "WyIwMDAxLTAxLTAxVDAwOjAwOjAwKzIzOjU5IiwgMV0",
    ],
)  # fmt: skip
def test_a_cursor_that_was_made_up_is_refused(session: Session, now: datetime, after: str) -> None:
    with pytest.raises(CursorNotValid):
        discovery.browse(session, Filters(after=after), actor=None, now=now)


def test_a_list_is_one_statement_and_its_cards_another(
    session: Session, alice: Actor, now: datetime
) -> None:
    for number in range(24):
        deal(session, alice, f"Honey {number}", now=now)
    session.expire_all()
    home = alice.participant.latitude

    with counted(session) as statements:
        page = discovery.browse(session, Filters(words="honey"), actor=alice, now=now)
        found = discovery.cards(session, [one.id for one in page.rows])
        names = {deal.organiser.name for deal, _ in found.values()}

    assert home is not None
    assert names == {"Alice"}
    assert len(found) == 24
    assert len(statements) == 2


def test_ten_thousand_deals_are_found_by_index(
    session: Session, alice: Actor, now: datetime
) -> None:
    deal(session, alice, "Honey", now=now)
    session.execute(
        text(
            "INSERT INTO collaborations (kind, slug, state, stage, title, summary, description, "
            "lang, category, visibility, link_key, organiser_id, made_by_id, currency, "
            "place_name, latitude, longitude, time_zone, opens_at, closes_at, is_paused, "
            "is_tipped, progress_basis_points, commitments_count, last_place, terms_number, "
            "version, made_at, decided_at, wares) "
            "SELECT kind, slug || n, "
            "(CAST('{open,running,failed}' AS collaboration_state[]))[1 + n % 3], stage, "
            "'Thing ' || n, summary, description, lang, "
            "category, visibility, link_key, organiser_id, made_by_id, currency, place_name, "
            "47 + (n % 700) / 100.0, 4 + (n / 700), time_zone, "
            "opens_at - n * interval '1 minute', closes_at + n * interval '1 minute', "
            "is_paused, is_tipped, n % 10000, 0, 0, 0, 1, made_at, made_at, wares "
            "FROM collaborations, generate_series(1, 10000) AS n"
        )
    )
    session.execute(text("SELECT gin_clean_pending_list('ix_collaborations_search')"))
    session.execute(text("ANALYZE collaborations"))
    asked = [
        Filters(),
        Filters(sort=Sort.NEWEST),
        Filters(sort=Sort.NEARLY),
        Filters(near=BREMERHAVEN),
        Filters(words="honey"),
        Filters(words="hony"),
        *(Filters(status=status) for status in Status),
        *(Filters(status=status, near=BREMERHAVEN) for status in Status),
    ]

    for filters in asked:
        with counted(session) as statements:
            discovery.browse(session, filters, actor=None, now=now)
        assert plan(session, filters, now) == [], (filters, statements)


def plan(session: Session, filters: Filters, now: datetime) -> list[str]:
    """The lines of the plan that read the whole table."""
    from sqlalchemy.dialects import postgresql

    from services.discovery import browsing

    if filters.words or filters.near:
        query = browsing._candidates(filters, now)
    else:
        query = browsing._by_index(filters, None, now)
    sql = query.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
    lines = session.execute(text("EXPLAIN " + str(sql).replace(":", "\\:"))).scalars()
    return [line for line in lines if "Seq Scan on collaborations" in line]


def test_participants_are_found_by_the_beginning_of_their_name(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    first = discovery.participants(session, limit=1)
    second = discovery.participants(session, limit=1, after=first.after)

    assert [one.name for one in (*first.rows, *second.rows)] == ["Alice", "Bob"]
    assert second.after is None
    assert [one.name for one in discovery.participants(session, words="al").rows] == ["Alice"]
    assert discovery.participants(session, words="%").rows == first.rows + second.rows


def test_guests_and_the_erased_are_not_found(
    session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    guest = make.participant(
        session,
        "Gerda",
        now=now,
        kind=ParticipantKind.GUEST,
        kept_by_id=alice.participant.id,
    )
    bob.participant.erased_at = now
    session.flush()

    assert [one.name for one in discovery.participants(session).rows] == ["Alice"]
    for hidden in (guest, bob.participant):
        with pytest.raises(NotFound):
            discovery.find_participant(session, hidden.id)

"""Alice opens a group buy and runs it from her desk; others are kept out of it."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from markupsafe import escape
from PIL import Image
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from marketplace import db
from marketplace.buying.wording import RATIONING, WITHDRAWAL
from models.actors import Actor
from models.buying import GroupBuy, GroupBuyCommitment, Stage, WithdrawalPolicy
from models.catalogues import CatalogueArticle
from models.collaborations import Category, CommitmentState, CoOrganiser, State, Visibility
from models.disputes import Ground, Measure, Target
from models.ledger import Currency
from models.participants import Participant, ParticipantKind, Picture
from models.payments import PaymentState
from models.rules import Rationing
from services import buying, catalogues, dialogue, disputes, geography, pictures
from services.buying import collecting, guests
from services.places import PlaceRow
from services.throttles import Limit
from tests import make_buying, make_catalogues, make_running
from tests.counting import counted
from tests.pages import send

WEIRD = [
    "<script>alert(1)</script>",
    "\u202eevil",
    "مرحبا بالعالم",
    "🦊" * 20,
    "x" * 20_000,
    "' OR 1=1 --",
    "-1",
    "99999999999999999999",
    "12 USD",
    "NaN",
    "2020-01-01T10:00",
]


@pytest.fixture(autouse=True)
def clock(now: datetime) -> Iterator[None]:
    with db.at(now):
        yield


@pytest.fixture
def draft(session: Session, alice: Actor, now: datetime) -> GroupBuy:
    return make_buying.group_buy(session, alice, now=now, published=False)


@pytest.fixture
def open_deal(session: Session, alice: Actor, now: datetime) -> GroupBuy:
    return make_buying.group_buy(session, alice, now=now)


@pytest.fixture
def running(session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime) -> GroupBuy:
    """Bob ordered 4 cans and Charlie 3; it closed and runs."""
    return make_running.closed(session, alice, [(bob, 4), (charlie, 3)], now=now)


@pytest.fixture
def handing_over(session: Session, running: GroupBuy, alice: Actor) -> GroupBuy:
    make_running.handing_over(session, running, alice)
    return running


def what(now: datetime, **overrides: str) -> dict[str, str]:
    closes = now + timedelta(days=7)
    return {
        "title": "Olive oil from Crete",
        "description": "Straight from the press.",
        "category": "food",
        "closes_at": closes.strftime("%Y-%m-%dT20:00"),
        "visibility": "public",
        "lang": "en",
        **overrides,
    }


def article(**overrides: str) -> dict[str, str]:
    return {
        "name": "Olive oil",
        "unit": "5 l can",
        "price": "40,00",
        "tier_1_from": "20",
        "tier_1_price": "36",
        **overrides,
    }


def pickup(now: datetime, **overrides: str) -> dict[str, str]:
    day = now + timedelta(days=10)
    return {
        "name": "Alice's garage",
        "address": "Hafenstraße 1",
        "from_at": day.strftime("%Y-%m-%dT17:00"),
        "until_at": day.strftime("%Y-%m-%dT19:00"),
        **overrides,
    }


# Drafting


def test_a_small_group_buy_is_opened_in_five_steps(
    as_alice: FlaskClient, session: Session, now: datetime
) -> None:
    assert send(as_alice, "/group-buys/new", **what(now)).status_code == 303
    made = session.scalars(select(GroupBuy)).one()
    at = f"/group-buys/{made.slug}"

    assert send(as_alice, f"{at}/draft/articles", **article()).status_code == 303
    page = as_alice.get(f"{at}/draft/pick-up").text
    times = dict(re.findall(r'name="(\w+_at)" type="datetime-local" value="([^"]+)"', page))
    assert send(as_alice, f"{at}/draft/pick-up", **pickup(now, **times)).status_code == 303
    rules = {"by_card": "true", "at_pickup": "true"}
    assert send(as_alice, f"{at}/draft/rules", **rules).status_code == 303
    assert "Everything is there" in as_alice.get(f"{at}/draft/review").text
    assert send(as_alice, f"{at}/publication").status_code == 303

    session.refresh(made)
    [kept] = buying.articles(session, made)
    assert made.state == State.OPEN
    assert [(tier.from_units, tier.price_minor) for tier in kept.tiers] == [(1, 4000), (20, 3600)]
    assert made.title in as_alice.get(f"{at}/desk").text


def test_the_close_is_typed_in_the_time_of_the_place(
    as_alice: FlaskClient, session: Session, now: datetime
) -> None:
    send(as_alice, "/group-buys/new", **what(now, closes_at="2026-11-28T20:00"))

    made = session.scalars(select(GroupBuy)).one()
    assert made.closes_at.isoformat() == "2026-11-28T19:00:00+00:00"


def test_steps_that_do_not_fall_are_said_where_they_are_typed(
    as_alice: FlaskClient, draft: GroupBuy
) -> None:
    answer = send(
        as_alice, f"/group-buys/{draft.slug}/draft/articles", **article(tier_1_price="41")
    )

    assert answer.status_code == 422
    assert '<a href="#field-tiers">' in answer.text
    assert 'id="field-tiers"' in answer.text


def test_a_place_that_may_be_meant_is_offered_and_chosen(
    as_alice: FlaskClient, session: Session, now: datetime
) -> None:
    geography.load(
        session, [PlaceRow(1, "Amsterdam", (), "NL", "Noord-Holland", 52.37, 4.9, 800_000)]
    )

    asked = send(as_alice, "/group-buys/new", **what(now, place="Amsterdm"))

    assert asked.status_code == 422
    assert 'name="place_id" value="1"' in asked.text
    told = send(as_alice, "/group-buys/new", **what(now, place="Amsterdm", place_id="1"))
    assert told.status_code == 303
    assert session.scalars(select(GroupBuy)).one().place_name == "Amsterdam"


def test_all_that_is_wrong_with_a_draft_is_told_at_once(
    as_alice: FlaskClient, now: datetime
) -> None:
    wrong = what(now, title="", place="Nirgendheim", closes_at="2020-01-01T12:00")

    page = send(as_alice, "/group-buys/new", **wrong).text

    for field in ("title", "place", "closes_at"):
        assert f'id="field-{field}-error"' in page


@pytest.mark.parametrize(
    "step", ["", "/articles", "/articles/new", "/pick-up", "/rules", "/review", "/catalogues"]
)
def test_each_step_of_a_draft_is_shown(as_alice: FlaskClient, draft: GroupBuy, step: str) -> None:
    assert as_alice.get(f"/group-buys/{draft.slug}/draft{step}").status_code == 200


def test_a_draft_for_food_says_how_many_articles_lack_what_food_must_say(
    as_alice: FlaskClient, session: Session, alice: Actor, now: datetime
) -> None:
    articles = [make_buying.olive_oil(), make_buying.olive_oil(food_information="Olive oil.")]
    drafts = [
        make_buying.group_buy(
            session, alice, now=now, articles=articles, published=False, category=category
        )
        for category in (Category.FOOD, Category.TOOLS)
    ]

    food, tools = (as_alice.get(f"/group-buys/{one.slug}/draft/review").text for one in drafts)

    assert "1 article does not say yet what food must say" in food
    assert "Everything is there" in food
    assert "what food must say" not in tools


def test_the_last_step_says_every_rule_that_people_will_rely_on(
    as_alice: FlaskClient, session: Session, alice: Actor, now: datetime
) -> None:
    bought = make_buying.olive_oil(minimum_units=12, maximum_units=90, case_size=6)
    made = make_buying.group_buy(
        session,
        alice,
        now=now,
        articles=[bought],
        published=False,
        withdrawal_policy=WithdrawalPolicy.NOT_IF_IT_UNTIPS,
        rationing=Rationing.PRO_RATA,
        extends_to_at=now + timedelta(days=8),
    )

    page = as_alice.get(f"/group-buys/{made.slug}/draft/review").text

    for said in (
        "it takes 12 units at least",
        "there are 90",
        "in cases of 6",
        "it stays open once more, until",
        escape(WITHDRAWAL[WithdrawalPolicy.NOT_IF_IT_UNTIPS]),
        escape(RATIONING[Rationing.PRO_RATA]),
        "For 7 days after the close",
    ):
        assert said in page
    assert "Version of the terms" not in page


def test_the_last_step_knows_of_goods_by_weight_that_it_does_not_list(
    as_alice: FlaskClient, session: Session, alice: Actor, now: datetime
) -> None:
    cans = [make_buying.olive_oil(name=f"Oil {at}") for at in range(6)]
    said = "You order pieces and pay for the grams that are weighed"
    plain, mixed = (
        make_buying.group_buy(session, alice, now=now, articles=articles, published=False)
        for articles in (cans, [*cans, make_buying.cheese()])
    )

    assert said not in as_alice.get(f"/group-buys/{plain.slug}/draft/review").text
    assert said in as_alice.get(f"/group-buys/{mixed.slug}/draft/review").text


def test_the_ladder_is_drawn_before_the_article_is_saved(
    as_alice: FlaskClient, draft: GroupBuy
) -> None:
    at = f"/group-buys/{draft.slug}/draft/articles"

    page = send(as_alice, at, **article(preview="true"))

    assert page.status_code == 200
    assert 'class="ladder"' in page.text
    assert 'value="40,00"' in page.text
    assert draft.articles_count == 1


def test_an_article_is_changed_with_all_that_was_said_of_it(
    as_alice: FlaskClient, session: Session, draft: GroupBuy
) -> None:
    [kept] = buying.articles(session, draft)
    at = f"/group-buys/{draft.slug}/draft/articles/{kept.id}"
    assert 'value="40.00"' in as_alice.get(at).text

    said = article(price="41.50", vat_percent="7", content="5", base_unit="l", deposit="0,25")
    assert send(as_alice, at, **said).status_code == 303

    [kept] = buying.articles(session, draft)
    assert kept.tiers[0].price_minor == 4150
    assert (kept.vat_basis_points, kept.base_units_thousandths, kept.deposit_minor) == (
        700,
        5000,
        25,
    )


def test_articles_are_removed(as_alice: FlaskClient, session: Session, draft: GroupBuy) -> None:
    article_id = buying.articles(session, draft)[0].id
    at = f"/group-buys/{draft.slug}/draft/articles"

    assert send(as_alice, f"{at}/removal").status_code == 422
    assert send(as_alice, f"{at}/removal", articles=str(article_id)).status_code == 303

    session.refresh(draft)
    assert draft.articles_count == 0
    assert "1 article is gone." in as_alice.get(f"{at}/new").text
    # Sent twice, or from two windows: what was gone before is not said to be gone now.
    assert send(as_alice, f"{at}/removal", articles=str(article_id)).status_code == 303
    assert "0 articles are gone." in as_alice.get(f"{at}/new").text


def test_the_right_of_withdrawal_is_said_of_all_that_a_search_finds(
    as_alice: FlaskClient, session: Session, draft: GroupBuy
) -> None:
    kinds = {"Kale": "Vegetables", "Beans in a jar": "Preserves", "Leek": "Vegetables"}
    given = [make_buying.olive_oil(name=name, category=kind) for name, kind in kinds.items()]
    buying.add_articles(session, draft, given)
    at = f"/group-buys/{draft.slug}/draft/articles/revocability"

    refused = send(as_alice, at, revocability="never", category="Vegetables")
    said = send(as_alice, at, revocability="perishable", category="Vegetables", q="")

    assert (refused.status_code, said.status_code) == (422, 303)
    assert said.location.endswith("/draft/articles?category=Vegetables")
    session.expire_all()
    excepted = {one.name for one in buying.articles(session, draft) if one.revocability.is_excepted}
    assert excepted == {"Kale", "Leek"}


def test_a_long_list_of_articles_is_searched_and_paged(
    as_alice: FlaskClient, session: Session, draft: GroupBuy
) -> None:
    many = [make_buying.olive_oil(name=f"Tea {number:03}") for number in range(120)]
    buying.add_articles(session, draft, many)
    at = f"/group-buys/{draft.slug}/draft/articles"

    first = as_alice.get(at).text
    after = re.search(r'rel="next" href="([^"]+)"', first)
    assert after is not None
    second = as_alice.get(after[1].replace("&amp;", "&")).text

    assert "Tea 010" in first
    assert "Tea 010" not in second
    assert "Tea 060" in second
    assert as_alice.get(f"{at}?q=tea+119").text.count("Tea 119") >= 1
    assert as_alice.get(f"{at}?after=nonsense").status_code == 200


def red(name: str) -> Any:
    """A red picture, as it is uploaded."""
    written = BytesIO()
    Image.new("RGB", (40, 20), "red").save(written, "PNG")
    return BytesIO(written.getvalue()), name


def test_a_picture_of_an_article_is_shown_and_taken_away(
    as_alice: FlaskClient, session: Session, draft: GroupBuy
) -> None:
    [oil] = buying.articles(session, draft)
    at = f"/group-buys/{draft.slug}/draft/articles/{oil.id}"
    assert send(as_alice, at, **article(), picture=red("oil.png")).status_code == 303
    session.refresh(oil)
    assert oil.picture is not None

    assert f"/pictures/{oil.picture.key}.webp" in as_alice.get(at).text
    send(as_alice, at, **article())
    session.refresh(oil)
    assert oil.picture_id is not None
    send(as_alice, at, **article(remove_picture="true"))

    session.refresh(oil)
    assert oil.picture_id is None
    assert session.scalar(select(func.count()).select_from(Picture)) == 0
    assert "/pictures/" not in as_alice.get(at).text


def test_a_picture_taken_from_a_copy_stays_where_it_was(
    as_alice: FlaskClient, session: Session, draft: GroupBuy, alice: Actor, now: datetime
) -> None:
    [oil] = buying.articles(session, draft)
    at = f"/group-buys/{draft.slug}/draft/articles/{oil.id}"
    send(as_alice, at, **article(), picture=red("oil.png"))
    copy = buying.copy(session, draft, actor=alice, now=now)
    [copied] = buying.articles(session, copy)

    at = f"/group-buys/{copy.slug}/draft/articles/{copied.id}"
    send(as_alice, at, **article(remove_picture="true"))

    session.refresh(oil)
    assert oil.picture is not None
    assert as_alice.get(f"/pictures/{oil.picture.key}.webp").status_code == 200


def test_a_cover_is_uploaded_and_taken_back(
    as_alice: FlaskClient, session: Session, draft: GroupBuy, now: datetime
) -> None:
    at = f"/group-buys/{draft.slug}/draft"

    assert send(as_alice, at, **what(now), picture=red("oil.png")).status_code == 303
    session.refresh(draft)
    assert draft.picture_id is not None

    send(as_alice, at, **what(now), remove_picture="true")
    session.refresh(draft)
    assert draft.picture_id is None


def test_an_upload_that_is_no_picture_is_refused(
    as_alice: FlaskClient, draft: GroupBuy, now: datetime
) -> None:
    upload: Any = (BytesIO(b"not a picture"), "oil.png")

    answer = send(as_alice, f"/group-buys/{draft.slug}/draft", **what(now), picture=upload)

    assert answer.status_code == 422
    assert "no picture" in answer.text


def test_every_picture_that_is_sent_counts_whatever_it_is(
    as_alice: FlaskClient,
    draft: GroupBuy,
    session: Session,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pictures, "UPLOADS", Limit("pictures", 1, timedelta(hours=1)))
    [oil] = buying.articles(session, draft)
    at = f"/group-buys/{draft.slug}/draft"
    broken: Any = (BytesIO(b"not a picture"), "oil.png")
    assert send(as_alice, at, **what(now), picture=broken).status_code == 422

    cover = send(as_alice, at, **what(now), picture=red("oil.png"))
    shown = send(as_alice, f"{at}/articles/{oil.id}", **article(), picture=red("oil.png"))

    assert (cover.status_code, shown.status_code) == (409, 409)
    assert "You uploaded 1 pictures" in cover.text


def test_the_organiser_can_say_that_they_sell_themself(
    as_alice: FlaskClient, session: Session, draft: GroupBuy, alice: Actor
) -> None:
    at = f"/group-buys/{draft.slug}/draft/rules"
    assert send(as_alice, at, by_card="true", supplier_is="self").status_code == 303

    session.refresh(draft)
    assert draft.supplier_id == alice.participant.id
    assert "You sell this yourself" in as_alice.get(f"/group-buys/{draft.slug}/draft/review").text


def test_looking_for_a_supplier_is_counted_like_any_look_up(
    as_alice: FlaskClient, draft: GroupBuy
) -> None:
    at = f"/group-buys/{draft.slug}/draft/rules"
    said = {"by_card": "true", "supplier_is": "member"}

    statuses = [
        send(as_alice, at, **said, supplier_member=f"nobody-{n}@example.org").status_code
        for n in range(31)
    ]

    # As for every refusal on this page.
    assert statuses == [422] * 30 + [409]


def test_rules_are_kept_as_they_were_typed(
    as_alice: FlaskClient, session: Session, draft: GroupBuy, bob: Actor
) -> None:
    said = {
        "at_pickup": "true",
        "supplier_is": "member",
        "supplier_member": bob.member.email,
        "smallest_order": "1.250,00",
        "freight_rule": "per_head",
        "freight": "50",
        "freight_ceiling": "5",
        "collecting_days": "3",
        "floor_percent": "75",
        "rationing": "pro_rata",
        "withdrawal_policy": "not_if_it_untips",
        "shortfall_rule": "ask_supplier",
    }
    at = f"/group-buys/{draft.slug}/draft/rules"
    with as_alice.session_transaction() as cookie:
        cookie["locale"] = "de"

    assert send(as_alice, at, **said).status_code == 303

    session.refresh(draft)
    assert (draft.by_card, draft.at_pickup) == (False, True)
    assert draft.supplier_id == bob.participant.id
    assert (draft.smallest_order_minor, draft.floor_basis_points) == (125000, 7500)
    assert (draft.freight_minor, draft.freight_ceiling_minor, draft.collecting_days) == (
        5000,
        500,
        3,
    )


def test_goods_can_be_sent_instead_of_fetched(
    as_alice: FlaskClient, session: Session, draft: GroupBuy
) -> None:
    at = f"/group-buys/{draft.slug}/draft/shipping"
    assert send(as_alice, at, ships="true", shipping_ceiling="a lot").status_code == 422

    assert send(as_alice, at, ships="true", shipping_ceiling="5,90").status_code == 303

    session.refresh(draft)
    assert (draft.ships, draft.shipping_ceiling_minor) == (True, 590)


def test_what_is_missing_is_said_before_opening(
    as_alice: FlaskClient, session: Session, now: datetime
) -> None:
    send(as_alice, "/group-buys/new", **what(now))
    made = session.scalars(select(GroupBuy)).one()

    answer = send(as_alice, f"/group-buys/{made.slug}/publication")

    assert answer.status_code == 422
    assert "Add at least one article." in answer.text
    assert "Add a pick-up point, or offer shipping." in answer.text


def test_a_draft_is_thrown_away_whole(
    as_alice: FlaskClient, session: Session, draft: GroupBuy
) -> None:
    assert send(as_alice, f"/group-buys/{draft.slug}/deletion").status_code == 303

    assert session.scalars(select(GroupBuy)).all() == []


def test_what_was_opened_is_neither_changed_nor_thrown_away(
    as_alice: FlaskClient, session: Session, open_deal: GroupBuy, now: datetime
) -> None:
    at = f"/group-buys/{open_deal.slug}"
    assert as_alice.get(f"{at}/draft").status_code == 409
    assert send(as_alice, f"{at}/draft", **what(now)).status_code == 409
    assert send(as_alice, f"{at}/draft/articles", **article()).status_code == 409
    assert send(as_alice, f"{at}/draft/pick-up", **pickup(now)).status_code == 409
    assert send(as_alice, f"{at}/draft/rules", by_card="true").status_code == 409
    assert send(as_alice, f"{at}/publication").status_code == 409
    assert send(as_alice, f"{at}/deletion").status_code == 409


# Odd input


@pytest.mark.parametrize("typed", WEIRD)
@pytest.mark.parametrize("field", ["title", "place", "closes_at", "opens_at", "visibility", "lang"])
def test_the_first_step_refuses_or_shows_whatever_is_typed(
    as_alice: FlaskClient, now: datetime, field: str, typed: str
) -> None:
    answer = send(as_alice, "/group-buys/new", **what(now, **{field: typed}))

    assert answer.status_code in (303, 422)
    assert "<script>alert" not in answer.text
    if answer.status_code == 422 and field != "title":
        assert 'value="Olive oil from Crete"' in answer.text


@pytest.mark.parametrize("typed", ["", *WEIRD])
@pytest.mark.parametrize(
    "field", ["name", "price", "tier_1_from", "tier_1_price", "vat_percent", "content", "deposit"]
)
def test_an_article_refuses_or_shows_whatever_is_typed(
    as_alice: FlaskClient, draft: GroupBuy, field: str, typed: str
) -> None:
    at = f"/group-buys/{draft.slug}/draft/articles"

    answer = send(as_alice, at, **article(**{field: typed}))

    assert answer.status_code in (303, 422)
    assert "<script>alert" not in answer.text
    if answer.status_code == 422 and field != "unit":
        assert 'value="5 l can"' in answer.text


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("price", "-1"),
        ("price", "12 USD"),
        ("price", ""),
        ("minimum_units", "0"),
        ("minimum_units", "2.5"),
        ("maximum_units", "99999999999"),
        ("case_size", "-3"),
        ("tier_1_from", "1"),
        ("tier_1_price", "41"),
        ("tier_1_price", ""),
        ("vat_percent", "101"),
        ("content", "0"),
        ("name", "x" * 201),
    ],
)
def test_an_impossible_article_is_refused_and_kept_as_typed(
    as_alice: FlaskClient, draft: GroupBuy, field: str, typed: str
) -> None:
    said = article(base_unit="l", content="5") | {field: typed}

    answer = send(as_alice, f"/group-buys/{draft.slug}/draft/articles", **said)

    assert answer.status_code == 422
    assert f'value="{typed}"' in answer.text
    assert draft.articles_count == 1


@pytest.mark.parametrize("typed", ["", *WEIRD])
@pytest.mark.parametrize("field", ["name", "address", "from_at", "until_at"])
def test_a_pickup_refuses_or_shows_whatever_is_typed(
    as_alice: FlaskClient, draft: GroupBuy, now: datetime, field: str, typed: str
) -> None:
    at = f"/group-buys/{draft.slug}/draft/pick-up"

    answer = send(as_alice, at, **pickup(now, **{field: typed}))

    assert answer.status_code == (303 if field in ("name", "address") and _is_words(typed) else 422)
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize("typed", WEIRD)
@pytest.mark.parametrize(
    "field",
    ["smallest_order", "freight", "collecting_days", "floor_percent", "extends_to_at", "rationing"],
)
def test_the_rules_refuse_whatever_makes_no_sense(
    as_alice: FlaskClient, draft: GroupBuy, field: str, typed: str
) -> None:
    at = f"/group-buys/{draft.slug}/draft/rules"
    said = {"by_card": "true", "supplier_is": "other", "supplier_name": "Hof Nord", field: typed}

    answer = send(as_alice, at, **said)

    assert answer.status_code == 422
    assert 'value="Hof Nord"' in answer.text
    assert "<script>alert" not in answer.text


@pytest.mark.parametrize(
    ("said", "is_open"),
    [
        ({"supplier_is": "none"}, False),
        ({"supplier_is": "self"}, False),
        ({"supplier_is": "member"}, True),
        ({"supplier_is": "other"}, True),
        ({"supplier_is": "none", "supplier_email": "no address"}, True),
    ],
)
def test_who_the_supplier_is_lies_open_where_it_is_asked_for(
    as_alice: FlaskClient, draft: GroupBuy, said: dict[str, str], is_open: bool
) -> None:
    at = f"/group-buys/{draft.slug}/draft/rules"
    wrong = {"by_card": "true", "floor_percent": "x", **said}
    form = send(as_alice, at, **wrong)
    # It opens by itself too, once it is asked for while one types.
    fold = 'data-needs="supplier_is=member other"'

    assert form.status_code == 422
    assert (f'class="more" open {fold}' in form.text) == is_open
    assert fold in form.text


def test_a_supplier_who_is_somebody_else_lies_open_again(
    as_alice: FlaskClient, draft: GroupBuy
) -> None:
    at = f"/group-buys/{draft.slug}/draft/rules"
    said = {"by_card": "true", "supplier_is": "other", "supplier_name": "Hof Nord"}
    assert send(as_alice, at, **said).status_code == 303

    assert 'class="more" open data-needs=' in as_alice.get(at).text


@pytest.mark.parametrize("path", ["pause", "cancellation", "message"])
@pytest.mark.parametrize("typed", ["", "   ", "x" * 20_000, "\u202eevil"])
def test_reasons_and_messages_have_words(
    as_alice: FlaskClient, open_deal: GroupBuy, path: str, typed: str
) -> None:
    at = f"/group-buys/{open_deal.slug}/desk/{path}"

    assert send(as_alice, at, reason=typed, body=typed).status_code == 422
    assert open_deal.state == State.OPEN


def _is_words(typed: str) -> bool:
    return bool(typed) and len(typed) <= 300 and "\u202e" not in typed and typed != WEIRD[4]


# Who may


PAGES = [
    "desk", "desk/people", "desk/order", "desk/order.csv", "desk/order-numbers.csv",
    "desk/commitments.csv", "desk/lines.csv", "desk/payments.csv", "desk/packing",
    "desk/hand-over", "desk/completion", "desk/pause", "desk/cancellation", "desk/message",
    "desk/guest-orders/new",
]  # fmt: skip
ACTS = [
    "publication", "deletion", "copies", "desk/pause", "desk/resumption", "desk/cancellation",
    "desk/message", "desk/order", "desk/delivery", "desk/hand-over", "desk/completion",
    "desk/settlement", "co-organisers", "named-guests", "desk/guest-orders", "draft",
    "draft/articles", "draft/pick-up", "draft/rules", "draft/shipping", "draft/articles/removal",
    "draft/articles/revocability",
    "co-organisers/1/removal", "named-guests/1/removal", "desk/pick-up", "desk/pick-up/1",
    "desk/cash/1", "desk/cash-back/1", "desk/hand-over/1", "desk/hand-over/1/removal",
    "desk/packing/crates/1", "desk/packing/lines/1", "desk/completion/1/waiver",
    "desk/guest-orders/1", "desk/guest-orders/1/withdrawal", "desk/pick-up/1/removal",
]  # fmt: skip


@pytest.mark.parametrize("path", PAGES)
def test_the_desk_is_the_organisers(
    as_alice: FlaskClient, as_bob: FlaskClient, client: FlaskClient, handing_over: GroupBuy,
    path: str,
) -> None:  # fmt: skip
    at = f"/group-buys/{handing_over.slug}/{path}"

    assert as_alice.get(at).status_code == 200
    assert as_bob.get(at).status_code == 403
    assert client.get(at).status_code == 303


@pytest.mark.parametrize("path", ACTS)
def test_nobody_else_acts_at_the_desk(
    as_bob: FlaskClient, client: FlaskClient, handing_over: GroupBuy, path: str
) -> None:
    at = f"/group-buys/{handing_over.slug}/{path}"

    assert send(as_bob, at, reason="No", body="No").status_code == 403
    assert send(client, at).status_code == 303
    assert handing_over.state == State.RUNNING


@pytest.mark.parametrize("path", ["draft", "draft/articles", "draft/rules", "draft/review"])
def test_a_draft_is_unknown_to_others(as_bob: FlaskClient, draft: GroupBuy, path: str) -> None:
    assert as_bob.get(f"/group-buys/{draft.slug}/{path}").status_code == 404


def test_a_co_organiser_runs_it_but_chooses_nobody(
    as_alice: FlaskClient, as_bob: FlaskClient, session: Session, open_deal: GroupBuy,
    bob: Actor, charlie: Actor,
) -> None:  # fmt: skip
    at = f"/group-buys/{open_deal.slug}"
    added = send(as_alice, f"{at}/co-organisers", email=bob.member.email.upper())
    assert added.status_code == 303
    assert "Asked, no answer yet" in as_alice.get(f"{at}/desk/people").text
    assert as_bob.get(f"{at}/desk").status_code == 403
    assert "asks you to run this group buy" in as_bob.get(f"{at}/co-organising").text

    accepted = send(as_bob, f"{at}/co-organising/acceptance")

    assert accepted.location == f"{at}/desk"
    assert as_bob.get(f"{at}/co-organising").status_code == 404
    assert as_bob.get(f"{at}/desk").status_code == 200
    assert send(as_bob, f"{at}/desk/pause", reason="Rain").status_code == 303
    assert send(as_bob, f"{at}/co-organisers", email=charlie.member.email).status_code == 403
    assert open_deal.title in as_bob.get("/organising").text

    left = send(as_bob, f"{at}/co-organisers/{bob.member.id}/removal")
    assert left.status_code == 303
    assert as_bob.get(f"{at}/desk").status_code == 403


def test_a_co_organiser_is_added_once_and_has_to_be_here(
    as_alice: FlaskClient, session: Session, open_deal: GroupBuy, bob: Actor, alice: Actor
) -> None:
    at = f"/group-buys/{open_deal.slug}/co-organisers"

    assert send(as_alice, at, email="nobody@example.org").status_code == 422
    assert send(as_alice, at, email="no address").status_code == 422
    assert send(as_alice, at, email=alice.member.email).status_code == 409
    assert send(as_alice, at, email=bob.member.email).status_code == 303
    assert send(as_alice, at, email=bob.member.email).status_code == 409
    assert len(session.scalars(select(CoOrganiser)).all()) == 1


def test_looking_for_many_addresses_is_stopped(as_alice: FlaskClient, open_deal: GroupBuy) -> None:
    at = f"/group-buys/{open_deal.slug}/co-organisers"

    answers = [send(as_alice, at, email=f"a{number}@example.org") for number in range(31)]

    assert [one.status_code for one in answers] == [422] * 30 + [409]


def test_named_guests_see_what_others_do_not(
    as_alice: FlaskClient, as_bob: FlaskClient, as_charlie: FlaskClient, session: Session,
    alice: Actor, bob: Actor, now: datetime,
) -> None:  # fmt: skip
    named = make_buying.group_buy(session, alice, now=now, visibility=Visibility.NAMED)
    at = f"/group-buys/{named.slug}"
    assert as_bob.get(at).status_code == 404

    answer = send(as_alice, f"{at}/named-guests", who=bob.participant.slug)

    assert answer.status_code == 303
    assert as_bob.get(at).status_code == 200
    assert as_charlie.get(at).status_code == 404
    assert send(as_alice, f"{at}/named-guests", who="Bob").status_code == 409
    assert send(as_alice, f"{at}/named-guests", who="Nobody at all").status_code == 422
    assert send(as_alice, f"{at}/named-guests/{bob.participant.id}/removal").status_code == 303


# The desk


def test_the_desk_says_what_to_do_next_all_the_way(
    as_alice: FlaskClient, session: Session, running: GroupBuy, alice: Actor, bob: Actor,
    charlie: Actor, now: datetime,
) -> None:  # fmt: skip
    at = f"/group-buys/{running.slug}/desk"
    [oil] = buying.ordered_articles(session, running)
    orders = [make_running.commitment(session, running, who) for who in (bob, charlie)]

    assert "Send the order to the supplier." in as_alice.get(at).text
    assert send(as_alice, f"{at}/order").status_code == 303
    assert "Count what the supplier brings." in as_alice.get(at).text
    count = {f"units-{oil.id}": "7"}
    assert "Everyone gets what was decided." in send(as_alice, f"{at}/delivery", **count).text
    sure = {"confirmed": "yes", "meant": f"{oil.id}:7"}
    assert send(as_alice, f"{at}/delivery", **count, **sure).status_code == 303
    assert "<strong>2:</strong> Crates wait to be packed." in as_alice.get(at).text
    assert "2 crates are not packed yet." in as_alice.get(f"{at}/packing").text
    for order in orders:
        assert send(as_alice, f"{at}/packing/crates/{order.id}", on="true").status_code == 303
    packed = as_alice.get(f"{at}/packing").text
    assert "All crates are packed." in packed
    assert "not packed yet" not in packed
    assert send(as_alice, f"{at}/hand-over").status_code == 303
    assert "<strong>2:</strong> Orders wait to be fetched." in as_alice.get(at).text
    for order in orders:
        ticked = send(as_alice, f"{at}/hand-over/{order.id}", with_cash="true")
        assert ticked.status_code == 303
    assert "Everything is fetched. Complete the group buy." in as_alice.get(at).text
    assert send(as_alice, f"{at}/completion").status_code == 303
    ending = as_alice.get(f"{at}/completion").text
    assert f"waiting for {bob.participant.name} to say so too" in ending
    assert "Let Bob off" not in ending
    assert "Not paid yet" not in ending
    refused = send(as_alice, f"{at}/settlement")
    assert refused.status_code == 409
    assert "2 orders are not paid yet" in refused.text
    for who, order in zip((bob, charlie), orders, strict=True):
        make_running.payments.confirm_paid(session, order.id, actor=who, now=now)
    assert send(as_alice, f"{at}/settlement").status_code == 303

    session.refresh(running)
    assert running.stage == Stage.SETTLED
    assert "Nothing. We tell you when something does." in as_alice.get(at).text
    assert "The accounts were closed" in as_alice.get(f"{at}/completion").text


def test_a_wish_that_nobody_met_is_the_title_of_a_new_one(as_alice: FlaskClient) -> None:
    page = as_alice.get("/group-buys/new?title=Honig").text

    assert re.search(r'name="title"[^>]*value="Honig"', page)


@pytest.mark.parametrize(
    ("language", "franc"), [("de", "Schweizer Franken"), ("nl", "Zwitserse frank")]
)
def test_currencies_have_the_names_of_the_readers_language_or_their_own(
    as_alice: FlaskClient, session: Session, language: str, franc: str
) -> None:
    session.add(Currency(code="CHF", exponent=2, name="Swiss franc"))
    session.add(Currency(code="ABQ", exponent=2, name="Albatross"))
    session.flush()

    page = as_alice.get("/group-buys/new", headers={"Accept-Language": language}).text

    assert f"CHF ({franc})" in page
    assert "ABQ (Albatross)" in page
    assert "Swiss franc" not in page


def test_a_step_that_lacks_something_is_not_ticked(
    as_alice: FlaskClient, session: Session, alice: Actor, now: datetime
) -> None:
    made = make_buying.group_buy(session, alice, now=now, articles=[], published=False)
    session.flush()

    page = as_alice.get(f"/group-buys/{made.slug}/draft/rules").text

    assert re.search(r'way__step--done"><a [^>]*>What it is<', page)
    assert re.search(r'way__step"><a [^>]*>Articles<', page)
    assert re.search(r'way__step--done"><a [^>]*>Pick-up<', page)


def test_the_steps_of_a_draft_stand_once_and_lead_to_each_other(
    as_alice: FlaskClient, draft: GroupBuy
) -> None:
    page = as_alice.get(f"/group-buys/{draft.slug}/draft/rules").text

    for step in ("", "/articles", "/pick-up", "/rules", "/review"):
        assert page.count(f'class="way__link" href="/group-buys/{draft.slug}/draft{step}"') == 1
    assert 'class="tabs' not in page
    assert page.count('aria-current="step"') == 1
    assert "way__link" not in as_alice.get("/group-buys/new").text


def test_the_people_are_shown_with_what_they_get_once_it_is_decided(
    as_alice: FlaskClient, session: Session, open_deal: GroupBuy, alice: Actor, bob: Actor,
    now: datetime,
) -> None:  # fmt: skip
    """Before, it would tell beside the proof what somebody would have paid."""
    make_buying.join(session, open_deal, bob, 3, now=now)
    guest = guests.add(session, open_deal, "Frau Meyer", "0471 1234", actor=alice, now=now)
    order = make_buying.order(session, open_deal, 2)
    guests.order(session, open_deal, guest, order, actor=alice, now=now)
    path = f"/group-buys/{open_deal.slug}/desk/people"

    before = as_alice.get(path).text
    buying.close(session, open_deal.id, now=open_deal.closes_at)
    after = as_alice.get(path).text

    assert "Bob" in before
    assert "3 × Olive oil" not in before
    # What the organisers took down themselves they can read.
    assert "2 × Olive oil" in before
    assert "3 × Olive oil" in after


def test_a_debt_is_let_off_on_a_page_of_its_own(
    as_alice: FlaskClient, session: Session, running: GroupBuy, alice: Actor, bob: Actor,
    charlie: Actor, now: datetime,
) -> None:  # fmt: skip
    make_running.handing_over(session, running, alice)
    at = f"/group-buys/{running.slug}/desk/completion"
    order = make_running.commitment(session, running, bob)
    early = as_alice.get(f"{at}/{order.id}/waiver")
    assert early.status_code == 409
    assert f'href="/group-buys/{running.slug}/desk"' in early.text
    assert "They can still come until" in as_alice.get(at).text
    with db.at(now + timedelta(days=60)):
        assert "They can still come until" not in as_alice.get(at).text
    assert send(as_alice, at, unclaimed="Kept.").status_code == 303

    ending = as_alice.get(at).text
    asked = as_alice.get(f"{at}/{order.id}/waiver").text

    assert f'href="{at}/{order.id}/waiver"' in ending
    assert f'action="{at}/{order.id}/waiver"' not in ending
    assert f"Let {bob.participant.name} off what they owe?" in asked
    assert send(as_alice, f"{at}/{order.id}/waiver").status_code == 303
    assert order.due_minor == 0


def test_nobody_is_offered_to_let_themself_off(
    as_bob: FlaskClient, session: Session, running: GroupBuy, alice: Actor, bob: Actor,
    charlie: Actor, now: datetime,
) -> None:  # fmt: skip
    make_buying.add_co_organiser(session, running, bob.member.email, actor=alice, now=now)
    make_running.handing_over(session, running, alice)
    at = f"/group-buys/{running.slug}/desk/completion"
    assert send(as_bob, at, unclaimed="Kept.").status_code == 303
    own, other = (make_running.commitment(session, running, one) for one in (bob, charlie))

    ending = as_bob.get(at).text

    assert f'href="{at}/{own.id}/waiver"' not in ending
    assert f'href="{at}/{other.id}/waiver"' in ending
    assert as_bob.get(f"{at}/{own.id}/waiver").status_code == 403
    assert send(as_bob, f"{at}/{own.id}/waiver").status_code == 403
    assert own.due_minor


def test_a_co_organiser_is_not_asked_whether_their_own_money_came(
    as_bob: FlaskClient, session: Session, running: GroupBuy, alice: Actor, bob: Actor,
    charlie: Actor, now: datetime,
) -> None:  # fmt: skip
    make_buying.add_co_organiser(session, running, bob.member.email, actor=alice, now=now)
    make_running.handing_over(session, running, alice)
    own = make_running.commitment(session, running, bob)
    at = f"/group-buys/{running.slug}/desk"

    page = as_bob.get(f"{at}/hand-over").text

    assert page.count("Another organiser has to say that it came") == 1
    assert page.count('name="with_cash"') == 1
    assert send(as_bob, f"{at}/cash/{own.id}").status_code == 403


def test_a_short_delivery_is_shown_before_it_binds(
    as_alice: FlaskClient, session: Session, running: GroupBuy, alice: Actor, charlie: Actor
) -> None:
    make_running.ordered(session, running, alice)
    [oil] = buying.ordered_articles(session, running)
    at = f"/group-buys/{running.slug}/desk/delivery"

    meant = send(as_alice, at, **{f"units-{oil.id}": "5"})

    assert meant.status_code == 200
    assert "€80.00 less to pay" in meant.text
    assert re.search(r"Goes back in all</th>\s*<td[^>]*>€0.00<", meant.text)
    nothing = send(as_alice, at, **{f"units-{oil.id}": "0"}).text
    assert "gets nothing at all, and owes nothing any more" in nothing
    assert "back</span>" not in nothing
    assert running.stage == Stage.ORDERED
    again = {f"units-{oil.id}": "5", "confirmed": "yes", "meant": f"{oil.id}:5"}
    assert send(as_alice, at, **again).status_code == 303
    assert send(as_alice, at, **again).status_code == 409
    assert make_running.commitment(session, running, charlie).due_minor == 4000


def test_a_count_that_was_not_shown_does_not_bind(
    as_alice: FlaskClient, session: Session, running: GroupBuy, alice: Actor
) -> None:
    make_running.ordered(session, running, alice)
    [oil] = buying.ordered_articles(session, running)
    at = f"/group-buys/{running.slug}/desk/delivery"

    changed = {f"units-{oil.id}": "4", "confirmed": "yes", "meant": f"{oil.id}:5"}
    answer = send(as_alice, at, **changed)

    assert answer.status_code == 200
    assert "€120.00" in answer.text
    assert running.stage == Stage.ORDERED


@pytest.mark.parametrize("typed", ["", "-1", "2.5", "many", "99999999999999", "<b>"])
def test_a_count_is_a_number(
    as_alice: FlaskClient, session: Session, running: GroupBuy, alice: Actor, typed: str
) -> None:
    make_running.ordered(session, running, alice)
    [oil] = buying.ordered_articles(session, running)

    answer = send(
        as_alice, f"/group-buys/{running.slug}/desk/delivery", **{f"units-{oil.id}": typed}
    )

    assert answer.status_code == 422
    assert running.stage == Stage.ORDERED


def test_a_second_tick_is_told_that_it_is_ticked(
    as_alice: FlaskClient, session: Session, handing_over: GroupBuy, bob: Actor
) -> None:
    order = make_running.commitment(session, handing_over, bob)
    at = f"/group-buys/{handing_over.slug}/desk/hand-over/{order.id}"

    assert send(as_alice, at).status_code == 303
    again = send(as_alice, at)

    assert again.status_code == 409
    assert "The order of Bob is ticked off already" in again.text


def test_a_tick_that_was_a_mistake_is_taken_back_and_the_money_apart(
    as_alice: FlaskClient, session: Session, handing_over: GroupBuy, bob: Actor
) -> None:
    order = make_running.commitment(session, handing_over, bob)
    page = f"/group-buys/{handing_over.slug}/desk/hand-over"
    untick = f"{page}/{order.id}/removal"
    early = send(as_alice, untick)
    send(as_alice, f"{page}/{order.id}", with_cash="true")
    ticked = as_alice.get(page).text
    assert send(as_alice, untick).status_code == 303
    unticked = as_alice.get(page).text
    assert send(as_alice, f"/payments/{order.id}/confirmation/withdrawal").status_code == 303

    assert early.status_code == 409
    assert "The order of Bob is not ticked off." in early.text
    assert "The money stays confirmed; take that back apart" in ticked
    assert "Bob has to confirm it" in ticked
    assert "Waiting for the other side" not in ticked
    assert f'action="{untick}"' in ticked
    assert f'action="{untick}"' not in unticked
    assert " not received after all" in unticked
    paid = make_running.payment(session, handing_over, bob)
    assert paid.state == PaymentState.AT_PICKUP


def test_the_hand_over_lists_what_each_one_gets_in_no_more_statements_for_many(
    as_alice: FlaskClient, session: Session, alice: Actor, bob: Actor, charlie: Actor,
    now: datetime,
) -> None:  # fmt: skip
    one = make_running.closed(session, alice, [(bob, 10)], now=now)
    many = make_running.closed(session, alice, [(bob, 4), (charlie, 6)], now=now)
    statements = {}
    for deal in (one, many):
        make_running.handing_over(session, deal, alice)
        session.flush()
        session.expire_all()
        with counted(session) as sent:
            page = as_alice.get(f"/group-buys/{deal.slug}/desk/hand-over").text
        statements[deal] = len(sent)
    order = make_running.commitment(session, many, bob)

    assert "4 × Olive oil" in page
    assert "6 × Olive oil" in page
    assert f'href="/group-buys/{many.slug}/desk/packing#crate-{order.id}"' in page
    assert statements[many] <= statements[one]


def test_cash_is_confirmed_once(
    as_alice: FlaskClient, session: Session, handing_over: GroupBuy, bob: Actor
) -> None:
    order = make_running.commitment(session, handing_over, bob)
    at = f"/group-buys/{handing_over.slug}/desk/cash/{order.id}"

    assert send(as_alice, at).status_code == 303
    assert send(as_alice, at).status_code == 409


def test_packing_article_by_article_ticks_lines(
    as_alice: FlaskClient, session: Session, running: GroupBuy, alice: Actor, bob: Actor
) -> None:
    make_running.delivered(session, running, alice)
    crate = make_running.commitment(session, running, bob)
    at = f"/group-buys/{running.slug}/desk/packing"
    assert "4 for Bob" in as_alice.get(f"{at}?by=article").text

    ticked = send(as_alice, f"{at}/lines/{crate.lines[0].id}", on="true", by="article")

    assert ticked.status_code == 303
    assert make_running.commitment(session, running, bob).packed_at is not None


def test_the_order_is_downloaded_for_spreadsheets_and_by_numbers(
    as_alice: FlaskClient, session: Session, alice: Actor, bob: Actor, now: datetime
) -> None:
    crates = make_buying.olive_oil(
        name="=cmd|' /C calc'!A0", order_number="4711", case_size=6, minimum_units=6
    )
    deal = make_running.closed(session, alice, [(bob, 12)], now=now, articles=[crates])
    at = f"/group-buys/{deal.slug}/desk"

    table = as_alice.get(f"{at}/order.csv")
    numbers = as_alice.get(f"{at}/order-numbers.csv")

    assert table.content_type == "text/csv; charset=utf-8"
    assert "4711,'=cmd|' /C calc'!A0,,5 l can,,12,6,2,0,40.00,480.00,0.00,EUR" in table.text
    assert numbers.data.decode("utf-8-sig").splitlines()[1] == "4711;12;2"


@pytest.mark.parametrize(
    ("locale", "name", "taxed", "method"),
    [
        ("en", "Order number,", "VAT of 7%", "When fetching"),
        ("de", "Bestellnummer;", "MwSt. zu 7\xa0%", "Beim Abholen"),
        ("nl", "Bestelnummer;", "Btw van 7%", "Bij het afhalen"),
    ],
)
def test_tables_are_spelled_for_the_readers_spreadsheet(
    as_alice: FlaskClient, session: Session, alice: Actor, bob: Actor, locale: str, name: str,
    taxed: str, method: str, now: datetime,
) -> None:  # fmt: skip
    olives = make_buying.olive_oil(vat_basis_points=700)
    deal = make_running.closed(session, alice, [(bob, 12)], now=now, articles=[olives])
    at, spoken = f"/group-buys/{deal.slug}/desk", {"Accept-Language": locale}

    order, payments, people, lines, numbers = (
        as_alice.get(f"{at}/{kind}.csv", headers=spoken).data.decode()
        for kind in ("order", "payments", "commitments", "lines", "order-numbers")
    )

    assert order.startswith(f"\ufeff{name}")
    assert taxed in payments
    assert method in people
    assert method in payments
    assert "at_pickup" not in people + payments
    for text in (order, payments, people, lines):
        assert ("480.00" in text, "480,00" in text) == (locale == "en", locale != "en")
    # A supplier's program reads it as it stands.
    assert "order_number;units;cases" in numbers


def test_whoever_was_left_out_stands_in_the_table_without_their_price(
    as_alice: FlaskClient, session: Session, alice: Actor, bob: Actor, charlie: Actor, now: datetime
) -> None:
    deal = make_buying.group_buy(session, alice, now=now)
    make_buying.join(session, deal, charlie, 12, now=now)
    make_buying.join(session, deal, bob, 1, now=now, highest_price_minor=3601)
    buying.close(session, deal.id, now=deal.closes_at)
    session.flush()

    table = as_alice.get(f"/group-buys/{deal.slug}/desk/commitments.csv")

    assert table.status_code == 200
    assert "Bob,no,Not in,Left out at the close," in table.text


def test_the_order_is_not_shown_before_it_is_certain(
    as_alice: FlaskClient, open_deal: GroupBuy
) -> None:
    assert as_alice.get(f"/group-buys/{open_deal.slug}/desk/order").status_code == 409


def test_people_are_listed_by_name_without_their_prices(
    as_alice: FlaskClient, session: Session, open_deal: GroupBuy, bob: Actor, charlie: Actor,
    now: datetime,
) -> None:  # fmt: skip
    make_buying.join(session, open_deal, charlie, 2, now=now, highest_price_minor=3777)
    make_buying.join(session, open_deal, bob, 1, now=now)
    at = f"/group-buys/{open_deal.slug}/desk"

    page = as_alice.get(f"{at}/people").text
    table = as_alice.get(f"{at}/commitments.csv").text

    assert page.index(">Bob<") < page.index(">Charlie<")
    assert table.index("Bob") < table.index("Charlie")
    lines = as_alice.get(f"{at}/lines.csv").text
    assert not any("37.77" in text or "75.54" in text for text in (page, table, lines))


def test_the_list_of_people_costs_the_same_for_many(
    as_alice: FlaskClient, session: Session, open_deal: GroupBuy, bob: Actor, charlie: Actor,
    now: datetime,
) -> None:  # fmt: skip
    at = f"/group-buys/{open_deal.slug}/desk/people"
    make_buying.join(session, open_deal, bob, 1, now=now)
    session.expire_all()
    with counted(session) as few:
        as_alice.get(at)
    make_buying.join(session, open_deal, charlie, 1, now=now)
    session.expire_all()
    with counted(session) as more:
        as_alice.get(at)

    assert len(more) <= len(few)


def test_people_the_order_and_a_count_are_read_on_a_phone(
    as_alice: FlaskClient, session: Session, running: GroupBuy, alice: Actor
) -> None:
    make_running.ordered(session, running, alice)
    [oil] = buying.ordered_articles(session, running)
    at = f"/group-buys/{running.slug}/desk"
    for page in (
        as_alice.get(f"{at}/people"),
        as_alice.get(f"{at}/order"),
        send(as_alice, f"{at}/delivery", **{f"units-{oil.id}": "5"}),
    ):
        table = page.text.partition('<table class="table table--cards">')[2]
        assert 'data-label="' in table.partition("</table>")[0]


def test_a_question_without_an_answer_needs_the_organiser(
    as_alice: FlaskClient, session: Session, open_deal: GroupBuy, alice: Actor, bob: Actor,
    now: datetime,
) -> None:  # fmt: skip
    at = f"/group-buys/{open_deal.slug}/desk"
    asked = dialogue.ask(session, open_deal, body="Which press?", lang="en", actor=bob, now=now)
    assert "Questions wait for your answer." in as_alice.get(at).text

    dialogue.answer(session, open_deal, asked.id, body="Kolymvari", lang="en", actor=alice, now=now)

    assert "Questions wait for your answer." not in as_alice.get(at).text


def test_it_is_paused_and_goes_on(
    as_alice: FlaskClient, session: Session, open_deal: GroupBuy
) -> None:
    at = f"/group-buys/{open_deal.slug}/desk"

    assert send(as_alice, f"{at}/pause", reason="The press is broken.").status_code == 303
    desk = as_alice.get(at).text
    assert "It is paused: nobody can join; whoever is in can leave." in desk
    assert "Paused</span>" in desk
    assert f'data-copy="http://localhost/group-buys/{open_deal.slug}"' in desk
    assert send(as_alice, f"{at}/pause", reason="Again").status_code == 409
    assert send(as_alice, f"{at}/resumption").status_code == 303
    assert send(as_alice, f"{at}/resumption").status_code == 409

    session.refresh(open_deal)
    assert not open_deal.is_paused


def test_what_a_moderator_paused_goes_on_only_with_them(
    as_alice: FlaskClient,
    session: Session,
    open_deal: GroupBuy,
    bob: Actor,
    dana: Actor,
    now: datetime,
) -> None:
    found = disputes.find_target(session, Target.COLLABORATION, open_deal.id, actor=bob)
    made = disputes.report(session, found, ground=Ground.FRAUD, body="x", actor=bob, now=now)
    why = "It breaks the terms."
    disputes.decide(session, made.case_id, measure=Measure.PAUSED, reason=why, actor=dana, now=now)

    assert send(as_alice, f"/group-buys/{open_deal.slug}/desk/resumption").status_code == 403


def test_it_is_called_off_until_the_goods_have_come(
    as_alice: FlaskClient, session: Session, running: GroupBuy, alice: Actor
) -> None:
    make_running.delivered(session, running, alice)
    at = f"/group-buys/{running.slug}/desk/cancellation"

    assert send(as_alice, at, reason="Too late").status_code == 409
    assert running.state == State.RUNNING


def test_calling_off_says_why(
    as_alice: FlaskClient, session: Session, open_deal: GroupBuy, bob: Actor, now: datetime
) -> None:
    make_buying.join(session, open_deal, bob, 2, now=now)
    at = f"/group-buys/{open_deal.slug}/desk"

    assert send(as_alice, f"{at}/cancellation", reason="The <b>press</b> broke").status_code == 303

    page = as_alice.get(at).text
    assert "The &lt;b&gt;press&lt;/b&gt; broke" in page
    assert "Closed Dec" not in page
    assert not re.search(r"<p>Closed [^<]*</p>", page)
    assert "· closed" not in as_alice.get("/organising").text
    assert make_running.commitment(session, open_deal, bob).state == CommitmentState.OUT


def test_a_copy_is_a_draft_of_the_same(
    as_alice: FlaskClient, session: Session, running: GroupBuy
) -> None:
    answer = send(as_alice, f"/group-buys/{running.slug}/copies")

    copy = session.scalars(select(GroupBuy).where(GroupBuy.state == State.DRAFT)).one()
    assert answer.location == f"/group-buys/{copy.slug}/draft"
    assert copy.articles_count == 1
    assert as_alice.get(answer.location).status_code == 200


def test_the_pickup_moves_after_the_close(
    as_alice: FlaskClient, session: Session, running: GroupBuy, now: datetime
) -> None:
    [point] = buying.pickup_points(session, running)
    at = f"/group-buys/{running.slug}/desk/pick-up/{point.id}"
    assert as_alice.get(at).status_code == 200

    assert send(as_alice, at, **pickup(now, name="School yard")).status_code == 303
    assert send(as_alice, at, **pickup(now, from_at="2020-01-01T10:00")).status_code == 422

    assert "School yard" in as_alice.get(f"/group-buys/{running.slug}/desk").text


def test_a_pickup_of_a_draft_is_edited_in_the_same_form(
    as_alice: FlaskClient, session: Session, draft: GroupBuy, now: datetime
) -> None:
    [point] = buying.pickup_points(session, draft)
    page, edit = (f"/group-buys/{draft.slug}/{path}" for path in ("draft", "desk"))
    edit += f"/pick-up/{point.id}"
    assert f'href="{edit}"' in as_alice.get(f"{page}/pick-up").text

    form = as_alice.get(edit).text
    saved = send(as_alice, edit, **pickup(now, name="School yard"))

    assert f'value="{point.name}"' in form or 'value="Alice&#39;s garage"' in form
    assert "is told" not in form
    assert (saved.status_code, saved.location) == (303, f"{page}/pick-up")
    assert "School yard" in as_alice.get(saved.location).text


def test_a_pickup_is_added_on_the_desk_and_taken_away_unless_it_is_chosen(
    as_alice: FlaskClient, session: Session, running: GroupBuy, now: datetime
) -> None:
    [chosen] = buying.pickup_points(session, running)
    desk = f"/group-buys/{running.slug}/desk"
    assert f'href="{desk}/pick-up"' in as_alice.get(desk).text
    assert "Nobody has to agree" in as_alice.get(f"{desk}/pick-up").text
    typed = pickup(now, name="School yard")

    wrong = send(as_alice, f"{desk}/pick-up", **{**typed, "from_at": "2020-01-01T10:00"})
    assert (wrong.status_code, "School yard" in wrong.text) == (422, True)
    assert send(as_alice, f"{desk}/pick-up", **typed).status_code == 303

    page = as_alice.get(desk).text
    [other] = [one for one in buying.pickup_points(session, running) if one != chosen]
    assert "School yard" in page
    assert "A pick-up point was added." in page
    assert f"{desk}/pick-up/{chosen.id}/removal" not in page
    assert f"{desk}/pick-up/{other.id}/removal" in page
    assert send(as_alice, f"{desk}/pick-up/{chosen.id}/removal").status_code == 409
    assert send(as_alice, f"{desk}/pick-up/{other.id}/removal").status_code == 303
    assert buying.pickup_points(session, running) == [chosen]


def test_no_pickup_is_asked_for_once_the_hand_over_has_begun(
    as_alice: FlaskClient, handing_over: GroupBuy
) -> None:
    answer = as_alice.get(f"/group-buys/{handing_over.slug}/desk/pick-up")

    assert answer.status_code == 409
    assert "The hand-over has begun" in answer.text


def test_a_further_pickup_is_proposed_a_day_after_the_last_and_never_in_the_past(
    as_alice: FlaskClient, session: Session, running: GroupBuy
) -> None:
    [last] = buying.pickup_points(session, running)
    at = f"/group-buys/{running.slug}/desk/pick-up"

    def proposed(now: datetime) -> list[datetime]:
        with db.at(now):
            found = re.findall(r'value="(....-..-..T..:..)"', as_alice.get(at).text)
        zone = ZoneInfo(running.time_zone)
        return [datetime.fromisoformat(one).replace(tzinfo=zone) for one in found]

    begin = last.from_at.replace(second=0, microsecond=0)
    early, late = proposed(running.closes_at), proposed(last.from_at + timedelta(days=4, hours=1))

    assert early[0] == begin + timedelta(days=1)
    assert early[1] - early[0] == last.until_at - last.from_at
    assert late[0] == begin + timedelta(days=5)


# Guests


def guest_order(session: Session, deal: GroupBuy, **overrides: str) -> dict[str, str]:
    [oil] = buying.articles(session, deal)
    [point] = buying.pickup_points(session, deal)
    return {
        "name": "Frau Meyer",
        "contact": "0471 1234",
        f"units-{oil.id}": "2",
        "pickup_point": str(point.id),
        **overrides,
    }


def test_nothing_typed_for_a_guest_is_lost_while_articles_are_sought(
    as_alice: FlaskClient, session: Session, alice: Actor, now: datetime
) -> None:
    many = [make_buying.olive_oil(name=f"Article {number:03}") for number in range(120)]
    deal = make_buying.group_buy(session, alice, now=now, articles=many)
    every = buying.articles(session, deal)
    at = f"/group-buys/{deal.slug}/desk/guest-orders"
    typed = {"name": "Frau Meyer", "contact": "0471 1234", f"units-{every[0].id}": "2"}

    found = send(as_alice, at, **typed, q="Article 117", search="words")
    following = re.search(r'name="next" value="([^"]+)"', as_alice.get(f"{at}/new").text)
    assert following is not None
    onward = send(as_alice, at, **typed, next=following[1], search="next")
    [point] = buying.pickup_points(session, deal)
    more = {f"units-{every[117].id}": "1", "pickup_point": str(point.id)}
    taken = send(as_alice, at, **typed, **more)

    for page, new in ((found, every[117]), (onward, every[50])):
        assert page.status_code == 200
        boxes = dict(re.findall(r'name="([a-z0-9-]+)"[^>]* value="([^"]*)"', page.text))
        assert boxes.items() >= typed.items()
        assert f"units-{new.id}" in boxes
    assert taken.status_code == 303
    [order] = session.scalars(select(GroupBuyCommitment)).all()
    assert {line.article_id for line in order.lines} == {every[0].id, every[117].id}


def test_an_order_is_taken_changed_and_taken_back_for_a_guest(
    as_alice: FlaskClient, session: Session, open_deal: GroupBuy
) -> None:
    at = f"/group-buys/{open_deal.slug}/desk/guest-orders"
    [oil] = buying.articles(session, open_deal)

    assert send(as_alice, at, **guest_order(session, open_deal)).status_code == 303
    order = session.scalars(select(GroupBuyCommitment)).one()
    assert order.participant.kind == ParticipantKind.GUEST
    assert as_alice.get(f"{at}/{order.id}").status_code == 200

    more = guest_order(session, open_deal, **{f"units-{oil.id}": "5"})
    assert send(as_alice, f"{at}/{order.id}", **more).status_code == 303
    session.refresh(order)
    assert order.lines[0].units == 5
    assert send(as_alice, f"{at}/{order.id}/withdrawal").status_code == 303
    session.refresh(order)
    assert order.state == CommitmentState.WITHDRAWN


def test_a_trader_reads_why_they_order_for_no_guests(
    as_alice: FlaskClient, session: Session, open_deal: GroupBuy, alice: Actor
) -> None:
    alice.participant.is_trader = True
    at = f"/group-buys/{open_deal.slug}/desk/guest-orders"

    page = as_alice.get(f"{at}/new")
    sent = send(as_alice, at, **guest_order(session, open_deal))

    assert "Whoever sells cannot take orders for guests" in page.text
    assert "obligation to pay" not in page.text
    assert sent.status_code == 403
    assert "Please let them order themselves." in sent.text
    assert session.scalars(select(Participant).filter_by(kind=ParticipantKind.GUEST)).all() == []


def test_a_known_guest_orders_again_but_once_a_deal(
    as_alice: FlaskClient, session: Session, open_deal: GroupBuy
) -> None:
    at = f"/group-buys/{open_deal.slug}/desk/guest-orders"
    send(as_alice, at, **guest_order(session, open_deal))
    guest = session.scalars(select(Participant).filter_by(kind=ParticipantKind.GUEST)).one()

    again = send(as_alice, at, **guest_order(session, open_deal, name="", guest=str(guest.id)))

    assert again.status_code == 409
    assert "Change your commitment instead" in again.text


@pytest.mark.parametrize(
    "overrides",
    [{"name": ""}, {"units": "0"}, {"units": "-1"}, {"units": "many"}, {"units": "51"},
     {"pickup_point": ""}, {"pickup_point": "999999"}, {"name": "x" * 81}],
)  # fmt: skip
def test_an_impossible_guest_order_is_refused_with_what_was_typed(
    as_alice: FlaskClient, session: Session, open_deal: GroupBuy, overrides: dict[str, str]
) -> None:
    [oil] = buying.articles(session, open_deal)
    said = dict(overrides)
    if "units" in said:
        said[f"units-{oil.id}"] = said.pop("units")

    answer = send(
        as_alice,
        f"/group-buys/{open_deal.slug}/desk/guest-orders",
        **guest_order(session, open_deal, **said),
    )

    assert answer.status_code in (409, 422)
    assert 'value="0471 1234"' in answer.text
    assert session.scalars(select(GroupBuyCommitment)).all() == []


def test_a_guest_pays_when_the_organiser_says_so(
    as_alice: FlaskClient, session: Session, open_deal: GroupBuy, alice: Actor, now: datetime
) -> None:
    [oil] = buying.articles(session, open_deal)
    order = guest_order(session, open_deal, **{f"units-{oil.id}": "6"})
    send(as_alice, f"/group-buys/{open_deal.slug}/desk/guest-orders", **order)
    buying.close(session, open_deal.id, now=open_deal.closes_at)
    make_running.handing_over(session, open_deal, alice)
    found = session.scalars(select(GroupBuyCommitment)).one()
    at = f"/group-buys/{open_deal.slug}/desk"

    assert send(as_alice, f"{at}/hand-over/{found.id}", with_cash="true").status_code == 303
    assert send(as_alice, f"{at}/completion").status_code == 303
    assert send(as_alice, f"{at}/settlement").status_code == 303

    payment = make_running.payments.of_commitment(session, found.id)
    assert payment is not None
    assert payment.state == PaymentState.PAID


def test_the_order_of_a_member_is_theirs(
    as_alice: FlaskClient, session: Session, open_deal: GroupBuy, bob: Actor, now: datetime
) -> None:
    order_id = make_buying.join(session, open_deal, bob, 1, now=now)
    at = f"/group-buys/{open_deal.slug}/desk/guest-orders/{order_id}"

    assert as_alice.get(at).status_code == 404
    assert send(as_alice, f"{at}/withdrawal").status_code == 404


# From a catalogue


def listed(
    session: Session, alice: Actor, now: datetime, count: int = 60
) -> tuple[int, list[CatalogueArticle]]:
    """Alice's catalogue with so many articles on twenty shelves; its id and its first ones."""
    mine = make_catalogues.catalogue(session, alice, now=now)
    version = make_catalogues.kept(session, mine, make_catalogues.many(count), actor=alice, now=now)
    return mine.id, list(catalogues.articles(session, version).rows)


def test_the_whole_list_is_taken_from_a_catalogue_once(
    as_alice: FlaskClient, session: Session, draft: GroupBuy, alice: Actor, now: datetime
) -> None:
    catalogue_id, _ = listed(session, alice, now, 5_000)
    at = f"/group-buys/{draft.slug}/draft/catalogues/{catalogue_id}"

    assert send(as_alice, at, which="all").status_code == 303
    assert send(as_alice, at, which="all").status_code == 303

    session.refresh(draft)
    assert draft.articles_count == 5_001
    assert (
        as_alice.get(f"/group-buys/{draft.slug}/draft/articles?q=Article+4999").status_code == 200
    )
    assert send(as_alice, f"/group-buys/{draft.slug}/publication").status_code == 303


def test_a_category_or_the_ticked_articles_are_taken(
    as_alice: FlaskClient, session: Session, draft: GroupBuy, alice: Actor, now: datetime
) -> None:
    catalogue_id, articles = listed(session, alice, now)
    at = f"/group-buys/{draft.slug}/draft/catalogues/{catalogue_id}"
    assert as_alice.get(f"{at}?q=Article+7&category=Shelf+07").status_code == 200

    assert send(as_alice, at, which="ticked").status_code == 422
    assert send(as_alice, at, which="ticked", articles=str(articles[0].id)).status_code == 303
    assert send(as_alice, at, which="category", category="Shelf 05").status_code == 303

    names = {one.name for one in buying.articles(session, draft)}
    assert names == {"Olive oil", "Article 1", "Article 5", "Article 25", "Article 45"}


def test_the_catalogue_of_others_is_not_found(
    as_alice: FlaskClient, session: Session, draft: GroupBuy, bob: Actor, now: datetime
) -> None:
    catalogue_id, _ = listed(session, bob, now)
    at = f"/group-buys/{draft.slug}/draft/catalogues/{catalogue_id}"

    assert as_alice.get(at).status_code == 404
    assert send(as_alice, at, which="all").status_code == 404


def test_a_double_click_begins_one_draft_one_copy_and_one_guests_order(
    as_alice: FlaskClient, session: Session, alice: Actor, now: datetime
) -> None:
    deal = make_buying.group_buy(session, alice, now=now)
    [oil], [point] = buying.articles(session, deal), buying.pickup_points(session, deal)
    at = f"/group-buys/{deal.slug}"
    order = {"name": "Oma Erna", f"units-{oil.id}": "2", "pickup_point": str(point.id)}

    for _ in range(2):
        begun = send(as_alice, "/group-buys/new", idempotency_key="a", **what(now))
        copied = send(as_alice, f"{at}/copies", idempotency_key="b")
        taken = send(as_alice, f"{at}/desk/guest-orders", idempotency_key="c", **order)
        assert {begun.status_code, copied.status_code, taken.status_code} == {303}

    drafts = session.scalars(select(GroupBuy).where(GroupBuy.state == State.DRAFT)).all()
    assert len(drafts) == 2
    assert len(guests.kept(session, deal, actor=alice)) == 1


def test_how_one_reads_is_switched_on_the_answer_to_a_form_too(
    as_alice: FlaskClient, running: GroupBuy
) -> None:
    desk = f"http://localhost/group-buys/{running.slug}/desk"
    sent_from = {"Referer": f"{desk}/transfers/statement"}

    answer = send(as_alice, "/preferences", headers=sent_from, large_print="on")

    assert answer.location == f"/group-buys/{running.slug}/desk/transfers"


def test_the_rules_name_the_time_that_a_decision_really_has(
    as_alice: FlaskClient, draft: GroupBuy, open_deal: GroupBuy
) -> None:
    days = collecting.DECISION_LIMIT.days

    for path in (f"{draft.slug}/draft/rules", f"{open_deal.slug}/desk/terms"):
        page = as_alice.get(f"/group-buys/{path}").text
        assert f"One of us decides within {days} days" in page


def test_what_opens_later_says_so(
    as_alice: FlaskClient, session: Session, alice: Actor, now: datetime
) -> None:
    made = make_buying.group_buy(
        session, alice, now=now, opens_at=now + timedelta(days=2), published=False
    )

    answer = send(as_alice, f"/group-buys/{made.slug}/publication")
    page = as_alice.get(answer.location).text

    assert "It is published and opens on" in page
    assert "It was published, to open later." in page
    assert "It was opened." not in page


def test_why_it_failed_is_said_in_words_at_the_desk(
    as_alice: FlaskClient, session: Session, open_deal: GroupBuy
) -> None:
    buying.close(session, open_deal.id, now=open_deal.closes_at)

    page = as_alice.get(f"/group-buys/{open_deal.slug}/desk").text

    assert "no article reached its threshold." in page
    assert "no_article_kept" not in page


@pytest.mark.parametrize("after", ["opening", "closing"])
def test_of_what_was_called_off_all_pages_count_the_same_people(
    as_alice: FlaskClient,
    session: Session,
    alice: Actor,
    bob: Actor,
    charlie: Actor,
    dana: Actor,
    now: datetime,
    after: str,
) -> None:
    deal = make_buying.group_buy(session, alice, now=now)
    for who in (bob, charlie, dana):
        joined = make_buying.join(session, deal, who, 4, now=now)
    leaving = session.get_one(GroupBuyCommitment, joined)
    buying.withdraw(session, deal, leaving, actor=dana, now=now)
    if after == "closing":
        buying.close(session, deal.id, now=deal.closes_at)
    buying.cancel(session, deal, reason="The mill burned down.", actor=alice, now=now)
    session.flush()
    desk = f"/group-buys/{deal.slug}/desk"

    listed, shown = as_alice.get("/organising").text, as_alice.get(desk).text
    people = as_alice.get(f"{desk}/people").text

    assert "2 people" in listed
    assert re.search(r"Had joined</dt>\s*<dd[^>]*>\s*(?:<strong>)?2\b", shown)
    assert "Take part" not in shown
    assert people.count("gets nothing") == 2

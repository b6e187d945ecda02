"""Alice drafts a group buy in five steps and opens it."""

import re
from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient
from markupsafe import escape
from sqlalchemy import select
from sqlalchemy.orm import Session

from marketplace.buying.wording import RATIONING, WITHDRAWAL
from models.actors import Actor
from models.buying import GroupBuy, WithdrawalPolicy
from models.collaborations import Category, State
from models.ledger import Currency
from models.rules import Rationing
from services import buying, geography
from services.buying import collecting
from services.places import PlaceRow
from tests import make_buying
from tests.marketplace.organising_pages.typed import article, pickup, what
from tests.pages import send


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


def test_a_pickup_before_all_is_paid_is_warned_of(
    as_alice: FlaskClient, session: Session, draft: GroupBuy
) -> None:
    at = f"/group-buys/{draft.slug}/draft/review"
    early = as_alice.get(at).text
    draft.collecting_days = 1
    session.flush()

    assert "Cards that fail are tried again for 7 days after the close" in early
    assert "Goods may be fetched before they are paid" not in as_alice.get(at).text


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

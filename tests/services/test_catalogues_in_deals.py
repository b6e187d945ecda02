"""Alice makes group buys from the catalogue she keeps."""

from datetime import timedelta

import pytest

from models.ledger import Currency
from models.lifecycle import NotInThisState
from services import buying, catalogues
from services.buying.drafting import NotADraft
from services.catalogues import Choice, CurrencyDiffers
from tests.counting import counted
from tests.make_buying import group_buy
from tests.make_catalogues import (
    HEADER,
    JUICE,
    OIL,
    RICE,
    bread,
    catalogue,
    csv,
    kept,
    many,
    uploaded,
)

CRATE = "900;Crate;1;1;3.00;19;;;;"


@pytest.fixture
def biohof(session, alice, now):
    return catalogue(session, alice, now=now)


@pytest.fixture
def current(session, biohof, alice, now):
    return kept(session, biohof, csv(OIL, JUICE, RICE), actor=alice, now=now)


@pytest.fixture
def deal(session, alice, now):
    return group_buy(session, alice, articles=[], published=False, now=now)


def in_deal(session, deal):
    session.expire_all()
    return buying.articles(session, deal)


def steps(article):
    return [(tier.from_units, tier.price_minor) for tier in article.tiers]


def test_an_article_comes_with_its_steps_case_deposit_and_vat(session, current, deal):
    assert catalogues.copy_into(session, deal, current) == 3

    found = in_deal(session, deal)
    oil, juice, _ = found
    assert (oil.name, steps(oil), oil.case_size) == ("Olive oil", [(1, 980), (12, 920)], 6)
    assert (oil.vat_basis_points, oil.category) == (700, "Oil")
    assert (oil.base_unit, oil.base_units_thousandths) == ("l", 750)
    assert (juice.deposit_minor, steps(juice)) == (15, [(1, 240)])
    assert [(one.position, one.active_units, one.is_capped) for one in found] == [
        (1, 0, False),
        (2, 0, False),
        (3, 0, False),
    ]
    assert (deal.articles_count, deal.catalogue_version_id) == (3, current.id)


def test_goods_by_weight_stay_so_in_a_deal_and_in_the_next_list(session, biohof, deal, alice, now):
    header = "order_number;name;unit;price;vat_percent;content;base_unit;overweight_percent"
    gouda = csv("71;Gouda;wheel;14.36;7;0.8;kg;7.5", header=header)
    current = kept(session, biohof, gouda, actor=alice, now=now)

    catalogues.copy_into(session, deal, current)
    again = uploaded(
        session, biohof, catalogues.export(session, current).encode(), actor=alice, now=now
    )

    [article] = in_deal(session, deal)
    assert (article.nominal_grams, article.overweight_basis_points) == (800, 750)
    assert not any(catalogues.counts(session, current, again).values())


def test_what_food_must_say_goes_along_into_a_deal_and_the_next_list(
    session, biohof, deal, alice, now
):
    said = "Ingredients: rye,  water\n\nAllergens: rye"
    catalogues.add_article(session, biohof, bread(food_information=said), actor=alice, now=now)
    current = catalogues.current(session, biohof)

    catalogues.copy_into(session, deal, current)
    again = uploaded(
        session, biohof, catalogues.export(session, current).encode(), actor=alice, now=now
    )

    [article] = in_deal(session, deal)
    assert article.food_information == "Ingredients: rye, water\n\nAllergens: rye"
    assert not any(catalogues.counts(session, current, again).values())


def test_some_articles_are_chosen_by_id_or_category(session, current, deal):
    rice = catalogues.articles(session, current, words="rice").rows[0]

    catalogues.copy_into(session, deal, current, Choice(ids=[rice.id]))
    catalogues.copy_into(session, deal, current, Choice(category="Drinks"))

    chosen, drink = in_deal(session, deal)
    assert (chosen.name, drink.name) == ("Rice", "Apple juice")
    assert chosen.catalogue_article_id == rice.id


def test_crates_and_what_cannot_be_had_are_not_offered(session, biohof, alice, deal, now):
    header = HEADER + ";is_deposit;available;minimum_units;maximum_units"
    rows = [
        OIL + ";no;yes;;",
        JUICE + ";no;no;;",
        RICE.replace(";1 kg;1;", ";1 kg;6;") + ";no;yes;;5",
        RICE.replace(";1 kg;1;", ";1 kg;6;").replace("103;", "104;", 1) + ";no;yes;7;11",
        CRATE + ";yes;yes;;",
    ]
    version = kept(session, biohof, csv(*rows, header=header), actor=alice, now=now)

    assert version.articles_count == 5
    catalogues.copy_into(session, deal, version)
    assert [one.name for one in in_deal(session, deal)] == ["Olive oil"]


def test_a_repeat_adds_only_what_is_missing(session, current, deal):
    catalogues.copy_into(session, deal, current, Choice(category="Drinks"))

    assert catalogues.copy_into(session, deal, current) == 2
    assert catalogues.copy_into(session, deal, current) == 0

    found = in_deal(session, deal)
    assert [(one.position, one.name) for one in found] == [
        (1, "Apple juice"),
        (2, "Olive oil"),
        (3, "Rice"),
    ]
    assert deal.articles_count == 3


def test_the_price_of_a_single_article_stands_on_the_deal(session, current, deal):
    catalogues.copy_into(session, deal, current, Choice(category="Oil"))

    assert (deal.price_now_minor, deal.price_next_minor, deal.missing_units) == (980, 980, 6)


def test_a_deal_made_from_a_catalogue_opens_and_takes_orders(session, current, alice, bob, now):
    deal = group_buy(session, alice, articles=[], published=False, now=now)
    catalogues.copy_into(session, deal, current)
    buying.publish(session, deal, actor=alice, now=now)

    rice = next(one for one in in_deal(session, deal) if one.name == "Rice")
    point = buying.pickup_points(session, deal)[0]
    order = buying.Order(
        wanted=[buying.Wanted(rice.id, 2)],
        payment_method="at_pickup",
        pickup_point_id=point.id,
    )
    buying.join(session, deal, order, actor=bob, now=now)

    assert in_deal(session, deal)[2].active_units == 2


def test_5000_articles_go_into_a_deal_in_a_handful_of_statements(session, biohof, alice, deal, now):
    version = kept(session, biohof, many(5000), actor=alice, now=now)

    with counted(session) as statements:
        added = catalogues.copy_into(session, deal, version)

    assert (added, deal.articles_count) == (5000, 5000)
    assert len(statements) <= 8


def test_5000_articles_are_read(session, biohof, alice, now):
    version = kept(session, biohof, many(5000), actor=alice, now=now)

    assert version.articles_count == 5000


def test_only_a_kept_list_goes_into_a_deal(session, biohof, alice, deal, now):
    preview = uploaded(session, biohof, csv(OIL), actor=alice, now=now)

    with pytest.raises(NotInThisState):
        catalogues.copy_into(session, deal, preview)


def test_an_open_deal_takes_no_articles_in(session, alice, current, now):
    deal = group_buy(session, alice, now=now)

    with pytest.raises(NotADraft):
        catalogues.copy_into(session, deal, current)


def test_a_deal_is_in_one_currency(session, alice, current, now):
    session.add(Currency(code="USD", exponent=2, name="Dollar"))
    session.flush()
    deal = group_buy(session, alice, articles=[], currency="USD", published=False, now=now)

    with pytest.raises(CurrencyDiffers):
        catalogues.copy_into(session, deal, current)


def test_typing_makes_another_list_once_a_deal_refers_to_this_one(
    session, biohof, alice, deal, now
):
    article = catalogues.add_article(session, biohof, bread(), actor=alice, now=now)
    first = catalogues.current(session, biohof)
    catalogues.copy_into(session, deal, first)

    catalogues.change_article(
        session, biohof, article.id, bread(price_minor=450), actor=alice, now=now
    )

    second = catalogues.current(session, biohof)
    assert second.number == first.number + 1
    prices = [catalogues.articles(session, one).rows[0].price_minor for one in (first, second)]
    assert prices == [420, 450]


def test_what_a_deal_refers_to_is_never_swept(session, biohof, alice, current, deal, now):
    catalogues.copy_into(session, deal, current)
    kept(session, biohof, csv(OIL), actor=alice, now=now)

    assert catalogues.sweep(session, now=now + timedelta(days=400)) == 0
    assert in_deal(session, deal)[0].catalogue_article_id is not None

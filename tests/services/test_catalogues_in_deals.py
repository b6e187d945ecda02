"""Alice makes group buys from the catalogue she keeps; a new list shows what changed."""

from datetime import timedelta

import pytest

from models.ledger import Currency
from models.lifecycle import NotInThisState
from services import buying, catalogues
from services.buying.drafting import NotADraft
from services.catalogues import Choice, CurrencyDiffers, Kind
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


def test_an_article_comes_with_its_steps_case_deposit_and_vat(session, current):
    oil, juice, _ = catalogues.articles_for_deal(session, current)

    assert (oil.name, oil.tiers, oil.case_size) == ("Olive oil", [(1, 980), (12, 920)], 6)
    assert (oil.vat_basis_points, oil.category) == (700, "Oil")
    assert (oil.base_unit, oil.base_units_thousandths) == ("l", 750)
    assert (juice.deposit_minor, juice.tiers) == (15, [(1, 240)])


def test_goods_by_weight_stay_so_in_a_deal_and_in_the_next_list(session, biohof, deal, alice, now):
    header = "order_number;name;unit;price;vat_percent;content;base_unit;overweight_percent"
    gouda = csv("71;Gouda;wheel;14.36;7;0.8;kg;7.5", header=header)
    current = kept(session, biohof, gouda, actor=alice, now=now)

    [listed] = catalogues.articles_for_deal(session, current)
    catalogues.copy_into(session, deal, current)
    again = uploaded(
        session, biohof, catalogues.export(session, current).encode(), actor=alice, now=now
    )

    [article] = in_deal(session, deal)
    assert (article.nominal_grams, article.overweight_basis_points) == (800, 750)
    assert listed.overweight_basis_points == 750
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


def test_some_articles_are_chosen_by_id_or_category(session, current):
    rice = catalogues.articles(session, current, words="rice").rows[0]

    chosen = catalogues.articles_for_deal(session, current, Choice(ids=[rice.id]))
    drinks = catalogues.articles_for_deal(session, current, Choice(category="Drinks"))

    assert [one.name for one in (*chosen, *drinks)] == ["Rice", "Apple juice"]
    assert chosen[0].catalogue_article_id == rice.id


def test_crates_and_what_cannot_be_had_are_not_offered(session, biohof, alice, now):
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
    assert [one.name for one in catalogues.articles_for_deal(session, version)] == ["Olive oil"]


def test_both_ways_into_a_deal_lead_to_the_same(session, alice, current, deal, now):
    other = group_buy(session, alice, articles=[], published=False, now=now)

    assert catalogues.copy_into(session, deal, current) == 3
    buying.add_articles(session, other, catalogues.articles_for_deal(session, current))

    names = [name for name in buying.NewArticle.__dataclass_fields__ if name != "tiers"]
    names += ["position", "active_units", "standing_units", "is_capped"]

    def seen(group_buy):
        return [
            [
                *(getattr(article, name) for name in names),
                *((tier.position, tier.from_units, tier.price_minor) for tier in article.tiers),
            ]
            for article in in_deal(session, group_buy)
        ]

    assert seen(deal) == seen(other)
    assert [one.position for one in in_deal(session, deal)] == [1, 2, 3]
    assert deal.articles_count == other.articles_count == 3
    assert deal.catalogue_version_id == current.id


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
    with pytest.raises(NotInThisState):
        catalogues.articles_for_deal(session, preview)


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


def test_a_draft_sees_what_its_catalogue_says_now(session, biohof, alice, current, deal, now):
    catalogues.copy_into(session, deal, current)
    assert catalogues.changes_for_deal(session, deal) == []

    new = kept(session, biohof, csv(OIL.replace("9.80", "10.20"), JUICE), actor=alice, now=now)

    dearer, gone = catalogues.changes_for_deal(session, deal)
    oil = catalogues.articles(session, new).rows[0]
    assert (dearer.kinds, dearer.name) == ((Kind.DEARER,), "Olive oil")
    assert (dearer.price_before_minor, dearer.price_now_minor) == (980, 1020)
    assert (dearer.deal_price_minor, dearer.catalogue_article_id) == (980, oil.id)
    assert (gone.kinds, gone.name, gone.price_now_minor) == ((Kind.GONE,), "Rice", None)


def test_a_price_of_the_organisers_own_is_no_change_of_the_catalogue(
    session, biohof, alice, current, deal, now
):
    rice = catalogues.articles_for_deal(session, current, Choice(category="Grain"))[0]
    own = buying.NewArticle(**{**vars(rice), "tiers": [(1, 350)]})
    buying.add_articles(session, deal, [own])

    kept(session, biohof, csv(OIL, RICE), actor=alice, now=now)

    assert catalogues.changes_for_deal(session, deal) == []


def test_typing_makes_another_list_once_a_deal_refers_to_this_one(
    session, biohof, alice, deal, now
):
    article = catalogues.add_article(session, biohof, bread(), actor=alice, now=now)
    first = catalogues.current(session, biohof)
    buying.add_articles(session, deal, catalogues.articles_for_deal(session, first))

    catalogues.change_article(
        session, biohof, article.id, bread(price_minor=450), actor=alice, now=now
    )

    second = catalogues.current(session, biohof)
    assert second.number == first.number + 1
    [change] = catalogues.changes_for_deal(session, deal)
    assert (change.price_before_minor, change.price_now_minor) == (420, 450)
    assert catalogues.articles(session, first).rows[0].price_minor == 420


def test_what_a_deal_refers_to_is_never_swept(session, biohof, alice, current, deal, now):
    catalogues.copy_into(session, deal, current)
    kept(session, biohof, csv(OIL), actor=alice, now=now)

    assert catalogues.sweep(session, now=now + timedelta(days=400)) == 0
    assert in_deal(session, deal)[0].catalogue_article_id is not None

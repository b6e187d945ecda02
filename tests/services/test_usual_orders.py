"""Bob orders Alice's weekly box: what he had last time is filled in, fitted to what is there."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from models.buying import GroupBuyCommitment, PaymentMethod
from models.participants import MayNotActFor
from services import buying, catalogues, series
from services.buying import Wanted
from services.buying.amending import Amendment, amend
from services.buying.describing import said_of
from services.series import Rhythm
from tests import make_catalogues
from tests.make_buying import commitment_of, group_buy, join, olive_oil


@pytest.fixture
def box(session, alice, now):
    return group_buy(
        session,
        alice,
        articles=[
            olive_oil(name="Box", tiers=[(1, 2000)], case_size=4, minimum_units=1),
            olive_oil(name="Eggs", order_number="7", tiers=[(1, 320), (20, 300)]),
        ],
        now=now,
    )


@pytest.fixture
def next_box(session, box, alice, now):
    found = series.begin(session, box, Rhythm(1, opens_by_itself=True), actor=alice, now=now)

    def make():
        return series.advance(session, found.id, now=found.due_at)

    return make


def order(session, deal, actor, *wanted, now):
    articles = buying.articles(session, deal)
    [point] = buying.pickup_points(session, deal)
    asked = buying.Order(
        [Wanted(articles[place].id, *rest) for place, *rest in wanted],
        PaymentMethod.AT_PICKUP,
        point.id,
    )
    buying.find(session, deal.slug, actor=actor, lock=True)
    made = buying.join(session, deal, asked, actor=actor, now=now)
    return session.get_one(GroupBuyCommitment, made)


def filled(session, deal, actor):
    found = buying.usual(session, deal, actor.participant.id)
    return None if found is None else buying.fill(session, deal, found)


def wanted_of(session, deal, found):
    names = {one.id: one.name for one in buying.articles(session, deal)}
    return {
        names[one.article_id]: (one.units, one.tolerance, one.highest_price_minor)
        for one in found.wanted.values()
    }


def test_the_last_order_is_filled_in(session, box, next_box, bob, now):
    order(session, box, bob, (0, 2, 1, 1500 + 500), (1, 3, 0, 310), now=now)
    made = next_box()

    found = filled(session, made, bob)

    # A highest price that is the price itself was not named by anybody.
    assert wanted_of(session, made, found) == {"Box": (2, 1, None), "Eggs": (3, 0, 310)}
    assert (found.missing, found.repriced) == ([], [])
    assert not found.usual.is_kept


def test_filling_in_binds_nobody(session, box, next_box, bob, now):
    order(session, box, bob, (0, 2), now=now)
    made = next_box()

    filled(session, made, bob)

    assert commitment_of(session, made, bob.participant.id) is None
    assert made.commitments_count == 0


def test_whoever_never_ordered_there_has_none(session, box, next_box, bob, charlie, now):
    order(session, box, bob, (0, 2), now=now)

    assert filled(session, next_box(), charlie) is None


def test_an_order_one_left_is_none(session, box, next_box, bob, now):
    commitment = order(session, box, bob, (0, 2), now=now)
    buying.withdraw(session, box, commitment, actor=bob, now=now)

    assert filled(session, next_box(), bob) is None


def test_the_newest_order_counts_unless_one_is_kept(session, box, next_box, bob, now):
    first = order(session, box, bob, (0, 2), now=now)
    second_box = next_box()
    order(session, second_box, bob, (0, 5), now=second_box.opens_at)
    made = next_box()
    assert wanted_of(session, made, filled(session, made, bob)) == {"Box": (5, 0, None)}

    buying.keep_as_usual(first, actor=bob, now=now)
    session.flush()
    assert filled(session, made, bob).usual.is_kept
    assert wanted_of(session, made, filled(session, made, bob)) == {"Box": (2, 0, None)}

    buying.forget_usual(session, box, first, actor=bob)
    session.flush()
    assert wanted_of(session, made, filled(session, made, bob)) == {"Box": (5, 0, None)}


def test_forgetting_forgets_all_that_were_kept_there(session, box, next_box, bob, now):
    first = order(session, box, bob, (0, 2), now=now)
    second_box = next_box()
    second = order(session, second_box, bob, (0, 5), now=second_box.opens_at)
    for one in (first, second):
        buying.keep_as_usual(one, actor=bob, now=now)

    buying.forget_usual(session, second_box, second, actor=bob)

    kept = select(GroupBuyCommitment.id).where(GroupBuyCommitment.usual_since_at.is_not(None))
    assert session.scalars(kept).all() == []


def test_nobody_keeps_the_order_of_another(session, box, next_box, bob, charlie, alice, now):
    commitment = order(session, box, bob, (0, 2), now=now)

    for actor in (charlie, alice):
        with pytest.raises(MayNotActFor):
            buying.keep_as_usual(commitment, actor=actor, now=now)
        with pytest.raises(MayNotActFor):
            buying.forget_usual(session, box, commitment, actor=actor)


def test_over_many_rounds_an_article_without_a_number_is_found(session, box, next_box, bob, now):
    order(session, box, bob, (0, 2), now=now)
    for _ in range(4):
        made = next_box()

    assert wanted_of(session, made, filled(session, made, bob)) == {"Box": (2, 0, None)}


def test_an_article_that_is_said_anew_is_still_the_same(session, box, next_box, alice, bob, now):
    order(session, box, bob, (0, 2), now=now)
    second = next_box()
    [old, _] = buying.articles(session, second)
    said = replace(said_of(old), name="Winter box", same_as_id=None)
    amend(session, second, Amendment(articles={old.id: said}), actor=alice, now=second.opens_at)
    made = next_box()

    assert wanted_of(session, made, filled(session, made, bob)) == {"Winter box": (2, 0, None)}


class TestWithACatalogue:
    @pytest.fixture
    def list_(self, session, alice, now):
        return make_catalogues.catalogue(session, alice, now=now)

    @pytest.fixture
    def dealt(self, session, list_, alice, now):
        """A deal made from the rows of a list, taken over by the supplier's list of that day."""

        def make(*rows, at=now):
            content = make_catalogues.csv(*rows)
            version = make_catalogues.kept(session, list_, content, actor=alice, now=at)
            deal = group_buy(session, alice, articles=[], published=False, now=at)
            catalogues.copy_into(session, deal, version)
            buying.publish(session, deal, actor=alice, now=at)
            return deal

        return make

    def test_another_deal_of_the_same_catalogue_knows_it(self, session, dealt, bob, now):
        first = dealt(make_catalogues.OIL, make_catalogues.JUICE, make_catalogues.RICE)
        order(session, first, bob, (0, 2, 1), (1, 12), (2, 3), now=now)
        made = dealt(
            "101;Olive oil;750 ml;6;10.40;7;;Oil;;",
            "103;Rice;5 kg;1;13.10;7;;Grain;;",
            at=now + timedelta(days=1),
        )

        found = filled(session, made, bob)

        assert wanted_of(session, made, found) == {"Olive oil": (2, 1, None)}
        assert [(one.name, one.unit_now) for one in found.missing] == [
            ("Apple juice", None),
            ("Rice", "5 kg"),
        ]
        assert [vars(one) for one in found.repriced] == [
            {"name": "Olive oil", "before_minor": 980, "now_minor": 1040}
        ]

    def test_a_highest_price_is_never_raised(self, session, dealt, bob, now):
        first = dealt(make_catalogues.OIL)
        order(session, first, bob, (0, 2, 0, 950), now=now)
        made = dealt("101;Olive oil;750 ml;6;10.40;7;;Oil;12;9.90", at=now + timedelta(days=1))

        found = filled(session, made, bob)

        assert wanted_of(session, made, found) == {"Olive oil": (2, 0, 950)}

    def test_tolerance_goes_where_no_case_is_to_be_filled(self, session, dealt, bob, now):
        first = dealt(make_catalogues.OIL)
        order(session, first, bob, (0, 2, 4), now=now)
        made = dealt("101;Olive oil;750 ml;1;9.80;7;;Oil;;", at=now + timedelta(days=1))

        assert wanted_of(session, made, filled(session, made, bob)) == {"Olive oil": (2, 0, None)}


def test_a_deal_of_its_own_has_no_usual_order(session, alice, bob, now):
    first = group_buy(session, alice, now=now)
    join(session, first, bob, now=now)

    assert buying.usual(session, group_buy(session, alice, now=now), bob.participant.id) is None

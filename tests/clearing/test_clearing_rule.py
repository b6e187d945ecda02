"""The clearing rule: worked by hand, by properties, and against trying everything out."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.money import vat_of
from services.clearing import clear, standing
from services.clearing.outcomes import Dropped, Failure, Out
from services.clearing.standings import failure_of, totals
from services.clearing.terms import (
    ArticleTerms,
    Layer,
    Line,
    Rationing,
    Terms,
    Tier,
    change_layers,
)
from tests.clearing import oracle
from tests.clearing.worlds import articles, worlds

TEA = ArticleTerms(key="tea", tiers=(Tier(1, 500), Tier(12, 400)), case_size=6)


def line(commitment, place, units, tolerance=0, highest=500, article="tea"):
    return Line(commitment, article, (Layer(place, units, tolerance),), highest)


def units_of(outcome, article="tea"):
    return {each.commitment: each.units for each in outcome.lines if each.article == article}


def lines_on(article, lines):
    mine = [each for each in lines if each.article == article.key]
    return sorted(mine, key=lambda each: each.place)


def standings_of(terms, lines):
    return [
        standing(article, *totals(article, lines_on(article, lines))) for article in terms.articles
    ]


def test_tolerances_fill_the_case_that_reaches_the_cheaper_tier():
    lines = [line("alice", 1, 7, highest=400), line("bob", 2, 3, 1), line("charlie", 3, 1, 3)]

    outcome = clear(Terms((TEA,)), lines)

    (tea,) = outcome.articles
    assert (tea.tier, tea.units, tea.price_minor) == (1, 12, 400)
    assert units_of(outcome) == {"alice": 7, "bob": 4, "charlie": 1}
    assert outcome.total_minor == 12 * 400
    assert outcome.net_minor == 12 * 500


def test_when_the_cheaper_tier_is_missed_those_who_wait_for_it_are_out():
    lines = [line("alice", 1, 3, highest=400), line("bob", 2, 4), line("charlie", 3, 4)]

    outcome = clear(Terms((TEA,)), lines)

    assert (outcome.articles[0].price_minor, outcome.articles[0].units) == (500, 6)
    assert [each.reason for each in outcome.lines] == [Out.PRICE_TOO_LOW, None, None]
    assert units_of(outcome) == {"alice": 0, "bob": 4, "charlie": 2}


def test_first_come_serves_layers_by_the_time_they_were_ordered():
    terms = Terms((ArticleTerms("tea", (Tier(1, 500),), maximum_units=6),))
    alice = Line("alice", "tea", (Layer(1, 2), Layer(3, 4)), 500)

    outcome = clear(terms, [alice, line("bob", 2, 3), line("charlie", 4, 1)])

    assert units_of(outcome) == {"alice": 3, "bob": 3, "charlie": 0}
    assert outcome.lines[0].layers == (Layer(1, 2), Layer(3, 1))
    assert outcome.lines[2].reason is Out.RATIONED_OUT


def test_pro_rata_gives_the_odd_unit_to_the_largest_remainder_then_the_earlier_place():
    terms = Terms((ArticleTerms("tea", (Tier(1, 500),), maximum_units=5),), Rationing.PRO_RATA)

    even = clear(terms, [line("alice", 1, 4), line("bob", 2, 4)])
    uneven = clear(terms, [line("alice", 1, 3), line("bob", 2, 3), line("charlie", 3, 4)])

    assert units_of(even) == {"alice": 3, "bob": 2}
    assert units_of(uneven) == {"alice": 2, "bob": 1, "charlie": 2}


def test_an_article_that_misses_its_smallest_total_is_dropped_alone():
    rice = ArticleTerms("rice", (Tier(1, 300),), minimum_units=5)
    lines = [line("alice", 1, 6), line("alice", 1, 4, article="rice", highest=300)]

    outcome = clear(Terms((TEA, rice)), lines)

    assert outcome.succeeded
    assert outcome.articles[1].reason is Dropped.THRESHOLD_NOT_REACHED
    assert [each.reason for each in outcome.lines] == [None, Out.ARTICLE_DROPPED]


def test_an_article_says_why_it_is_dropped():
    reasons = [
        clear(Terms((TEA,)), lines).articles[0].reason for lines in ([], [line("alice", 1, 5)])
    ]

    assert reasons == [Dropped.NOTHING_ORDERED, Dropped.NO_FULL_CASE]


def test_the_smallest_order_is_net_at_the_dearest_price():
    tea = ArticleTerms("tea", (Tier(1, 119), Tier(10, 60)), vat_basis_points=1900)
    lines = [line("alice", 1, 10, highest=119)]

    reached = clear(Terms((tea,), smallest_order_minor=1000), lines)
    missed = clear(Terms((tea,), smallest_order_minor=1001), lines)

    assert (reached.succeeded, reached.net_minor, reached.total_minor) == (True, 1000, 600)
    assert missed.failure is Failure.SMALLEST_ORDER_NOT_REACHED
    assert [each.reason for each in missed.lines] == [Out.DEAL_FAILED]
    assert missed.total_minor == 0


def test_a_deal_without_a_kept_article_fails_even_without_a_smallest_order():
    assert clear(Terms((TEA,)), []).failure is Failure.NO_ARTICLE_KEPT


def test_missing_units_count_full_cases_and_the_help_of_tolerances():
    stands = standing(TEA, demands=[4, 7], tolerances=[1, 2])

    assert stands.missing_units == (1, 3)
    assert (stands.tier, stands.reason) == (None, Dropped.THRESHOLD_NOT_REACHED)


def test_a_tier_beyond_the_largest_total_is_never_promised():
    tea = ArticleTerms("tea", (Tier(1, 500), Tier(12, 400)), maximum_units=17, case_size=9)

    stands = standing(tea, demands=[20, 20], tolerances=[0, 0])

    assert stands.missing_units == (0, None)
    assert (stands.tier, stands.units) == (0, 9)


def test_an_increase_waits_behind_and_a_decrease_eats_the_newest():
    first = change_layers((), units=3, tolerance=1, place=1)
    more = change_layers(first, units=5, tolerance=2, place=4)
    fewer = change_layers(more, units=4, tolerance=1, place=6)

    assert more == (Layer(1, 3, 1), Layer(4, 2, 1))
    assert fewer == (Layer(1, 3, 1), Layer(4, 1))
    assert change_layers(fewer, units=0, tolerance=0, place=7) == ()


@pytest.mark.parametrize(
    "lines",
    [
        [line("alice", 1, 1, article="salt")],
        [line("alice", 1, 1), line("alice", 2, 1)],
        [line("alice", 1, 1), line("bob", 1, 1)],
    ],
)
def test_lines_that_leave_the_decision_open_are_refused(lines):
    with pytest.raises(ValueError):
        clear(Terms((TEA,)), lines)


@pytest.mark.parametrize(
    "make",
    [
        lambda: ArticleTerms("tea", ()),
        lambda: ArticleTerms("tea", (Tier(2, 500),)),
        lambda: ArticleTerms("tea", (Tier(1, 500), Tier(2, 500))),
        lambda: ArticleTerms("tea", (Tier(1, 500), Tier(1, 400))),
        lambda: ArticleTerms("tea", (Tier(1, 500),), minimum_units=0),
        lambda: ArticleTerms("tea", (Tier(1, 500),), minimum_units=5, maximum_units=4),
        lambda: ArticleTerms("tea", (Tier(1, 500),), case_size=0),
        lambda: Terms((TEA, TEA)),
        lambda: Terms((TEA,), rationing="lots"),
        lambda: Layer(1, 0, 0),
        lambda: Layer(1, -1, 2),
        lambda: Line("alice", "tea", (), 500),
        lambda: Line("alice", "tea", (Layer(2, 1), Layer(1, 1)), 500),
    ],
)
def test_terms_that_cannot_be_are_refused(make):
    with pytest.raises(ValueError):
        make()


@given(worlds())
def test_trying_everything_out_finds_the_same(world):
    terms, lines = world
    outcome = clear(terms, lines)
    found = {(each.commitment, each.article): each for each in outcome.lines}

    order_value = 0
    for article, result in zip(terms.articles, outcome.articles, strict=True):
        mine = lines_on(article, lines)
        best = oracle.decided(article, mine)
        assert (best is None) == (result.tier is None)
        if best is None:
            continue
        price, total = best
        assert (result.price_minor, result.units) == best
        gross = total * article.tiers[0].price_minor
        order_value += gross - vat_of(gross, article.vat_basis_points)
        willing = [each for each in mine if each.highest_price_minor >= price]
        if outcome.succeeded:
            expected = oracle.shares(willing, total, terms.rationing)
            results = [found[each.commitment, each.article] for each in willing]
            assert [(each.own_units, each.tolerance_units) for each in results] == expected

    kept = any(result.tier is not None for result in outcome.articles)
    assert outcome.succeeded == (kept and order_value >= terms.smallest_order_minor)


@given(worlds())
def test_nobody_and_nothing_passes_a_limit(world):
    terms, lines = world
    outcome = clear(terms, lines)
    ordered = {(each.commitment, each.article): each for each in lines}
    articles_by_key = terms.by_key()

    assert len(outcome.lines) == len(lines)
    for result in outcome.lines:
        asked = ordered[result.commitment, result.article]
        assert 0 <= result.own_units <= asked.units
        assert 0 <= result.tolerance_units <= asked.tolerance
        assert (result.units == 0) == (result.reason is not None)
        assert result.price_minor <= asked.highest_price_minor
        assert result.total_minor + result.deposit_minor <= oracle.worst_case(
            articles_by_key[asked.article], asked
        )
        if result.tolerance_units:
            assert result.own_units == asked.units
        assert sum(layer.units for layer in result.layers) == result.own_units
        assert sum(layer.tolerance for layer in result.layers) == result.tolerance_units
    for result in outcome.articles:
        article = articles_by_key[result.key]
        assert result.units % article.case_size == 0
        if article.maximum_units is not None:
            assert result.units <= article.maximum_units
        if outcome.succeeded:
            assert sum(units_of(outcome, result.key).values()) == result.units


@given(worlds())
def test_the_standing_is_what_clearing_decides(world):
    terms, lines = world
    stands = standings_of(terms, lines)
    outcome = clear(terms, lines)

    assert [(each.tier, each.units, each.price_minor, each.reason) for each in stands] == [
        (each.tier, each.units, each.price_minor, each.reason) for each in outcome.articles
    ]
    kept = [each.net_minor for each in stands if each.tier is not None]
    assert (failure_of(kept, terms.smallest_order_minor) is None) == outcome.succeeded


@given(articles(), st.data())
def test_running_totals_are_the_totals(article, data):
    prices = st.integers(article.tiers[-1].price_minor - 5, article.tiers[0].price_minor + 5)
    lines = [
        line(f"c{place}", place, units, 1, highest=data.draw(prices))
        for place, units in enumerate(data.draw(st.lists(st.integers(1, 9), max_size=5)))
    ]
    demands, tolerances = [0] * len(article.tiers), [0] * len(article.tiers)

    for each in lines:
        for tier in range(article.dearest_tier_within(each.highest_price_minor), len(demands)):
            demands[tier] += each.units
            tolerances[tier] += each.tolerance

    assert (demands, tolerances) == totals(article, lines)


@given(articles(), st.integers(0, 40), st.integers(0, 12), st.data())
def test_the_missing_units_are_enough_and_one_fewer_is_not(article, demand, tolerance, data):
    tier = data.draw(st.integers(0, len(article.tiers) - 1))

    def holds(units):
        # Only this tier is judged: its threshold as the article's smallest total.
        only = ArticleTerms(
            "tea",
            (Tier(1, article.tiers[tier].price_minor),),
            minimum_units=article.threshold(tier),
            case_size=article.case_size,
        )
        return standing(only, [units], [tolerance]).tier is not None

    amounts = ([demand] * len(article.tiers), [tolerance] * len(article.tiers))
    missing = standing(article, *amounts).missing_units[tier]

    if missing is None:
        assert article.maximum_in_cases < -(-article.threshold(tier) // article.case_size) * (
            article.case_size
        )
    else:
        assert holds(demand + missing)
        assert missing == 0 or not holds(demand + missing - 1)


@given(worlds(), st.data())
def test_the_order_of_the_lines_does_not_matter(world, data):
    terms, lines = world

    assert clear(terms, data.draw(st.permutations(lines))) == clear(terms, lines)


@given(worlds(), st.data())
def test_joining_never_hurts_the_price_the_total_or_the_whole(world, data):
    terms, lines = world
    before = clear(terms, lines)
    article = data.draw(st.sampled_from(terms.articles))
    highest = data.draw(st.sampled_from([tier.price_minor for tier in article.tiers]))
    size = data.draw(st.tuples(st.integers(0, 9), st.integers(0, 4)).filter(any))
    newcomer = Line("newcomer", article.key, (Layer(10_000, *size),), highest)

    after = clear(terms, [*lines, newcomer])

    assert after.succeeded >= before.succeeded
    assert after.net_minor >= before.net_minor
    for now, was in zip(after.articles, before.articles, strict=True):
        if was.tier is not None:
            assert now.tier >= was.tier
            assert now.units >= was.units
    if terms.rationing is Rationing.FIRST_COME:
        got = {(each.commitment, each.article): each.own_units for each in after.lines}
        for was in before.lines:
            assert got[was.commitment, was.article] >= was.own_units


def test_under_pro_rata_a_newcomer_may_take_a_share_but_never_raises_the_price():
    terms = Terms((ArticleTerms("tea", (Tier(1, 500),), maximum_units=4),), Rationing.PRO_RATA)
    lines = [line("alice", 1, 4)]

    after = clear(terms, [*lines, line("bob", 2, 4)])

    assert units_of(clear(terms, lines)) == {"alice": 4}
    assert units_of(after) == {"alice": 2, "bob": 2}


@given(worlds(most_articles=1))
def test_pro_rata_is_within_one_unit_of_the_exact_share(world):
    terms, lines = world
    terms = Terms(terms.articles, Rationing.PRO_RATA)
    outcome = clear(terms, lines)
    (tea,) = outcome.articles
    if tea.tier is None:
        return
    willing = [each for each in lines if each.highest_price_minor >= tea.price_minor]
    demand = sum(each.units for each in willing)
    got = {each.commitment: each for each in outcome.lines}

    for each in willing:
        exact_times_demand = min(tea.units, demand) * each.units
        assert abs(got[each.commitment].own_units * demand - exact_times_demand) < max(demand, 1)


@given(worlds(most_articles=1))
def test_first_come_never_serves_a_layer_before_an_earlier_one_is_full(world):
    terms, lines = world
    terms = Terms(terms.articles, Rationing.FIRST_COME)
    outcome = clear(terms, lines)
    (tea,) = outcome.articles
    if tea.tier is None:
        return
    granted = {layer.place: layer.units for each in outcome.lines for layer in each.layers}
    queue = sorted(
        (
            layer
            for each in lines
            if each.highest_price_minor >= tea.price_minor
            for layer in each.layers
        ),
        key=lambda layer: layer.place,
    )

    for earlier, later in pairwise(layer for layer in queue if layer.units):
        if granted.get(later.place, 0):
            assert granted.get(earlier.place, 0) == earlier.units

"""After the decision: charges fail, goods come short, and freight is shared."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.money import vat_of
from services.clearing import clear, reclear, redistribute, share_costs
from services.clearing.costs import Head, Sharing, heads_of
from services.clearing.outcomes import Dropped, Failure, Out
from services.clearing.terms import ArticleTerms, Layer, Line, Rationing, Terms, Tier
from tests.clearing.worlds import worlds

TEA = ArticleTerms(
    "tea", (Tier(1, 500), Tier(10, 400)), maximum_units=12, case_size=2, deposit_minor=15
)


def line(commitment, place, units, tolerance=0, highest=500, article="tea"):
    return Line(commitment, article, (Layer(place, units, tolerance),), highest)


def units_of(outcome):
    return {each.commitment: each.units for each in outcome.lines}


def reasons_of(outcome):
    return {each.commitment: each.reason for each in outcome.lines}


FULL = [line("alice", 1, 6), line("bob", 2, 4), line("charlie", 3, 4), line("dana", 4, 3)]


@st.composite
def decided_worlds(draw):
    terms, lines = draw(worlds())
    outcome = clear(terms, lines)
    assume(outcome.succeeded)
    owing = sorted({each.commitment for each in outcome.lines if each.units})
    return terms, lines, outcome, draw(st.sets(st.sampled_from(owing)))


def test_freed_units_go_to_those_rationed_out_in_order_at_the_same_price():
    terms = Terms((TEA,))
    decided = clear(terms, FULL)

    again = reclear(terms, FULL, decided, {"alice", "charlie"})

    assert units_of(decided) == {"alice": 6, "bob": 4, "charlie": 2, "dana": 0}
    assert units_of(again) == {"alice": 6, "bob": 0, "charlie": 4, "dana": 2}
    assert reasons_of(again)["bob"] is Out.NOT_PAID
    assert again.articles == decided.articles


def test_under_pro_rata_too_freed_units_go_in_order_and_nobody_who_paid_loses_any():
    terms = Terms((TEA,), Rationing.PRO_RATA)
    lines = [line("alice", 1, 8), line("bob", 2, 8), line("charlie", 3, 8)]
    decided = clear(terms, lines)

    again = reclear(terms, lines, decided, {"bob", "charlie"})

    assert units_of(decided) == {"alice": 4, "bob": 4, "charlie": 4}
    assert units_of(again) == {"alice": 0, "bob": 8, "charlie": 4}


def test_who_was_offered_freed_units_and_does_not_pay_is_out_at_the_next_round():
    terms = Terms((TEA,))
    offered = reclear(terms, FULL, clear(terms, FULL), {"alice", "charlie"})

    last = reclear(terms, FULL, offered, {"alice", "charlie"}, refill=False)

    assert reasons_of(last) == {
        "alice": None,
        "bob": Out.NOT_PAID,
        "charlie": None,
        "dana": Out.NOT_PAID,
    }
    assert (last.articles[0].units, last.articles[0].price_minor) == (10, 400)


def test_who_cannot_pay_for_more_keeps_what_was_paid_for():
    terms = Terms((TEA,))
    offered = reclear(terms, FULL, clear(terms, FULL), {"alice", "charlie"})

    again = reclear(
        terms,
        FULL,
        offered,
        {"alice", "charlie", "dana"},
        no_more_than={("charlie", "tea"): 2},
    )

    assert units_of(again) == {"alice": 6, "bob": 0, "charlie": 2, "dana": 2}


@pytest.mark.parametrize(("floor", "kept"), [(10_000, False), (8000, True), (8001, False)])
def test_the_declared_floor_decides_whether_the_price_survives(floor, kept):
    terms = Terms((TEA,), floor_basis_points=floor)
    lines = [line("alice", 1, 6), line("bob", 2, 2), line("charlie", 3, 2)]
    decided = clear(terms, lines)

    again = reclear(terms, lines, decided, {"alice", "bob"}, refill=False)

    assert again.succeeded is kept
    assert again.articles[0].price_minor == (400 if kept else None)
    if not kept:
        assert again.articles[0].reason is Dropped.THRESHOLD_NOT_REACHED
        assert again.failure is Failure.NO_ARTICLE_KEPT
        assert set(reasons_of(again).values()) == {Out.DEAL_FAILED}


def test_the_floor_does_not_lower_the_smallest_order():
    terms = Terms((TEA,), smallest_order_minor=5000, floor_basis_points=5000)
    lines = [line("alice", 1, 6), line("bob", 2, 4)]

    again = reclear(terms, lines, clear(terms, lines), {"alice"})

    assert again.failure is Failure.SMALLEST_ORDER_NOT_REACHED


def test_a_deal_that_failed_collects_nothing():
    terms = Terms((TEA,))
    with pytest.raises(ValueError):
        reclear(terms, [], clear(terms, []), set())


@given(decided_worlds(), st.booleans())
def test_clearing_again_never_raises_a_price_nor_serves_who_has_not_paid(world, refill):
    terms, lines, decided, failed = world
    paid = {each.commitment for each in decided.lines if each.units} - failed
    before = {(each.commitment, each.article): each for each in decided.lines}
    asked = {(each.commitment, each.article): each for each in lines}

    again = reclear(terms, lines, decided, paid, refill=refill)

    prices = {each.key: each.price_minor for each in decided.articles}
    for each in again.lines:
        was = before[each.commitment, each.article]
        assert each.units <= asked[each.commitment, each.article].units + (
            asked[each.commitment, each.article].tolerance
        )
        if each.units:
            assert each.price_minor == prices[each.article]
            assert each.price_minor <= asked[each.commitment, each.article].highest_price_minor
            assert each.commitment not in failed
        if not refill:
            assert each.units <= was.units
            assert not each.units or each.commitment in paid
    for article, result in zip(terms.articles, again.articles, strict=True):
        given_out = sum(each.units for each in again.lines if each.article == article.key)
        assert given_out == (result.units if again.succeeded else 0)
        assert result.units % article.case_size == 0
        if result.tier is not None:
            assert result.units >= terms.floor(article, result.tier)
            assert article.maximum_units is None or result.units <= article.maximum_units


@given(decided_worlds())
def test_when_all_have_paid_nothing_changes_at_the_end(world):
    terms, lines, decided, _ = world
    paid = {each.commitment for each in decided.lines if each.units}

    assert reclear(terms, lines, decided, paid, refill=False) == decided


@given(decided_worlds())
def test_who_pays_loses_own_units_only_where_cases_or_limits_shrink(world):
    terms, lines, decided, failed = world
    paid = {each.commitment for each in decided.lines if each.units} - failed
    again = reclear(terms, lines, decided, paid)
    kept = {each.key for each in again.articles if each.tier is not None}
    if not again.succeeded:
        return

    for key in kept:
        was = {each.commitment: each.own_units for each in decided.lines if each.article == key}
        now = {each.commitment: each.own_units for each in again.lines if each.article == key}
        total = next(each.units for each in again.articles if each.key == key)
        if total >= sum(units for commitment, units in was.items() if commitment in paid):
            assert all(now[commitment] >= was[commitment] for commitment in paid & set(was))


@given(decided_worlds())
def test_the_final_round_settles(world):
    terms, lines, decided, failed = world
    paid = {each.commitment for each in decided.lines if each.units} - failed

    last = reclear(terms, lines, decided, paid, refill=False)

    if last.succeeded:
        assert reclear(terms, lines, last, paid, refill=False) == last


def test_a_short_delivery_is_shared_and_refunded_to_the_cent():
    terms = Terms((TEA,), Rationing.PRO_RATA)
    decided = clear(terms, [line("alice", 1, 6), line("bob", 2, 3, 1), line("charlie", 3, 2)])

    result = redistribute(terms, decided, {"tea": 8})

    assert units_of(decided) == {"alice": 6, "bob": 4, "charlie": 2}
    assert units_of(result.outcome) == {"alice": 4, "bob": 2, "charlie": 2}
    assert [
        (each.commitment, each.units, each.amount_minor, each.deposit_minor)
        for each in result.refunds
    ] == [("alice", 2, 800, 30), ("bob", 2, 800, 30)]


def test_first_come_serves_a_short_delivery_in_order():
    terms = Terms((TEA,))
    decided = clear(terms, [line("alice", 1, 6), line("bob", 2, 4), line("charlie", 3, 2)])

    result = redistribute(terms, decided, {"tea": 7})

    assert units_of(result.outcome) == {"alice": 6, "bob": 1, "charlie": 0}
    assert reasons_of(result.outcome)["charlie"] is Out.NOT_DELIVERED


def test_what_came_beyond_the_order_is_declared_and_given_to_nobody():
    terms = Terms((TEA,))
    decided = clear(terms, FULL)

    result = redistribute(terms, decided, {"tea": 15})

    assert result.outcome == decided
    assert (result.refunds, result.surplus_units) == ((), {"tea": 3})


@pytest.mark.parametrize("delivered", [{}, {"tea": -1}, {"tea": 1, "salt": 1}])
def test_a_delivery_that_does_not_count_the_order_is_refused(delivered):
    terms = Terms((TEA,))
    with pytest.raises(ValueError):
        redistribute(terms, clear(terms, FULL), delivered)


@given(decided_worlds(), st.data())
def test_what_is_handed_out_and_paid_back_adds_up(world, data):
    terms, _, decided, _ = world
    kept = {each.key: each.units for each in decided.articles if each.tier is not None}
    delivered = {key: data.draw(st.integers(0, units + 3)) for key, units in kept.items()}

    result = redistribute(terms, decided, delivered)

    before = {(each.commitment, each.article): each for each in decided.lines}
    for key, units in kept.items():
        given_out = sum(each.units for each in result.outcome.lines if each.article == key)
        assert given_out == min(units, delivered[key])
        assert given_out + result.surplus_units.get(key, 0) == delivered[key]
    for each in result.outcome.lines:
        was = before[each.commitment, each.article]
        assert each.own_units <= was.own_units
        assert each.tolerance_units <= was.tolerance_units
    paid_back = sum(each.amount_minor for each in result.refunds)
    assert paid_back == decided.total_minor - result.outcome.total_minor
    assert all(each.units > 0 for each in result.refunds)


HEADS = [Head("alice", 6, 3000), Head("bob", 3, 900), Head("charlie", 1, 100)]


@pytest.mark.parametrize(
    ("sharing", "expected"),
    [
        (Sharing.NONE, [0, 0, 0]),
        (Sharing.PER_HEAD, [334, 333, 333]),
        (Sharing.BY_VALUE, [750, 225, 25]),
        (Sharing.BY_ARTICLE, [600, 300, 100]),
    ],
)
def test_freight_is_shared_by_the_declared_rule(sharing, expected):
    result = share_costs(sharing, 1000, 5000, HEADS)

    assert list(result.shares_minor.values()) == expected
    assert result.uncovered_minor == 0


def test_what_a_ceiling_keeps_back_is_shared_among_the_others():
    result = share_costs(Sharing.BY_ARTICLE, 1000, 500, HEADS)

    assert list(result.shares_minor.values()) == [500, 375, 125]


def test_a_share_that_rounding_lifts_above_the_ceiling_stays_at_it():
    result = share_costs(Sharing.PER_HEAD, 1000, 333, HEADS)

    assert (set(result.shares_minor.values()), result.uncovered_minor) == ({333}, 1)


def test_what_no_ceiling_has_room_for_is_the_organisers():
    result = share_costs(Sharing.PER_HEAD, 1000, 300, HEADS)

    assert (set(result.shares_minor.values()), result.uncovered_minor) == ({300}, 100)


@given(
    st.sampled_from(Sharing),
    st.integers(0, 60) | st.integers(0, 10**6),
    st.integers(0, 20) | st.integers(0, 10**5),
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 10**5)), max_size=12),
)
def test_shares_add_up_below_every_ceiling(sharing, amount, ceiling, sizes):
    heads = [Head(f"c{index}", *size) for index, size in enumerate(sizes)]

    result = share_costs(sharing, amount, ceiling, heads)

    shares = list(result.shares_minor.values())
    assert len(shares) == len(heads)
    assert all(0 <= share <= ceiling for share in shares)
    if sharing is Sharing.NONE:
        assert sum(shares) == result.uncovered_minor == 0
    else:
        assert sum(shares) + result.uncovered_minor == amount
    if result.uncovered_minor and sharing is Sharing.PER_HEAD:
        assert all(share == ceiling for share in shares)


def test_bad_costs_are_refused():
    for arguments in [(-1, 1, HEADS), (1, -1, HEADS), (1, 1, [HEADS[0], HEADS[0]])]:
        with pytest.raises(ValueError):
            share_costs(Sharing.PER_HEAD, *arguments)


def test_only_those_who_are_in_are_heads():
    rice = ArticleTerms("rice", (Tier(1, 300),), vat_basis_points=700)
    terms = Terms((replace(TEA, maximum_units=2), rice))
    lines = [line("alice", 1, 2), line("bob", 2, 2), line("alice", 1, 1, article="rice")]

    outcome = clear(terms, lines)

    assert heads_of(outcome) == (Head("alice", 3, 1300),)
    assert outcome.net_minor == 1000 + 300 - vat_of(300, 700)

"""Goods by weight: what grams cost, and the most they can cost."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from models.buying import Article

prices = st.integers(0, 10**6)
articles = st.builds(
    lambda grams, over: Article(
        base_unit="kg", base_units_thousandths=grams, overweight_basis_points=over
    ),
    st.integers(1, 50_000),
    st.integers(0, 5000),
)
pieces = st.integers(0, 1000)


def test_a_piece_of_742_grams_costs_its_share_of_the_price_of_800():
    cheese = Article(base_unit="kg", base_units_thousandths=800, overweight_basis_points=1000)

    assert cheese.price_of_grams(742, 1436) == 1332
    assert cheese.heaviest_grams(1) == 880
    assert cheese.goods_at_most(1, 1436) == 1580
    assert cheese.goods_weighed(1, None, 1436) == 1436
    assert cheese.goods_weighed(1, 2000, 1436) == 1580


def test_what_is_not_sold_by_weight_costs_its_price():
    assert Article(base_unit="kg", base_units_thousandths=800).goods_at_most(3, 1436) == 4308


@given(articles, pieces, prices)
def test_the_nominal_weight_costs_the_price(article, units, price):
    assert article.goods_weighed(units, None, price) == units * price


@given(articles, st.integers(0, 10**7), prices)
def test_grams_are_rounded_half_up_once(article, grams, price):
    exact = Fraction(price * grams, article.nominal_grams)

    assert -Fraction(1, 2) <= exact - article.price_of_grams(grams, price) < Fraction(1, 2)


@given(articles, pieces, st.integers(1, 10**7), prices)
def test_no_weight_costs_more_than_the_most(article, units, grams, price):
    assert article.goods_weighed(units, grams, price) <= article.goods_at_most(units, price)


@given(articles, pieces, pieces, prices, prices)
def test_fewer_units_and_a_lower_price_never_cost_more(article, some, more, price, raise_):
    few = article.goods_at_most(some, price)

    assert few <= article.goods_at_most(some + more, price + raise_)

"""Pictures that explain numbers tell no more than the numbers do."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.drawing.geometry import LADDER_BOTTOM, LADDER_FOOT, LEAST_DROP, ladder


def test_half_the_price_is_half_as_high() -> None:
    dear, cheap = ladder([(1, 1000), (10, 500)], 0).steps

    assert cheap.drop == pytest.approx(dear.drop / 2)


def test_a_few_cents_are_seen_and_not_blown_up() -> None:
    steps = ladder([(1, 5490), (12, 5480), (24, 5470)], 0).steps

    assert [round(low.y - high.y) for high, low in pairwise(steps)] == [LEAST_DROP, LEAST_DROP]


@given(
    st.lists(st.integers(1, 10**9), min_size=1, max_size=6, unique=True),
    st.integers(0, 10**6),
)
def test_every_ladder_falls_within_its_picture(prices: list[int], demand: int) -> None:
    falling = sorted(prices, reverse=True)
    drawn = ladder([(1 + 10 * at, price) for at, price in enumerate(falling)], demand)

    assert all(high.y < low.y for high, low in pairwise(drawn.steps))
    assert all(0 < step.y <= LADDER_BOTTOM < LADDER_FOOT for step in drawn.steps)
    assert 5 <= drawn.demand_x <= drawn.width - 5

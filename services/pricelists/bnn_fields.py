"""The fields of a BNN 3 line, by their position, and the codes that stand in them."""

from collections.abc import Mapping

from services.pricelists.article import Change

FIELDS: Mapping[str, int] = {
    "order_number": 0,
    "change": 1,
    "ean": 4,
    "name": 6,
    "second_line": 7,
    "maker": 10,
    "origin": 12,
    "quality": 13,
    "control_body": 14,
    "category": 16,
    "order_unit": 21,
    "case_size": 22,
    "unit": 23,
    "by_weight": 25,
    "deposit_article": 26,
    "vat_code": 33,
    "recommended": 36,
    "net_price": 37,
    "special_from": 62,
    "special_to": 63,
    "base_unit": 65,
    "base_factor": 66,
}
LABELS = {name: f"{place} {name.replace('_', ' ')}" for name, place in FIELDS.items()}
FEWEST_FIELDS = FIELDS["net_price"] + 1
LAST_FILE = "99"
BY_WEIGHT = "J"

CHANGES = {"N": Change.NEW, "A": Change.CHANGED, "X": Change.DELISTED, "W": Change.AGAIN}
# The associations' own names; other codes are shown as they stand, for a wrong word about the
# quality of food would be worse than a bare code.
ASSOCIATIONS = {
    "DB": "Bioland",
    "DD": "Demeter",
    "DG": "Gäa",
    "DK": "Biokreis",
    "DN": "Naturland",
    "DP": "Biopark",
}
COUNTRIES = {
    "A": "AT",
    "B": "BE",
    "D": "DE",
    "E": "ES",
    "F": "FR",
    "H": "HU",
    "I": "IT",
    "L": "LU",
    "P": "PT",
    "S": "SE",
}

"""The columns of our own CSV, the same for reading and for writing; docs/pricelists.md explains."""

from collections.abc import Mapping

from services.pricelists.article import MOST_TIERS

TIER_COLUMNS = tuple(
    (f"tier_{step}_from", f"tier_{step}_price") for step in range(1, MOST_TIERS + 1)
)

COLUMNS = (
    "order_number",
    "name",
    "second_line",
    "unit",
    "case_size",
    "price",
    "net_price",
    "vat_percent",
    "deposit",
    "category",
    "origin",
    "quality",
    "maker",
    "control_body",
    "food_information",
    "ean",
    "recommended_price",
    "special_from",
    "special_to",
    "base_unit",
    "content",
    "base_factor",
    "overweight_percent",
    "change",
    "available",
    "is_deposit",
    "minimum_units",
    "maximum_units",
    *(column for pair in TIER_COLUMNS for column in pair),
    "note",
)

REQUIRED = ("order_number", "name", "vat_percent")
PRICES = ("price", "net_price")

TEXTS = frozenset(
    {
        "second_line",
        "category",
        "origin",
        "quality",
        "maker",
        "control_body",
        "food_information",
        "note",
    }
)

NAMES: Mapping[str, str] = {column.replace("_", " "): column for column in COLUMNS}

# How finely the content of a unit may be given: a tenth of a millilitre has seven decimals.
MOST_DECIMALS = 9
MOST_CONTENT = 1_000_000

# A spreadsheet runs a cell that begins like this as a formula.
FORMULA_STARTS = "=+-@＝＋－＠"

"""Writes our own CSV: what is written reads back equal, and no cell runs as a formula."""

import csv
from collections.abc import Iterable
from decimal import Decimal
from io import StringIO

from services.pricelists.article import ListedArticle
from services.pricelists.numbers import as_decimal
from services.pricelists.own_columns import (
    COLUMNS,
    FORMULA_STARTS,
    MOST_DECIMALS,
    TEXTS,
    TIER_COLUMNS,
)

DELIMITER = ";"
_GUARDED = TEXTS | {"order_number", "name", "unit", "base_unit"}


def write_csv(articles: Iterable[ListedArticle]) -> str:
    """A list in our own CSV, with a header row, semicolons and decimal points.

    The caller chooses the bytes: UTF-8 for programs, "utf-8-sig" for spreadsheets. Text that
    begins like a formula gets an apostrophe in front, which the reader takes away again.
    """
    out = StringIO(newline="")
    writer = csv.DictWriter(out, COLUMNS, delimiter=DELIMITER, lineterminator="\r\n")
    writer.writeheader()
    for article in articles:
        writer.writerow(
            {
                column: guarded(value) if column in _GUARDED else value
                for column, value in _cells(article).items()
            }
        )
    return out.getvalue()


def guarded(text: str) -> str:
    """`text`, so that a spreadsheet shows it and never computes it."""
    return f"'{text}" if text.lstrip("'")[:1] in tuple(FORMULA_STARTS) else text


def _cells(article: ListedArticle) -> dict[str, str]:
    cells = {
        "order_number": article.order_number,
        "name": article.name,
        "second_line": article.second_line,
        "unit": article.unit,
        "case_size": str(article.case_size),
        "vat_percent": _major(Decimal(article.vat_basis_points)),
        "deposit": _major(article.deposit_minor) if article.deposit_minor else "",
        "category": article.category,
        "origin": article.origin,
        "quality": article.quality,
        "maker": article.maker,
        "control_body": article.control_body,
        "food_information": article.food_information,
        "ean": article.ean,
        "recommended_price": _major(article.recommended_minor),
        "special_from": str(article.special_from or ""),
        "special_to": str(article.special_to or ""),
        "base_unit": article.base_unit,
        "change": str(article.change or ""),
        "available": "yes" if article.is_available else "no",
        "is_deposit": "yes" if article.is_deposit else "no",
        "minimum_units": str(article.minimum_units),
        "maximum_units": str(article.maximum_units or ""),
        "note": article.note,
    }
    if article.overweight_basis_points is not None:
        cells["overweight_percent"] = _major(article.overweight_basis_points)
    if article.net_minor is not None:
        cells["net_price"] = _major(article.net_minor)
    elif article.gross_minor:
        cells["price"] = _major(article.gross_minor)
    cells |= _base_price(article)
    for (from_column, price_column), tier in zip(TIER_COLUMNS, article.tiers, strict=False):
        cells[from_column] = str(tier.from_units)
        cells[price_column] = _major(tier.gross_minor)
    return cells


def _base_price(article: ListedArticle) -> dict[str, str]:
    """The content of a unit where a short decimal says it, else the factor; neither is rounded."""
    if article.base_factor is None:
        return {}
    content = as_decimal(1 / article.base_factor)
    if content is not None and -int(content.as_tuple().exponent) <= MOST_DECIMALS:
        return {"content": _unambiguous(content)}
    factor = as_decimal(article.base_factor)
    return {} if factor is None else {"base_factor": _unambiguous(factor)}


def _major(minor: Decimal | int | None) -> str:
    """An amount in major units."""
    return "" if minor is None else _unambiguous(Decimal(minor).scaleb(-2))


def _unambiguous(number: Decimal) -> str:
    """A number with a decimal point that cannot be taken for the sign of a thousand."""
    whole, _, fraction = format(number, "f").partition(".")
    fraction = fraction.rstrip("0").ljust(2, "0")
    return f"{whole}.{fraction}0" if len(fraction) == 3 else f"{whole}.{fraction}"

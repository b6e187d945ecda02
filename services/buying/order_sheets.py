"""The order to the supplier as plain rows and text. Pure: no database, no clock."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from models.buying import Article
from models.money import Money
from services.buying import vat
from services.buying.sheets import FOR_PROGRAMS, Spelling, percent_of, written


@dataclass(frozen=True)
class OrderLine:
    """One article of the order: `cases` full cases and `loose` units beside them."""

    article: Article
    units: int
    cases: int
    loose: int
    price_minor: int
    total_minor: int
    deposit_minor: int
    vat_basis_points: int
    # The tax within the total: the lines of one rate add up to the tax in their sum.
    vat_minor: int

    @property
    def expected_grams(self) -> int | None:
        """What goods by weight should weigh in all."""
        return self.units * self.article.nominal_grams if self.article.is_by_weight else None


def order_lines(articles: Iterable[Article], rates: Mapping[int, int]) -> list[OrderLine]:
    """What goes to the supplier, in the order of the list; gross prices as they were decided.

    `rates` are those of `vat.decided_rates`.
    """
    lines = []
    ordered = [one for one in articles if one.decided_units]
    grosses = [
        (rates[one.id], (one.decided_units or 0) * (one.decided_price_minor or 0))
        for one in ordered
    ]
    for article, (rate, total), tax in zip(ordered, grosses, vat.per_line(grosses), strict=True):
        units = article.decided_units or 0
        cases, loose = divmod(units, article.case_size)
        price, deposit = article.decided_price_minor or 0, units * article.deposit_minor
        lines.append(OrderLine(article, units, cases, loose, price, total, deposit, rate, tax))
    return lines


def order_vat(lines: Iterable[OrderLine]) -> list[vat.Taxed]:
    """The tax in the order, by rate."""
    return vat.by_rate((line.vat_basis_points, line.total_minor) for line in lines)


def order_csv(
    lines: Iterable[OrderLine],
    *,
    currency: str,
    exponent: int,
    spelling: Spelling = FOR_PROGRAMS,
) -> str:
    """The order as a table for a supplier who reads spreadsheets."""
    header = (
        "order_number", "name", "second_line", "unit", "ean", "units", "case_size", "cases",
        "loose_units", "price", "total", "deposit", "currency", "expected_grams", "vat_percent",
        "vat",
    )  # fmt: skip
    rows = (
        (
            line.article.order_number,
            line.article.name,
            line.article.second_line,
            line.article.unit,
            line.article.ean,
            line.units,
            line.article.case_size,
            line.cases,
            line.loose,
            Money(line.price_minor, currency),
            Money(line.total_minor, currency),
            Money(line.deposit_minor, currency),
            currency,
            line.expected_grams,
            Decimal(percent_of(line.vat_basis_points)),
            Money(line.vat_minor, currency),
        )
        for line in lines
    )
    return written(header, rows, exponent=exponent, spelling=spelling)


def order_numbers(lines: Iterable[OrderLine]) -> str:
    """The order by the supplier's own numbers: number, units and full cases, line by line.

    For those who order from a BNN list: the numbers are those of field 1. An article without a
    number cannot be ordered in this way and is left out.
    """
    rows = (
        (line.article.order_number, line.units, line.cases)
        for line in lines
        if line.article.order_number
    )
    return written(("order_number", "units", "cases"), rows, exponent=0)

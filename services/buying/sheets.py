"""Sheets: orders, packing lists and exports as plain rows and text. Pure: no database, no clock.

Every text that a spreadsheet could run as a formula is guarded; amounts are in major units
with a decimal point.
"""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import StringIO

from models.buying import Article, GroupBuyCommitment, Line
from models.money import Money
from services.buying.roll import Person
from services.pricelists.writing import guarded

DELIMITER = ";"
Cell = str | int | Money | datetime | None


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

    @property
    def expected_grams(self) -> int | None:
        """What goods by weight should weigh in all."""
        return self.units * self.article.nominal_grams if self.article.is_by_weight else None


@dataclass(frozen=True)
class Heap:
    """One article with everyone who gets some of it: how it is packed article by article."""

    article: Article
    units: int
    shares: Sequence[tuple[GroupBuyCommitment, Line]]

    @property
    def is_packed(self) -> bool:
        return all(line.packed_at for _, line in self.shares)


def order_lines(articles: Iterable[Article]) -> list[OrderLine]:
    """What goes to the supplier, in the order of the list; gross prices as they were decided."""
    lines = []
    for article in articles:
        units = article.decided_units or 0
        if not units:
            continue
        cases, loose = divmod(units, article.case_size)
        price = article.decided_price_minor or 0
        lines.append(
            OrderLine(
                article, units, cases, loose, price, units * price, units * article.deposit_minor
            )
        )
    return lines


def order_csv(lines: Iterable[OrderLine], *, currency: str, exponent: int) -> str:
    """The order as a table for a supplier who reads spreadsheets."""
    header = (
        "order_number", "name", "second_line", "unit", "ean", "units", "case_size", "cases",
        "loose_units", "price", "total", "deposit", "currency", "expected_grams",
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
        )
        for line in lines
    )
    return written(header, rows, exponent=exponent)


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


def heaps(articles: Iterable[Article], crates: Sequence[GroupBuyCommitment]) -> list[Heap]:
    """The packing list by article: who gets how many, for what came."""
    shares: dict[int, list[tuple[GroupBuyCommitment, Line]]] = {}
    for commitment in crates:
        for line in commitment.lines:
            if line.delivered_units:
                shares.setdefault(line.article_id, []).append((commitment, line))
    return [
        Heap(
            article,
            sum(line.delivered_units or 0 for _, line in shares[article.id]),
            shares[article.id],
        )
        for article in articles
        if article.id in shares
    ]


def goods(commitment: GroupBuyCommitment, articles: Mapping[int, Article]) -> list[Line]:
    """What belongs into one crate, in the order of the list."""
    lines = [line for line in commitment.lines if line.delivered_units]
    return sorted(lines, key=lambda line: articles[line.article_id].position)


def commitments_csv(people: Iterable[Person], *, currency: str, exponent: int) -> str:
    """Who takes part, what they owe and how they get their goods, by name."""
    header = (
        "name", "guest", "state", "reason", "payment_method", "pickup_point", "shipping_address",
        "note", "due", "freight", "share", "currency", "packed_at", "handed_over_at",
    )  # fmt: skip
    rows = (
        (
            one.participant.name,
            "yes" if one.is_guest else "no",
            str(one.commitment.state),
            one.commitment.out_reason,
            str(one.commitment.payment_method),
            one.pickup_name,
            one.commitment.shipping_address,
            one.commitment.note,
            Money(one.commitment.due_minor, currency),
            Money(one.commitment.freight_minor, currency),
            Money(one.commitment.share_minor, currency),
            currency,
            one.commitment.packed_at,
            one.commitment.handed_over_at,
        )
        for one in people
    )
    return written(header, rows, exponent=exponent)


def lines_csv(
    crates: Iterable[GroupBuyCommitment],
    articles: Mapping[int, Article],
    *,
    currency: str,
    exponent: int,
) -> str:
    """What each one gets of what, since it was decided. Highest prices stay their owners'."""
    header = (
        "name", "order_number", "article", "unit", "decided_units", "delivered_units", "price",
        "deposit", "currency", "weighed_grams",
    )  # fmt: skip
    rows = (
        (
            commitment.participant.name,
            articles[line.article_id].order_number,
            articles[line.article_id].name,
            articles[line.article_id].unit,
            line.decided_units,
            line.delivered_units,
            None if line.price_minor is None else Money(line.price_minor, currency),
            Money(articles[line.article_id].deposit_minor, currency),
            currency,
            line.weighed_grams,
        )
        for commitment in crates
        for line in sorted(commitment.lines, key=lambda one: articles[one.article_id].position)
        if line.decided_units
    )
    return written(header, rows, exponent=exponent)


def payments_csv(people: Iterable[Person], *, currency: str, exponent: int) -> str:
    """Who paid what and how, by name."""
    header = ("name", "payment_method", "state", "due", "paid", "refunded", "currency", "paid_at")
    rows = (
        (
            one.participant.name,
            str(one.commitment.payment_method),
            str(one.payment.state),
            Money(one.commitment.due_minor, currency),
            Money(one.payment.amount_minor if one.payment.paid_at else 0, currency),
            Money(one.payment.refunded_minor, currency),
            currency,
            one.payment.paid_at,
        )
        for one in people
        if one.payment is not None
    )
    return written(header, rows, exponent=exponent)


def written(header: Sequence[str], rows: Iterable[Sequence[Cell]], *, exponent: int) -> str:
    """A table as text with semicolons. The caller chooses the bytes."""
    out = StringIO(newline="")
    writer = csv.writer(out, delimiter=DELIMITER, lineterminator="\r\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([_cell(cell, exponent) for cell in row])
    return out.getvalue()


def _cell(cell: Cell, exponent: int) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Money):
        return str(cell.to_decimal(exponent))
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%dT%H:%M:%SZ")
    return guarded(" ".join(cell.split())) if isinstance(cell, str) else str(cell)

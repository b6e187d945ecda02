"""Sheets: packing lists and exports as plain rows and text. Pure: no database, no clock.

Every text that a spreadsheet could run as a formula is guarded; amounts are in major units. A
table that programs read has a decimal point; one for people is spelled as the caller says.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from io import StringIO

from models.buying import Article, GroupBuy, GroupBuyCommitment, Line
from models.money import Money
from services.buying import vat
from services.buying.held_back import HeldBack
from services.buying.roll import Person
from services.pricelists.writing import guarded

DELIMITER = ";"
_OTHER_CELL = re.compile(r"([,;])(?=[=@]|[+-][\w(])")
Cell = str | int | Decimal | Money | datetime | None


def _in_utc(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(frozen=True)
class Spelling:
    """How a table is written: what stands between cells and before decimals; its words."""

    delimiter: str = DELIMITER
    decimal_point: str = "."
    heading: Callable[[str], str] = str
    choice: Callable[[StrEnum], str] = str
    moment: Callable[[datetime], str] = _in_utc


FOR_PROGRAMS = Spelling()


@dataclass(frozen=True)
class Heap:
    """One article with everyone who gets some of it: how it is packed article by article."""

    article: Article
    units: int
    shares: Sequence[tuple[GroupBuyCommitment, Line]]
    is_packed: bool


def heaps(
    articles: Iterable[Article],
    crates: Sequence[GroupBuyCommitment],
    held: Mapping[int, HeldBack],
) -> list[Heap]:
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
            is_packed=all(
                line.packed_at or (one.id in held and held[one.id].holds(article.id))
                for one, line in shares[article.id]
            ),
        )
        for article in articles
        if article.id in shares
    ]


def goods(commitment: GroupBuyCommitment, articles: Mapping[int, Article]) -> list[Line]:
    """What belongs into one crate, in the order of the list."""
    lines = [line for line in commitment.lines if line.delivered_units]
    return sorted(lines, key=lambda line: articles[line.article_id].position)


def commitments_csv(
    people: Iterable[Person],
    *,
    currency: str,
    exponent: int,
    spelling: Spelling = FOR_PROGRAMS,
) -> str:
    """Who takes part, what they owe and how they get their goods, by name."""
    header = (
        "name", "guest", "state", "reason", "payment_method", "pickup_point", "shipping_address",
        "note", "due", "freight", "share", "currency", "packed_at", "handed_over_at",
    )  # fmt: skip
    rows = (
        (
            one.participant.name,
            spelling.heading("yes" if one.is_guest else "no"),
            one.commitment.state,
            spelling.heading(one.out_reason),
            one.commitment.payment_method,
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
    return written(header, rows, exponent=exponent, spelling=spelling)


def lines_csv(
    group_buy: GroupBuy,
    crates: Iterable[GroupBuyCommitment],
    articles: Mapping[int, Article],
    *,
    exponent: int,
    spelling: Spelling = FOR_PROGRAMS,
) -> str:
    """What each one gets of what, since it was decided. Highest prices stay their owners'."""
    currency = group_buy.currency
    header = (
        "name", "order_number", "article", "unit", "decided_units", "delivered_units", "price",
        "deposit", "currency", "weighed_grams", "goods", "vat_percent", "vat",
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
            Money(goods_minor, currency),
            Decimal(percent_of(rate)),
            Money(tax, currency),
        )
        for commitment in crates
        for line, rate, goods_minor, tax in _taxed(group_buy, commitment, articles)
    )
    return written(header, rows, exponent=exponent, spelling=spelling)


def _taxed(
    group_buy: GroupBuy, commitment: GroupBuyCommitment, articles: Mapping[int, Article]
) -> Iterator[tuple[Line, int, int, int]]:
    """The decided lines of a member with rate, gross amount and tax, in the order of the list."""
    by_id = {line.id: line for line in commitment.lines}
    grosses = vat.grosses_of(group_buy, commitment, articles)
    taxes = vat.per_line(list(grosses.values()))
    for (line_id, (rate, gross_minor)), tax in zip(grosses.items(), taxes, strict=True):
        yield by_id[line_id], rate, gross_minor, tax


def payments_csv(
    people: Iterable[Person],
    taxed: Mapping[int, Sequence[vat.Taxed]],
    *,
    currency: str,
    exponent: int,
    spelling: Spelling = FOR_PROGRAMS,
) -> str:
    """Who paid what and how, by name; with the tax in each one's goods, a column for each rate.

    `taxed` is by commitment id, for those who take part.
    """
    rates = sorted({one.basis_points for some in taxed.values() for one in some})
    header = (
        *("name", "payment_method", "state", "due", "paid", "refunded", "currency", "paid_at"),
        *(f"vat_{percent_of(rate)}_percent" for rate in rates),
    )
    rows = (
        (
            one.participant.name,
            one.commitment.payment_method,
            one.payment.state,
            Money(one.commitment.due_minor, currency),
            Money(one.payment.amount_minor if one.payment.paid_at else 0, currency),
            Money(one.payment.refunded_minor, currency),
            currency,
            one.payment.paid_at,
            *_by_rate(taxed.get(one.commitment.id, ()), rates, currency),
        )
        for one in people
        if one.payment is not None
    )
    return written(header, rows, exponent=exponent, spelling=spelling)


def _by_rate(
    taxed: Iterable[vat.Taxed], rates: Sequence[int], currency: str
) -> Iterator[Money | None]:
    found = {one.basis_points: one.vat_minor for one in taxed}
    return (Money(found[rate], currency) if rate in found else None for rate in rates)


def percent_of(basis_points: int) -> str:
    """1900 basis points are 19, and 550 are 5.5."""
    return f"{Decimal(basis_points) / 100:f}"


def written(
    header: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    exponent: int,
    spelling: Spelling = FOR_PROGRAMS,
) -> str:
    """A table as text. The caller chooses the bytes."""
    out = StringIO(newline="")
    writer = csv.writer(out, delimiter=spelling.delimiter, lineterminator="\r\n")
    writer.writerow([spelling.heading(name) for name in header])
    for row in rows:
        writer.writerow([_cell(cell, exponent, spelling) for cell in row])
    return out.getvalue()


def _cell(cell: Cell, exponent: int, spelling: Spelling) -> str:
    if cell is None:
        return ""
    if isinstance(cell, Money):
        cell = cell.to_decimal(exponent)
    if isinstance(cell, Decimal):
        return f"{cell:f}".replace(".", spelling.decimal_point)
    if isinstance(cell, datetime):
        return spelling.moment(cell)
    if isinstance(cell, StrEnum):
        cell = spelling.choice(cell)
    return _guarded(" ".join(cell.split())) if isinstance(cell, str) else str(cell)


def _guarded(text: str) -> str:
    # Opened with the other sign between cells, the rest of a text would be a cell of its own.
    return _OTHER_CELL.sub(r"\1'", guarded(text))

"""Stating: what an order owes now, line by line, at the rates that hold for it. Pure.

The lines always add up to what the commitment owes. Freight and sending are ancillary to the goods
and taxed as these are (Court of Justice, C-349/96), split over their rates; so is the organiser's
share where the organiser sells. Where the supplier sells, they only pass it on: no tax of theirs.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from models.buying import GroupBuy, GroupBuyCommitment, Line
from models.collaborations import Commitment
from models.invoices import InvoiceLineKind
from models.money import split_minor
from services.buying import vat
from services.buying.settling import payee_id

ONE_KILOGRAM = 1_000
# What a line is: its kind, the line of the order it is about, and its rate.
Key = tuple[InvoiceLineKind, int | None, int | None]


class OwesMore(ValueError):
    """More is owed than there is anything for: nothing that happens to an order does that."""


@dataclass(frozen=True)
class Stated:
    """One line of what is owed, gross, in minor units; without a rate no tax is stated."""

    kind: InvoiceLineKind
    gross_minor: int
    vat_basis_points: int | None
    line_id: int | None = None
    name: str = ""
    order_number: str = ""
    unit: str = ""
    units: int | None = None
    grams: int | None = None
    price_minor: int | None = None

    @property
    def key(self) -> Key:
        return self.kind, self.line_id, self.vat_basis_points


def stated(
    group_buy: GroupBuy, commitment: GroupBuyCommitment, *, by_trader: bool
) -> Sequence[Stated]:
    """What the commitment owes now, in the order of the list; nothing if it takes no part.

    `by_trader` says whether the seller states tax. Its lines come with their articles. Raises
    OwesMore if more is owed than there is anything for.
    """
    if commitment.state not in Commitment.TAKING_PART:
        return []
    rows = [row for row in _rows(group_buy, commitment, by_trader) if row.gross_minor]
    too_much = sum(row.gross_minor for row in rows) - commitment.due_minor
    if too_much < 0:
        raise OwesMore(f"Commitment {commitment.id} owes more than its lines say.")
    return [*rows, *_let_off(rows, too_much)]


def _rows(group_buy: GroupBuy, commitment: GroupBuyCommitment, by_trader: bool) -> Iterator[Stated]:
    came = [one for one in commitment.lines if one.decided_units and one.has_goods]
    came = sorted(came, key=lambda one: one.article.position)
    kept = [one for one in came if one.revoked_at is None]
    if not kept:
        # Whatever was for the way of the goods goes with them.
        return
    every = [_goods(group_buy, commitment, line, by_trader) for line in came]
    # The way was that of all goods, also of those that went back.
    weights: dict[int | None, int] = {}
    for row in every:
        weights[row.vat_basis_points] = weights.get(row.vat_basis_points, 0) + row.gross_minor
    yield from (row for row, line in zip(every, came, strict=True) if line in kept)
    yield from (_deposit(line, by_trader) for line in kept if line.article.deposit_minor)
    yield from _spread(InvoiceLineKind.FREIGHT, commitment.freight_minor, weights)
    if commitment.pickup_point_id is None and group_buy.ships:
        yield from _spread(InvoiceLineKind.SHIPPING, group_buy.shipping_ceiling_minor, weights)
    if payee_id(group_buy) == group_buy.organiser_id:
        yield from _spread(InvoiceLineKind.SHARE, commitment.share_minor, weights)
    else:
        yield Stated(InvoiceLineKind.SHARE, commitment.share_minor, None)


def _goods(
    group_buy: GroupBuy, commitment: GroupBuyCommitment, line: Line, by_trader: bool
) -> Stated:
    article, price_minor = line.article, line.price_minor or 0
    units, grams = _units(line), None
    if article.is_by_weight:
        weighed = line.weighed_grams or units * article.nominal_grams
        grams = min(weighed, article.heaviest_grams(units))
        price_minor = article.price_of_grams(ONE_KILOGRAM, price_minor)
    return Stated(
        InvoiceLineKind.GOODS,
        vat.price_minor(commitment, line, article, is_weighed=group_buy.weighed_at is not None),
        _rate(line, by_trader),
        line_id=line.id,
        name=article.name,
        order_number=article.order_number,
        unit=article.unit,
        units=units,
        grams=grams,
        price_minor=price_minor,
    )


def _deposit(line: Line, by_trader: bool) -> Stated:
    article, units = line.article, _units(line)
    return Stated(
        InvoiceLineKind.DEPOSIT,
        units * article.deposit_minor,
        _rate(line, by_trader),
        line_id=line.id,
        name=article.name,
        unit=article.unit,
        units=units,
        price_minor=article.deposit_minor,
    )


def _units(line: Line) -> int:
    return (line.decided_units if line.delivered_units is None else line.delivered_units) or 0


def _rate(line: Line, by_trader: bool) -> int | None:
    return (line.vat_basis_points or 0) if by_trader else None


def _spread(
    kind: InvoiceLineKind, minor: int, weights: Mapping[int | None, int]
) -> Iterator[Stated]:
    """An amount as one line for each rate of the goods, by their value."""
    # What accompanies gifts alone is shared by how many rates they have.
    parts = split_minor(
        minor, list(weights.values()) if any(weights.values()) else [1] * len(weights)
    )
    for rate, part in zip(weights, parts, strict=True):
        yield Stated(kind, part, rate)


def _let_off(rows: Sequence[Stated], minor: int) -> list[Stated]:
    """What is owed no more of these rows, as one line for each rate.

    As the books have it (`books.kept_share`), what the seller passes on is let off last.
    """
    if not minor:
        return []
    passed_on = [row for row in rows if row.kind == InvoiceLineKind.SHARE]
    own = [row for row in rows if row not in passed_on]
    off: dict[int | None, int] = {}
    left = minor
    for some in (own, passed_on):
        sums: dict[int | None, int] = {}
        for row in some:
            sums[row.vat_basis_points] = sums.get(row.vat_basis_points, 0) + row.gross_minor
        here = min(left, sum(sums.values()))
        left -= here
        if here:
            for rate, part in zip(sums, split_minor(here, list(sums.values())), strict=True):
                off[rate] = off.get(rate, 0) + part
    return [Stated(InvoiceLineKind.REDUCTION, -part, rate) for rate, part in off.items() if part]


def changed(now: Sequence[Stated], before: Mapping[Key, Stated]) -> list[Stated]:
    """What has to be charged, or taken back, so that what was `before` becomes what is `now`.

    The amounts, units and grams are differences; what did not change is left out.
    """
    present = {row.key: row for row in now}
    rows = []
    for key in [*present, *(key for key in before if key not in present)]:
        is_now, was = present.get(key), before.get(key)
        gross_minor = _of(is_now, "gross_minor") - _of(was, "gross_minor")
        if gross_minor:
            row = is_now or was
            assert row is not None
            units = _of(is_now, "units") - _of(was, "units")
            grams = _of(is_now, "grams") - _of(was, "grams")
            rows.append(
                replace(row, gross_minor=gross_minor, units=units or None, grams=grams or None)
            )
    return rows


def _of(row: Stated | None, name: str) -> int:
    return int(getattr(row, name) or 0) if row is not None else 0

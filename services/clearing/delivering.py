"""Sharing what was delivered: the declared rationing over what came, the rest paid back."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from services.clearing.decisions import granted
from services.clearing.outcomes import LineOutcome, Out, Outcome
from services.clearing.rationing import ration
from services.clearing.terms import Terms


@dataclass(frozen=True, slots=True)
class Refund:
    """What a line gets back for units that did not come: their price, and their deposit."""

    commitment: str
    article: str
    units: int
    amount_minor: int
    deposit_minor: int


@dataclass(frozen=True, slots=True)
class Redistribution:
    """The outcome after delivery, who gets money back, and what came beyond the order."""

    outcome: Outcome
    refunds: tuple[Refund, ...]
    surplus_units: Mapping[str, int]


def redistribute(terms: Terms, outcome: Outcome, delivered: Mapping[str, int]) -> Redistribution:
    """Share the delivered units over the lines that are in, at unchanged prices.

    `delivered` names every kept article and no other. Units granted are the claims, so nobody
    gets more than was decided, own units go before tolerances, and a line that gets nothing is
    out as not delivered. What came beyond the order is given to nobody; `surplus_units` says
    how much, for the organiser to return or sell. Counting again starts from the same `outcome`,
    not from an earlier result. Raises ValueError for articles missing, unknown or negative.
    """
    kept = {article.key: article for article in outcome.articles if article.tier is not None}
    if not outcome.succeeded or set(delivered) != set(kept) or min(delivered.values()) < 0:
        raise ValueError("A delivery counts every ordered article, and nothing else.")
    by_key = terms.by_key()
    lines = list(outcome.lines)
    refunds: dict[int, Refund] = {}
    came = {key: min(delivered[key], article.units) for key, article in kept.items()}
    positions: dict[str, list[int]] = {key: [] for key in kept}
    for position, line in enumerate(lines):
        if line.reason is None:
            positions[line.article].append(position)
    for key, at in positions.items():
        shares = ration([lines[here].layers for here in at], came[key], terms.rationing)
        for here, layers in zip(at, shares, strict=True):
            was = lines[here]
            lines[here] = granted(was, layers, by_key[key], was.price_minor, Out.NOT_DELIVERED)
            if lines[here].units < was.units:
                refunds[here] = _refund(was, lines[here])
    articles = (
        replace(article, units=came.get(article.key, article.units)) for article in outcome.articles
    )
    return Redistribution(
        outcome=replace(outcome, articles=tuple(articles), lines=tuple(lines)),
        refunds=tuple(refunds[here] for here in sorted(refunds)),
        surplus_units={
            key: delivered[key] - units for key, units in came.items() if delivered[key] > units
        },
    )


def _refund(was: LineOutcome, became: LineOutcome) -> Refund:
    return Refund(
        commitment=was.commitment,
        article=was.article,
        units=was.units - became.units,
        amount_minor=was.total_minor - became.total_minor,
        deposit_minor=was.deposit_minor - became.deposit_minor,
    )

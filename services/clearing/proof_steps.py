"""Reading the step of a proof: what was decided before, and what was given besides the lines.

An earlier outcome is read from the little that cannot be reckoned: tiers, layers and reasons.
The rest of it follows, so that a replay also finds what contradicts itself there.
"""

from collections.abc import Sequence
from typing import Any

from models.money import BASIS_POINTS
from services.clearing.decisions import granted, out
from services.clearing.outcomes import ArticleOutcome, Dropped, LineOutcome, Out, Outcome
from services.clearing.proof_reading import (
    ProofInvalid,
    choice_of,
    layers_of,
    list_of,
    number_of,
    part_of,
    text_of,
)
from services.clearing.steps import Closed, Collected, Delivered, Step, StepName
from services.clearing.terms import ArticleTerms, Layer, Line, Terms

EARLIER = "given.earlier"


def step_from(document: object, terms: Terms, lines: Sequence[Line]) -> Step:
    """Read the step of a proof whose `lines` stand in order of place, or raise ProofInvalid."""
    step = choice_of(document, "step", StepName)
    if step is StepName.CLOSE:
        return Closed()
    given = part_of(document, "given")
    earlier = _earlier(part_of(given, "earlier", "given"), terms, lines)
    if step is StepName.COLLECTED:
        return _collected(given, earlier, lines)
    delivered: dict[str, int] = {}
    for where, each in _each(given, "delivered", "given"):
        article = text_of(each, "article", where)
        if article in delivered:
            raise ProofInvalid.contradiction(where)
        delivered[article] = number_of(each, "units", where)
    return Delivered(earlier, delivered)


def _collected(given: Any, earlier: Outcome, lines: Sequence[Line]) -> Collected:
    known = {(line.commitment, line.article) for line in lines}
    commitments = {line.commitment for line in lines}
    paid = list_of(given, "paid", "given")
    for index, key in enumerate(paid):
        if not isinstance(key, str) or key not in commitments:
            raise ProofInvalid.contradiction(f"given.paid[{index}]")
    no_more_than: dict[tuple[str, str], int] = {}
    for where, each in _each(given, "no_more_than", "given"):
        capped = text_of(each, "line", where), text_of(each, "article", where)
        if capped not in known or capped in no_more_than:
            raise ProofInvalid.contradiction(where)
        no_more_than[capped] = number_of(each, "units", where)
    floor = number_of(given, "floor_basis_points", "given")
    if floor > BASIS_POINTS:
        raise ProofInvalid.contradiction("given.floor_basis_points")
    refill = part_of(given, "refill", "given")
    if not isinstance(refill, bool):
        raise ProofInvalid.contradiction("given.refill")
    return Collected(earlier, frozenset(paid), refill, no_more_than, floor)


def _earlier(claimed: Any, terms: Terms, lines: Sequence[Line]) -> Outcome:
    tiers: dict[str, int | None] = {}
    reasons: dict[str, Dropped | None] = {}
    articles = terms.by_key()
    for where, each in _each(claimed, "articles", EARLIER):
        key = text_of(each, "article", where)
        known = articles.get(key)
        if known is None or key in tiers:
            raise ProofInvalid.contradiction(where)
        tiers[key] = _tier(each, known, where)
        reasons[key] = choice_of(each, "reason", Dropped, where) if tiers[key] is None else None
    if set(tiers) != set(articles):
        raise ProofInvalid.contradiction(f"{EARLIER}.articles")
    results = _earlier_lines(claimed, terms, lines, tiers)
    units = dict.fromkeys(tiers, 0)
    for result in results:
        units[result.article] += result.units
    return Outcome(
        succeeded=True,
        failure=None,
        net_minor=sum(
            article.net_of(units[article.key] * article.base_price_minor)
            for article in terms.articles
        ),
        articles=tuple(
            ArticleOutcome(
                article.key,
                tiers[article.key],
                units[article.key],
                _price_minor(article, tiers[article.key]),
                reasons[article.key],
            )
            for article in terms.articles
        ),
        lines=tuple(results),
    )


def _earlier_lines(
    claimed: Any, terms: Terms, lines: Sequence[Line], tiers: dict[str, int | None]
) -> list[LineOutcome]:
    """Read what each line had; it was given a part of what it ordered, at a price it accepts."""
    articles = terms.by_key()
    asked = {(line.commitment, line.article): line for line in lines}
    results: dict[tuple[str, str], LineOutcome] = {}
    for where, each in _each(claimed, "lines", EARLIER):
        key = text_of(each, "line", where), text_of(each, "article", where)
        if key not in asked or key in results:
            raise ProofInvalid.contradiction(where)
        try:
            layers = layers_of(each, where)
        except ProofInvalid:
            raise
        except ValueError as contradiction:
            raise ProofInvalid.contradiction(where) from contradiction
        line = asked[key]
        if not layers:
            results[key] = out(line, choice_of(each, "reason", Out, where))
            continue
        article = articles[line.article]
        price_minor = _price_minor(article, tiers[line.article])
        if (
            price_minor is None
            or price_minor > line.highest_price_minor
            or not _is_part_of(layers, line.layers)
        ):
            raise ProofInvalid.contradiction(where)
        results[key] = granted(line, layers, article, price_minor, Out.RATIONED_OUT)
    if set(results) != set(asked):
        raise ProofInvalid.contradiction(f"{EARLIER}.lines")
    return [results[line.commitment, line.article] for line in lines]


def _tier(claimed: Any, article: ArticleTerms, where: str) -> int | None:
    if part_of(claimed, "tier", where) is None:
        return None
    tier = number_of(claimed, "tier", where)
    if tier >= len(article.tiers):
        raise ProofInvalid.contradiction(where)
    return tier


def _price_minor(article: ArticleTerms, tier: int | None) -> int | None:
    return None if tier is None else article.tiers[tier].price_minor


def _is_part_of(layers: Sequence[Layer], ordered: Sequence[Layer]) -> bool:
    places = [layer.place for layer in layers]
    asked = {layer.place: layer for layer in ordered}
    return places == sorted(set(places)) and all(
        layer.place in asked
        and layer.units <= asked[layer.place].units
        and layer.tolerance <= asked[layer.place].tolerance
        for layer in layers
    )


def _each(whole: Any, name: str, where: str) -> list[tuple[str, Any]]:
    return [
        (f"{where}.{name}[{index}]", each) for index, each in enumerate(list_of(whole, name, where))
    ]

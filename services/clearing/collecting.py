"""Clearing again after failed charges: the price stays, the units go to those who pay."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from models.rules import Rationing
from services.clearing.decisions import granted, in_order, out
from services.clearing.outcomes import ArticleOutcome, LineOutcome, Out, Outcome
from services.clearing.rationing import Layers, ration
from services.clearing.standings import failure_of, supply, why_dropped
from services.clearing.terms import ArticleTerms, Layer, Line, Terms


@dataclass(frozen=True, slots=True)
class _Collected:
    """What is known of the collecting when it is decided again."""

    terms: Terms
    paid: Collection[str]
    owing: Collection[str]
    before: Mapping[tuple[str, str], LineOutcome]
    refill: bool
    no_more_than: Mapping[tuple[str, str], int]


def reclear(
    terms: Terms,
    lines: Iterable[Line],
    decided: Outcome,
    paid: Collection[str],
    *,
    refill: bool = True,
    no_more_than: Mapping[tuple[str, str], int] | None = None,
) -> Outcome:
    """Decide again when some charges have failed, at the tiers that were decided.

    `lines` are those `decided` came from, `decided` is the latest outcome and may itself come
    from here, `paid` holds every commitment that has paid. Who was to pay and has not is out.
    While `refill` is true, freed units go to rationed-out lines in order of place, and a case
    may be filled from the tolerances of those who stay, so that some owe more than before; let
    them pay, then call again. With `refill` false the window is over: only paid lines count
    and nobody gets more than before. `no_more_than` caps the units of (commitment, article)
    for those whose further charge failed: what they have paid for stays theirs.

    An article stays if it still reaches the floor of its tier's threshold in full cases, and
    the whole if it still reaches the smallest order value, which the floor does not lower.
    Raises ValueError for a deal that had failed.
    """
    if not decided.succeeded:
        raise ValueError("A deal that failed has nothing to collect.")
    ordered, positions = in_order(terms, lines)
    collected = _Collected(
        terms=terms,
        paid=frozenset(paid),
        owing={line.commitment for line in decided.lines if line.units},
        before={(line.commitment, line.article): line for line in decided.lines},
        refill=refill,
        no_more_than=no_more_than or {},
    )
    results: dict[int, LineOutcome] = {}
    articles: list[ArticleOutcome] = []
    for article, was in zip(terms.articles, decided.articles, strict=True):
        at = positions[article.key]
        became, again = _decide_again(collected, article, was, [ordered[here] for here in at])
        articles.append(became)
        results.update(zip(at, again, strict=True))
    kept_net_minor = [
        article.net_of(became.units * article.base_price_minor)
        for article, became in zip(terms.articles, articles, strict=True)
        if became.tier is not None
    ]
    failure = failure_of(kept_net_minor, terms.smallest_order_minor)
    if failure is not None:
        results = {here: out(line, Out.DEAL_FAILED) for here, line in enumerate(ordered)}
    return Outcome(
        succeeded=failure is None,
        failure=failure,
        net_minor=sum(kept_net_minor),
        articles=tuple(articles),
        lines=tuple(results[here] for here in range(len(ordered))),
    )


def _decide_again(
    collected: _Collected, article: ArticleTerms, was: ArticleOutcome, lines: Sequence[Line]
) -> tuple[ArticleOutcome, list[LineOutcome]]:
    if was.tier is None:
        return was, [collected.before[line.commitment, line.article] for line in lines]
    price_minor = article.tiers[was.tier].price_minor
    reasons = [_reason_out(collected, line, price_minor) for line in lines]
    staying = [line for line, reason in zip(lines, reasons, strict=True) if reason is None]
    wants = [_wanted(collected, line) for line in staying]
    demand = sum(layer.units for layers in wants for layer in layers)
    tolerance = sum(layer.tolerance for layers in wants for layer in layers)
    units = supply(article, demand, tolerance)
    if not units or units < collected.terms.floor(article, was.tier):
        dropped = why_dropped(article, demand, tolerance)
        return (
            ArticleOutcome(article.key, None, 0, None, dropped),
            [
                out(line, Out.NOT_PAID if reason is Out.NOT_PAID else Out.ARTICLE_DROPPED)
                for line, reason in zip(lines, reasons, strict=True)
            ],
        )
    keeps = [_kept(collected, line) for line in staying]
    shares = iter(_share_again(wants, keeps, units, collected.terms.rationing))
    return replace(was, units=units), [
        granted(line, next(shares), article, price_minor, Out.RATIONED_OUT)
        if reason is None
        else out(line, reason)
        for line, reason in zip(lines, reasons, strict=True)
    ]


def _reason_out(collected: _Collected, line: Line, price_minor: int) -> Out | None:
    """Return why the line takes no part, or None: it has paid, or waits for freed units."""
    if line.highest_price_minor < price_minor:
        return Out.PRICE_TOO_LOW
    if line.commitment in collected.paid:
        return None
    if line.commitment in collected.owing:
        return Out.NOT_PAID
    if collected.before[line.commitment, line.article].reason is Out.NOT_PAID:
        return Out.NOT_PAID
    return None if collected.refill else Out.RATIONED_OUT


def _wanted(collected: _Collected, line: Line) -> Layers:
    if not collected.refill:
        return _kept(collected, line)
    cap = collected.no_more_than.get((line.commitment, line.article))
    return _capped(line.layers, cap)


def _kept(collected: _Collected, line: Line) -> Layers:
    key = line.commitment, line.article
    return _capped(collected.before[key].layers, collected.no_more_than.get(key))


def _capped(layers: Layers, most: int | None) -> Layers:
    if most is None:
        return layers
    own_left = min(most, sum(layer.units for layer in layers))
    extra_left = most - own_left
    capped = []
    for layer in layers:
        own, extra = min(layer.units, own_left), min(layer.tolerance, extra_left)
        own_left -= own
        extra_left -= extra
        if own or extra:
            capped.append(Layer(layer.place, own, extra))
    return tuple(capped)


def _share_again(
    wants: Sequence[Layers], keeps: Sequence[Layers], units: int, rule: Rationing
) -> list[Layers]:
    """Take nothing from anybody unless the total shrinks below what they already have."""
    kept_own = [
        tuple(Layer(layer.place, layer.units) for layer in layers if layer.units)
        for layers in keeps
    ]
    kept_units = sum(layer.units for layers in kept_own for layer in layers)
    if units <= kept_units:
        return ration(kept_own, units, rule)
    if units >= sum(layer.units for layers in wants for layer in layers):
        return ration(wants, units, rule)
    unfilled = [_without(want, kept) for want, kept in zip(wants, kept_own, strict=True)]
    freed = ration(unfilled, units - kept_units, Rationing.FIRST_COME)
    return [_joined(kept, more) for kept, more in zip(kept_own, freed, strict=True)]


def _without(wants: Layers, kept: Layers) -> Layers:
    had = {layer.place: layer.units for layer in kept}
    left = ((layer.place, layer.units - had.get(layer.place, 0)) for layer in wants)
    return tuple(Layer(place, units) for place, units in left if units)


def _joined(kept: Layers, more: Layers) -> Layers:
    units = {layer.place: layer.units for layer in kept}
    for layer in more:
        units[layer.place] = units.get(layer.place, 0) + layer.units
    return tuple(Layer(place, units[place]) for place in sorted(units))

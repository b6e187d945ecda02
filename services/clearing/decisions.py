"""The clearing of a group buy: every article decided alone, then the whole."""

from collections.abc import Iterable, Sequence

from services.clearing.outcomes import ArticleOutcome, LineOutcome, Out, Outcome
from services.clearing.rationing import Layers, ration
from services.clearing.standings import failure_of, standing, totals
from services.clearing.terms import ArticleTerms, Line, Terms


def clear(terms: Terms, lines: Iterable[Line]) -> Outcome:
    """Decide the deal: who gets how many units of what, at which price, and why others do not.

    The order of `lines` does not matter. Nobody pays more than their highest price, nothing is
    ordered beyond the largest totals, and every total is made of full cases. Raises ValueError
    for an unknown article, for two lines of one commitment on one article, and for two layers
    of one article in the same place. The rule is described in docs/clearing.md.
    """
    ordered, positions = in_order(terms, lines)
    standings = [
        standing(article, *totals(article, (ordered[at] for at in positions[article.key])))
        for article in terms.articles
    ]
    kept_net_minor = [stands.net_minor for stands in standings if stands.tier is not None]
    failure = failure_of(kept_net_minor, terms.smallest_order_minor)
    decided: list[LineOutcome | None] = [None] * len(ordered)
    for article, stands in zip(terms.articles, standings, strict=True):
        at = positions[article.key]
        own_lines = [ordered[position] for position in at]
        if failure is not None:
            results = [out(line, Out.DEAL_FAILED) for line in own_lines]
        elif stands.tier is None:
            results = [out(line, Out.ARTICLE_DROPPED) for line in own_lines]
        else:
            price_minor = article.tiers[stands.tier].price_minor
            results = _kept(terms, article, price_minor, stands.units, own_lines)
        for position, result in zip(at, results, strict=True):
            decided[position] = result
    return Outcome(
        succeeded=failure is None,
        failure=failure,
        net_minor=sum(kept_net_minor),
        articles=tuple(
            ArticleOutcome(
                article.key, stands.tier, stands.units, stands.price_minor, stands.reason
            )
            for article, stands in zip(terms.articles, standings, strict=True)
        ),
        lines=tuple(result for result in decided if result is not None),
    )


def in_order(terms: Terms, lines: Iterable[Line]) -> tuple[list[Line], dict[str, list[int]]]:
    """Return the lines in order of place, and the positions of each article's lines in them."""
    order = {article.key: index for index, article in enumerate(terms.articles)}
    try:
        ordered = sorted(lines, key=lambda line: line.place * len(order) + order[line.article])
    except KeyError as unknown:
        raise ValueError(f"There is no article {unknown} in the terms.") from None
    positions: dict[str, list[int]] = {key: [] for key in order}
    for position, line in enumerate(ordered):
        positions[line.article].append(position)
    for key, at in positions.items():
        _refuse_ambiguity(key, [ordered[position] for position in at])
    return ordered, positions


def out(line: Line | LineOutcome, reason: Out) -> LineOutcome:
    """Return that the line gets nothing, and why."""
    return LineOutcome(line.commitment, line.article, 0, 0, 0, 0, reason, ())


def granted(
    line: Line | LineOutcome, layers: Layers, article: ArticleTerms, price_minor: int, empty: Out
) -> LineOutcome:
    """Return that the line gets `layers`; if they are none, it is out because of `empty`."""
    if not layers:
        return out(line, empty)
    own_units = tolerance_units = 0
    for layer in layers:
        own_units += layer.units
        tolerance_units += layer.tolerance
    return LineOutcome(
        line.commitment,
        line.article,
        own_units,
        tolerance_units,
        price_minor,
        (own_units + tolerance_units) * article.deposit_minor,
        None,
        layers,
    )


def _kept(
    terms: Terms, article: ArticleTerms, price_minor: int, units: int, lines: Sequence[Line]
) -> list[LineOutcome]:
    eligible = [line.layers for line in lines if line.highest_price_minor >= price_minor]
    shares = iter(ration(eligible, units, terms.rationing))
    return [
        granted(line, next(shares), article, price_minor, Out.RATIONED_OUT)
        if line.highest_price_minor >= price_minor
        else out(line, Out.PRICE_TOO_LOW)
        for line in lines
    ]


def _refuse_ambiguity(key: str, lines: Sequence[Line]) -> None:
    if len({line.commitment for line in lines}) != len(lines):
        raise ValueError(f"A commitment has two lines on article {key!r}.")
    places = [layer.place for line in lines for layer in line.layers]
    if len(set(places)) != len(places):
        raise ValueError(f"Two layers of article {key!r} stand in one place.")

"""What a proof shows of the lines: enough to decide the same again, and nobody's highest price.

Whoever organises knows who joined when, and once it is decided how many units each one gets. So
a line that takes part shows no more than that it accepts the decided price, and a line that takes
no part shows what it wanted under a key of its own, in no order.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from services.clearing.decisions import in_order
from services.clearing.outcomes import LineOutcome, Outcome
from services.clearing.steps import Closed, Collected, Step
from services.clearing.terms import ArticleTerms, Layer, Line, Terms


@dataclass(frozen=True, slots=True)
class Veiled:
    """The input and the output of a decision, with keys in place of the commitments."""

    lines: Sequence[Line]
    outcome: Outcome
    step: Step


def veiled(
    terms: Terms, lines: Iterable[Line], outcome: Outcome, step: Step, draw_key: Callable[[], str]
) -> Veiled:
    """Return what `decide` came to at `step`, told so that it decides the same and says less.

    A commitment gets one key from `draw_key` for its lines that take part, and one more for each
    that does not. Highest prices are lowered: to the decided price, below it to 0, and where the
    close dropped an article to the dearest tier within. A cheaper tier that did not hold with a
    line does not hold without it either, so the outcome stays.
    """
    decided = outcome if isinstance(step, Closed) else step.earlier
    prices = {article.key: article.price_minor for article in decided.articles}
    ordered, positions = in_order(terms, lines)
    veil = _Veil(draw_key, tells_tiers=isinstance(step, Closed))
    for article in terms.articles:
        own = [ordered[at] for at in positions[article.key]]
        veil.draw_over(article, own, prices[article.key])
    told, _ = in_order(terms, veil.lines.values())
    if isinstance(step, Collected):
        step = replace(
            step,
            earlier=veil.outcome(step.earlier, told),
            paid={veil.keys[each] for each in step.paid if each in veil.keys},
            no_more_than=veil.caps(step.no_more_than),
        )
    elif not isinstance(step, Closed):
        step = replace(step, earlier=veil.outcome(step.earlier, told))
    return Veiled(told, veil.outcome(outcome, told), step)


class _Veil:
    """Which line stands for which, and where each layer of those that take part stands now."""

    def __init__(self, draw_key: Callable[[], str], *, tells_tiers: bool) -> None:
        self._draw_key, self._tells_tiers = draw_key, tells_tiers
        self._places: dict[str, dict[int, int]] = {}
        self.keys: dict[str, str] = {}
        self.lines: dict[tuple[str, str], Line] = {}

    def draw_over(
        self, article: ArticleTerms, lines: Sequence[Line], price_minor: int | None
    ) -> None:
        """Veil the lines of one article; without a price it was dropped."""
        inside: list[Line] = []
        outside: list[Line] = []
        for line in lines:
            accepts = price_minor is not None and line.highest_price_minor >= price_minor
            (inside if accepts else outside).append(line)
        before = sorted(layer.place for line in inside for layer in line.layers)
        self._places[article.key] = {place: at for at, place in enumerate(before, start=1)}
        for line in inside:
            key = self.keys.get(line.commitment)
            if key is None:
                key = self.keys[line.commitment] = self._draw_key()
            told = Line(key, line.article, self._moved(article.key, line.layers), price_minor or 0)
            self.lines[line.commitment, line.article] = told
        drawn = sorted(((self._draw_key(), line) for line in outside), key=lambda pair: pair[0])
        for place, (key, line) in enumerate(drawn, start=len(before) + 1):
            layers = (Layer(place, line.units, line.tolerance),)
            tells_tier = price_minor is None and self._tells_tiers
            accepts_minor = article.accepted_minor(line) if tells_tier else 0
            told = Line(key, line.article, layers, accepts_minor)
            self.lines[line.commitment, line.article] = told

    def outcome(self, outcome: Outcome, told: Sequence[Line]) -> Outcome:
        """The same outcome of the veiled lines, in their order."""
        found = {}
        for line in outcome.lines:
            key = self.lines[line.commitment, line.article].commitment
            found[key, line.article] = self._result(line, key)
        return replace(outcome, lines=tuple(found[line.commitment, line.article] for line in told))

    def caps(self, no_more_than: Mapping[tuple[str, str], int]) -> dict[tuple[str, str], int]:
        """The caps of lines that take part; one of another caps nothing."""
        return {
            (self.keys[commitment], article): units
            for (commitment, article), units in no_more_than.items()
            if self.lines[commitment, article].commitment == self.keys.get(commitment)
        }

    def _result(self, line: LineOutcome, key: str) -> LineOutcome:
        return replace(line, commitment=key, layers=self._moved(line.article, line.layers))

    def _moved(self, article: str, layers: Iterable[Layer]) -> tuple[Layer, ...]:
        places = self._places[article]
        return tuple(replace(layer, place=places[layer.place]) for layer in layers)

"""The same rule by trying everything out, written apart from the rule it checks."""

from fractions import Fraction
from itertools import product

from models.rules import Rationing


def decided(article, lines):
    """Every tier and every total is tried: (price, total), cheapest price, then largest total."""
    best = None
    for tier in article.tiers:
        willing = [line for line in lines if line.highest_price_minor >= tier.price_minor]
        units = sum(layer.units for line in willing for layer in line.layers)
        tolerance = sum(layer.tolerance for line in willing for layer in line.layers)
        for total in range(1, units + tolerance + 1):
            if total % article.case_size:
                continue
            if article.maximum_units is not None and total > article.maximum_units:
                continue
            if total < tier.from_units or total < article.minimum_units:
                continue
            # Tolerance may complete one case; it may not order a case of its own.
            if total - units >= article.case_size:
                continue
            found = (-tier.price_minor, total)
            best = found if best is None else max(best, found)
    return None if best is None else (-best[0], best[1])


def shares(lines, total, rule):
    """(own units, units of the tolerance) per line, in order of place."""
    units = [sum(layer.units for layer in line.layers) for line in lines]
    if total <= sum(units):
        return [(own, 0) for own in _shared(lines, "units", total, rule)]
    extra = _shared(lines, "tolerance", total - sum(units), rule)
    return list(zip(units, extra, strict=True))


def _shared(lines, what, amount, rule):
    wanted = [sum(getattr(layer, what) for layer in line.layers) for line in lines]
    if not amount:
        return [0] * len(lines)
    if rule is Rationing.FIRST_COME:
        queue = [
            (layer.place, index)
            for index, line in enumerate(lines)
            for layer in line.layers
            for _ in range(getattr(layer, what))
        ]
        served = [index for _, index in sorted(queue)[:amount]]
        return [served.count(index) for index in range(len(lines))]
    exact = [Fraction(amount * want, sum(wanted)) for want in wanted]
    choices = product(*({share.__floor__(), share.__ceil__()} for share in exact))
    fitting = [choice for choice in choices if sum(choice) == amount]

    def unfairness(choice):
        return sum((part - share) ** 2 for part, share in zip(choice, exact, strict=True))

    least = min(map(unfairness, fitting))
    # Among the equally fair the one that favours the earlier places.
    return list(max(choice for choice in fitting if unfairness(choice) == least))


def worst_case(article, line):
    """All units and all tolerance, at the highest price or the dearest tier if that is less."""
    price = min(line.highest_price_minor, max(tier.price_minor for tier in article.tiers))
    return (line.units + line.tolerance) * (price + article.deposit_minor)

"""Sharing what there is: own units first, tolerances only with what is left over."""

from collections.abc import Sequence

from models.money import split_minor
from models.rules import Rationing
from services.clearing.terms import Layer

Layers = tuple[Layer, ...]


def ration(lines: Sequence[Layers], supply: int, rule: Rationing) -> list[Layers]:
    """Return the layers granted to each line, given in order of place.

    Up to the sum of all units, `supply` is shared over the units. Beyond it, everybody has
    theirs and the rest is shared over the tolerances, whose sum it may not pass.
    First come grants layer by layer in order of place. Pro rata gives each line its share
    rounded down, then one more to the largest remainders, the earlier place first among equals;
    inside a line the oldest layer is served first.
    """
    own = [[layer.units for layer in layers] for layers in lines]
    demand = sum(map(sum, own))
    if supply == demand:
        return [_granted(layers, own[index], None) for index, layers in enumerate(lines)]
    if supply < demand:
        shares = _shared(lines, own, supply, rule)
        return [_granted(layers, shares[index], None) for index, layers in enumerate(lines)]
    tolerances = [[layer.tolerance for layer in layers] for layers in lines]
    extra = _shared(lines, tolerances, supply - demand, rule)
    return [_granted(layers, own[index], extra[index]) for index, layers in enumerate(lines)]


def _shared(
    lines: Sequence[Layers], wanted: list[list[int]], amount: int, rule: Rationing
) -> list[list[int]]:
    if amount > sum(map(sum, wanted)):
        raise ValueError("More is given out than anybody wants.")
    if not amount:
        return [[0] * len(wants) for wants in wanted]
    if rule is Rationing.FIRST_COME:
        return _first_come(lines, wanted, amount)
    shares = split_minor(amount, [sum(wants) for wants in wanted])
    return [_oldest_first(wants, share) for wants, share in zip(wanted, shares, strict=True)]


def _first_come(lines: Sequence[Layers], wanted: list[list[int]], amount: int) -> list[list[int]]:
    queue = sorted(
        (layer.place, line, position)
        for line, layers in enumerate(lines)
        for position, layer in enumerate(layers)
    )
    shares = [[0] * len(wants) for wants in wanted]
    for _, line, position in queue:
        share = min(wanted[line][position], amount)
        shares[line][position] = share
        amount -= share
        if not amount:
            break
    return shares


def _oldest_first(wanted: list[int], amount: int) -> list[int]:
    shares = []
    for wants in wanted:
        share = min(wants, amount)
        shares.append(share)
        amount -= share
    return shares


def _granted(layers: Layers, own: list[int], extra: list[int] | None) -> Layers:
    granted = []
    for position, layer in enumerate(layers):
        units = own[position]
        tolerance = extra[position] if extra else 0
        if units == layer.units and tolerance == layer.tolerance:
            granted.append(layer)
        elif units or tolerance:
            granted.append(Layer(layer.place, units, tolerance))
    return tuple(granted)

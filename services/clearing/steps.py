"""The steps of a decision: the close, what was collected, what was delivered; all replayable."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from models.money import BASIS_POINTS
from services.clearing.collecting import reclear
from services.clearing.decisions import clear
from services.clearing.delivering import redistribute
from services.clearing.outcomes import Outcome
from services.clearing.terms import Line, Terms


class StepName(StrEnum):
    """At which step something was decided."""

    CLOSE = "close"
    COLLECTED = "collected"
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class Closed:
    """The close: everything is decided from the lines alone."""

    name = StepName.CLOSE


@dataclass(frozen=True, slots=True)
class Collected:
    """After failed charges: the outcome before, who has paid, and the bounds of `reclear`.

    `floor_basis_points` is the share of each threshold that has to be reached at this step.
    """

    earlier: Outcome
    paid: Collection[str]
    refill: bool = False
    no_more_than: Mapping[tuple[str, str], int] = field(default_factory=dict)
    floor_basis_points: int = BASIS_POINTS

    name = StepName.COLLECTED


@dataclass(frozen=True, slots=True)
class Delivered:
    """After the delivery: the outcome before, and the units that came of each kept article."""

    earlier: Outcome
    delivered: Mapping[str, int]

    name = StepName.DELIVERED


Step = Closed | Collected | Delivered


def decide(terms: Terms, lines: Collection[Line], step: Step) -> Outcome:
    """Decide a step by the function that belongs to it: `clear`, `reclear` or `redistribute`.

    Raises their ValueErrors.
    """
    match step:
        case Closed():
            return clear(terms, lines)
        case Collected():
            return reclear(
                replace(terms, floor_basis_points=step.floor_basis_points),
                lines,
                step.earlier,
                step.paid,
                refill=step.refill,
                no_more_than=step.no_more_than,
            )
        case Delivered():
            return redistribute(terms, step.earlier, step.delivered).outcome

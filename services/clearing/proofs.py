"""The proof of a decision: anonymised terms, lines and outcome, which anyone can replay."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from services.clearing.decisions import in_order
from services.clearing.outcomes import Outcome
from services.clearing.proof_reading import ProofInvalid, lines_from, terms_from
from services.clearing.proof_steps import step_from
from services.clearing.proof_writing import (
    written_lines,
    written_outcome,
    written_step,
    written_terms,
)
from services.clearing.steps import Closed, Step, decide
from services.clearing.terms import Line, Terms
from services.clearing.veiling import veiled

__all__ = ["FORMAT", "Difference", "ProofInvalid", "Verdict", "proof", "replay", "terms_hash"]

FORMAT = "allmende-proof/1"
ABSENT = object()
CLOSED = Closed()


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where a proof claims something else than the replay finds; None is absent."""

    where: str
    claimed: Any
    found: Any


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a proof agrees with its replay, and everywhere it does not."""

    differences: tuple[Difference, ...]

    @property
    def agrees(self) -> bool:
        """Say whether the replay found exactly what the proof claims."""
        return not self.differences


def proof(
    terms: Terms,
    lines: Iterable[Line],
    outcome: Outcome,
    *,
    step: Step = CLOSED,
    draw_key: Callable[[], str],
) -> dict[str, Any]:
    """Return the proof of `outcome`, which `decide` came to at `step`, ready to be JSON.

    It is told of `veiled` lines: what they are called comes from `draw_key`, which never gives
    the same twice, and no highest price enters. Lines stand in order of place, and so do those
    of an earlier outcome.
    """
    told = veiled(terms, lines, outcome, step, draw_key)
    return _written(terms, told.lines, told.outcome, told.step)


def _written(terms: Terms, lines: Sequence[Line], outcome: Outcome, step: Step) -> dict[str, Any]:
    return {
        "format": FORMAT,
        **written_step(step, lines),
        "terms": written_terms(terms),
        "terms_sha256": terms_hash(terms),
        "lines": written_lines(terms, lines),
        "outcome": written_outcome(outcome),
    }


def replay(document: object) -> Verdict:
    """Decide a proof again, by its terms, lines and step, and compare with what it claims.

    Raises ProofInvalid for anything that is no proof: wrong shapes, wrong numbers, terms, lines
    or an earlier outcome that contradict themselves or each other. A wrong outcome or hash is
    no error but a difference.
    """
    terms = terms_from(document, FORMAT)
    lines = lines_from(document, terms)
    try:
        ordered, _ = in_order(terms, lines)
    except ValueError as contradiction:
        raise ProofInvalid.contradiction("lines") from contradiction
    step = step_from(document, terms, ordered)
    try:
        outcome = decide(terms, ordered, step)
    except ValueError as contradiction:
        raise ProofInvalid.contradiction("given") from contradiction
    expected = _written(terms, ordered, outcome, step)
    # Nearly every proof agrees; comparing text first spares the walk through all its lines.
    if json.dumps(document, sort_keys=True) == json.dumps(expected, sort_keys=True):
        return Verdict(())
    return Verdict(tuple(_differences("", document, expected)))


def terms_hash(terms: Terms) -> str:
    """Return the SHA-256 of the terms as canonical JSON: sorted keys, no spaces, UTF-8."""
    canonical = json.dumps(
        written_terms(terms), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return hashlib.sha256(canonical.encode()).hexdigest()


def _differences(where: str, claimed: Any, found: Any) -> Iterator[Difference]:
    # True equals 1 in Python, but not in a proof.
    if type(claimed) is not type(found):
        yield Difference(
            where,
            None if claimed is ABSENT else claimed,
            None if found is ABSENT else found,
        )
    elif isinstance(found, dict):
        for key in [*found, *(key for key in claimed if key not in found)]:
            inner = f"{where}.{key}" if where else str(key)
            yield from _differences(inner, claimed.get(key, ABSENT), found.get(key, ABSENT))
    elif isinstance(found, list):
        pairs = zip_longest(claimed, found, fillvalue=ABSENT)
        for index, (one, other) in enumerate(pairs):
            yield from _differences(f"{where}[{index}]", one, other)
    elif claimed != found:
        yield Difference(where, claimed, found)

"""The proof of a decision: anonymised terms, lines and outcome, which anyone can replay."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
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
    keys: Mapping[str, str],
    step: Step = CLOSED,
) -> dict[str, Any]:
    """Return the proof of `outcome`, which `decide` came to at `step`, ready to be JSON.

    `keys` gives each commitment the pseudonym that stands for it everywhere in the proof, for
    instance a salted hash; two commitments may not share one (ValueError). A highest price
    never enters: only the dearest tier price within it does, which decides the same. Lines
    stand in order of place, and so do those of an earlier outcome.
    """
    ordered, _ = in_order(terms, lines)
    if len({keys[line.commitment] for line in ordered}) != len(
        {line.commitment for line in ordered}
    ):
        raise ValueError("Each commitment has a key of its own.")
    return {
        "format": FORMAT,
        **written_step(step, ordered, keys),
        "terms": written_terms(terms),
        "terms_sha256": terms_hash(terms),
        "lines": written_lines(terms, ordered, keys),
        "outcome": written_outcome(outcome, keys),
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
    keys = {line.commitment: line.commitment for line in lines}
    expected = proof(terms, lines, outcome, keys=keys, step=step)
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

"""The proof of a clearing: anonymised terms, lines and outcome, which anyone can replay."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from services.clearing.decisions import clear, in_order
from services.clearing.outcomes import Outcome
from services.clearing.proof_reading import ProofInvalid, lines_from, terms_from
from services.clearing.terms import ArticleTerms, Line, Terms

__all__ = ["FORMAT", "Difference", "ProofInvalid", "Verdict", "proof", "replay", "terms_hash"]

FORMAT = "allmende-proof/1"
ABSENT = object()


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
    terms: Terms, lines: Iterable[Line], outcome: Outcome, *, keys: Mapping[str, str]
) -> dict[str, Any]:
    """Return the proof of `outcome`, ready to be written as JSON.

    `keys` gives each commitment the pseudonym that stands for it, for instance a salted hash;
    two commitments may not share one (ValueError). A highest price never enters: only the
    dearest tier price within it does, which decides the same. Lines stand in order of place.
    """
    articles = terms.by_key()
    ordered, _ = in_order(terms, lines)
    if len({keys[line.commitment] for line in ordered}) != len(
        {line.commitment for line in ordered}
    ):
        raise ValueError("Each commitment has a key of its own.")
    return {
        "format": FORMAT,
        "terms": _terms(terms),
        "terms_sha256": terms_hash(terms),
        "lines": [
            {
                "line": keys[line.commitment],
                "article": line.article,
                "accepts_minor": _accepted(articles[line.article], line),
                "layers": [[layer.place, layer.units, layer.tolerance] for layer in line.layers],
            }
            for line in ordered
        ],
        "outcome": _outcome(outcome, keys),
    }


def replay(document: object) -> Verdict:
    """Clear the lines of a proof again by its terms and compare with what it claims.

    Raises ProofInvalid for anything that is no proof: wrong shapes, wrong numbers, terms or
    lines that contradict themselves. A wrong outcome or hash is no error but a difference.
    """
    terms = terms_from(document, FORMAT)
    lines = lines_from(document, terms)
    try:
        outcome = clear(terms, lines)
    except ValueError as contradiction:
        raise ProofInvalid.contradiction("lines") from contradiction
    keys = {line.commitment: line.commitment for line in lines}
    expected = proof(terms, lines, outcome, keys=keys)
    # Nearly every proof agrees; comparing text first spares the walk through all its lines.
    if json.dumps(document, sort_keys=True) == json.dumps(expected, sort_keys=True):
        return Verdict(())
    return Verdict(tuple(_differences("", document, expected)))


def terms_hash(terms: Terms) -> str:
    """Return the SHA-256 of the terms as canonical JSON: sorted keys, no spaces, UTF-8."""
    canonical = json.dumps(_terms(terms), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _terms(terms: Terms) -> dict[str, Any]:
    return {
        "rationing": terms.rationing.value,
        "smallest_order_minor": terms.smallest_order_minor,
        "floor_basis_points": terms.floor_basis_points,
        "articles": [
            {
                "key": article.key,
                "tiers": [[tier.from_units, tier.price_minor] for tier in article.tiers],
                "minimum_units": article.minimum_units,
                "maximum_units": article.maximum_units,
                "case_size": article.case_size,
                "vat_basis_points": article.vat_basis_points,
                "deposit_minor": article.deposit_minor,
            }
            for article in terms.articles
        ],
    }


def _accepted(article: ArticleTerms, line: Line) -> int:
    tier = article.dearest_tier_within(line.highest_price_minor)
    return article.tiers[tier].price_minor if tier < len(article.tiers) else 0


def _outcome(outcome: Outcome, keys: Mapping[str, str]) -> dict[str, Any]:
    return {
        "succeeded": outcome.succeeded,
        "failure": outcome.failure and outcome.failure.value,
        "net_minor": outcome.net_minor,
        "articles": [
            {
                "article": article.key,
                "tier": article.tier,
                "units": article.units,
                "price_minor": article.price_minor,
                "reason": article.reason and article.reason.value,
            }
            for article in outcome.articles
        ],
        "lines": [
            {
                "line": keys[line.commitment],
                "article": line.article,
                "own_units": line.own_units,
                "tolerance_units": line.tolerance_units,
                "price_minor": line.price_minor,
                "reason": line.reason and line.reason.value,
            }
            for line in outcome.lines
        ],
    }


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

"""Writing a proof: terms, lines, steps and outcomes in the shapes of JSON, without names."""

from collections.abc import Sequence
from typing import Any

from services.clearing.outcomes import Outcome
from services.clearing.steps import Closed, Collected, Step
from services.clearing.terms import Layer, Line, Terms


def written_terms(terms: Terms) -> dict[str, Any]:
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


def written_lines(terms: Terms, lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Write the lines, with the tier price each one accepts."""
    articles = terms.by_key()
    return [
        {
            "line": line.commitment,
            "article": line.article,
            "accepts_minor": articles[line.article].accepted_minor(line),
            "layers": _layers(line.layers),
        }
        for line in lines
    ]


def written_step(step: Step, lines: Sequence[Line]) -> dict[str, Any]:
    """Write at which step it was decided, and what was given besides the lines."""
    if isinstance(step, Closed):
        return {"step": step.name.value}
    given: dict[str, Any] = {"earlier": written_outcome(step.earlier)}
    if isinstance(step, Collected):
        paid = dict.fromkeys(line.commitment for line in lines if line.commitment in step.paid)
        given |= {
            "paid": list(paid),
            "refill": step.refill,
            "no_more_than": [
                {
                    "line": line.commitment,
                    "article": line.article,
                    "units": step.no_more_than[line.commitment, line.article],
                }
                for line in lines
                if (line.commitment, line.article) in step.no_more_than
            ],
            "floor_basis_points": step.floor_basis_points,
        }
    else:
        given["delivered"] = [
            {"article": article, "units": step.delivered[article]}
            for article in sorted(step.delivered)
        ]
    return {"step": step.name.value, "given": given}


def written_outcome(outcome: Outcome) -> dict[str, Any]:
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
                "line": line.commitment,
                "article": line.article,
                "own_units": line.own_units,
                "tolerance_units": line.tolerance_units,
                "layers": _layers(line.layers),
                "price_minor": line.price_minor,
                "reason": line.reason and line.reason.value,
            }
            for line in outcome.lines
        ],
    }


def _layers(layers: Sequence[Layer]) -> list[list[int]]:
    return [[layer.place, layer.units, layer.tolerance] for layer in layers]

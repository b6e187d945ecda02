"""Proofs, for programs: have a decision cleared again, and see that nothing else comes out."""

from typing import Any

from marshmallow import fields

from marketplace.api import Blueprint
from marketplace.buying.proofs import MOST_DIFFERENCES, count_replay
from marketplace.fields import Count
from marketplace.schemas import Schema
from models.errors import Invalid
from services import clearing
from services.clearing.proofs import ProofInvalid

replays = Blueprint(
    "proof_replays_api",
    __name__,
    path="/proof-replays",
    about="A proof is decided again by its terms, lines and step; nothing of it is kept.",
)
# Counted before the body is read: to parse many megabytes is work, even if they are broken.
replays.before_request(count_replay)


class ProofIn(Schema):
    proof = fields.Dict(
        required=True, metadata={"description": "The document of a proof, as it was downloaded."}
    )


class DifferenceFoundOut(Schema):
    """One place where a proof claims something else than its replay finds; null is absent."""

    where = fields.String(required=True)
    claimed = fields.Raw(required=True, allow_none=True)
    found = fields.Raw(required=True, allow_none=True)


class VerdictOut(Schema):
    agrees = fields.Boolean(required=True)
    differences_count = Count(required=True)
    differences = fields.List(
        fields.Nested(DifferenceFoundOut),
        required=True,
        metadata={"description": f"The first {MOST_DIFFERENCES} of them."},
    )


@replays.post("")
@replays.arguments(ProofIn)
@replays.response(200, VerdictOut)
def replay(given: dict[str, Any]) -> dict[str, Any]:
    """Clear a proof again; it needs no key, because nothing is made or moved."""
    try:
        verdict = clearing.replay(given["proof"])
    except ProofInvalid as refusal:
        raise Invalid(
            refusal.message, fields={"proof": refusal.message}, **refusal.facts
        ) from refusal
    return {
        "agrees": verdict.agrees,
        "differences_count": len(verdict.differences),
        "differences": verdict.differences[:MOST_DIFFERENCES],
    }


ENDPOINTS = (replays,)

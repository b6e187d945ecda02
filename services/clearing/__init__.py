"""Clearing: pure functions from terms and commitments to an outcome, without database or clock."""

from services.clearing.collecting import reclear
from services.clearing.costs import share_costs
from services.clearing.decisions import clear
from services.clearing.delivering import redistribute
from services.clearing.proofs import proof, replay
from services.clearing.standings import standing
from services.clearing.steps import Closed, Collected, Delivered, Step, decide

__all__ = [
    "Closed",
    "Collected",
    "Delivered",
    "Step",
    "clear",
    "decide",
    "proof",
    "reclear",
    "redistribute",
    "replay",
    "share_costs",
    "standing",
]

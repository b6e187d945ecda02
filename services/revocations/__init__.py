"""Revocations: a consumer withdraws from a contract, and the trader gives back what was paid."""

from services.revocations.declaring import Contract, contract_of, contracts_of, declare
from services.revocations.happened import ContractRevoked, RevocationSettled
from services.revocations.settling import Open, open_ones, refund

__all__ = [
    "Contract",
    "ContractRevoked",
    "Open",
    "RevocationSettled",
    "contract_of",
    "contracts_of",
    "declare",
    "open_ones",
    "refund",
]

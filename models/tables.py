"""Every table of the schema, imported in one place so that none is forgotten."""

from models import (
    buying,
    catalogues,
    chargebacks,
    circles,
    collaborations,
    dialogue,
    discovery,
    disputes,
    events,
    invoices,
    ledger,
    members,
    notices,
    operations,
    participants,
    payments,
    payouts,
    promises,
    reconciliation,
    revocations,
    series,
)
from models.base import Model

__all__ = [
    "buying",
    "catalogues",
    "chargebacks",
    "circles",
    "collaborations",
    "dialogue",
    "discovery",
    "disputes",
    "events",
    "invoices",
    "ledger",
    "members",
    "notices",
    "operations",
    "participants",
    "payments",
    "payouts",
    "promises",
    "reconciliation",
    "revocations",
    "series",
]

metadata = Model.metadata

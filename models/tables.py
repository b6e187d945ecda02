"""Every table of the schema, imported in one place so that none is forgotten."""

from models import (
    buying,
    catalogues,
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
    promises,
    revocations,
    series,
)
from models.base import Model

__all__ = [
    "buying",
    "catalogues",
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
    "promises",
    "revocations",
    "series",
]

metadata = Model.metadata

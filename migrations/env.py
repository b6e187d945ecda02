"""Alembic's environment: one transaction for each migration, on the connection it is given."""

from typing import Any

from alembic import context

from models.tables import metadata


def is_ours(_object: Any, name: str | None, kind: str, reflected: bool, _compared: Any) -> bool:
    """The queue's tables are made by its own statements; no migration is derived from them."""
    return not (kind == "table" and reflected and (name or "").startswith("procrastinate_"))


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    include_object=is_ours,
    transaction_per_migration=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()

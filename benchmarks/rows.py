"""Rows: models that were never saved, written table by table."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Table, insert, text
from sqlalchemy.orm import Session

from models.base import Model


def row_of(model: type[Model], made: Model) -> dict[str, Any]:
    """What was set of `made` that is kept in the table of `model`; the rest has defaults."""
    table = _table(model)
    return {
        column.name: vars(made)[attribute.key]
        for attribute in made.__mapper__.column_attrs
        for column in attribute.columns
        if column.table is table and attribute.key in vars(made)
    }


def write(session: Session, model: type[Model], rows: Sequence[dict[str, Any]]) -> None:
    table = _table(model)
    if not rows:
        return
    session.execute(insert(table), rows)
    if "id" in rows[0] and table.c.id.identity is not None:
        # Rows that bring their number leave the counter where it was.
        session.execute(
            text(
                "SELECT setval(pg_get_serial_sequence(:name, 'id'), "
                f"(SELECT max(id) FROM {table.name}))"
            ),
            {"name": table.name},
        )


def _table(model: type[Model]) -> Table:
    table = model.__mapper__.local_table
    assert isinstance(table, Table)
    return table
